import { LoomstackError, parseUuid } from "@loomstack/core";
import { assignRole, createProject, createUser, createIdentity, hashPassword } from "@loomstack/model";
import { expect, test } from "vitest";
import { htmlText, reasonPhrase } from "./errors.ts";
import { basic, connections, neutron, odlUnderTest, uuid } from "./odl-under-test.ts";

const everyCall = [
  ["GET", `${neutron}/networks`],
  ["POST", `${neutron}/networks`],
  ["GET", `${neutron}/ports/${uuid(1)}`],
  ["PUT", `${neutron}/subnets/${uuid(1)}`],
  ["DELETE", `${neutron}/ports/${uuid(1)}`],
  ["GET", `${connections}/nodes`],
  ["PUT", `${connections}/node/OVS/1/address/10.9.0.1/port/6640`],
  ["DELETE", `${connections}/node/OVS/1`],
  ["GET", `${neutron}/nowhere`],
] as const;

test.each(everyCall)("%s %s is answered 401 without a valid credential, and changes nothing", async (method, url) => {
  await using odl = await odlUnderTest();
  const before = await odl.dump();
  for (const authorization of ["", "Basic !!!", "Bearer x", basic("admin", "wrong"), basic("nobody", "secret")]) {
    const answer = await odl.call(method, url, undefined, { authorization });
    expect(answer).toMatchObject({ status: 401, type: "text/html" });
    expect(answer.headers["www-authenticate"]).toBe('Basic realm="opendaylight"');
  }
  expect(await odl.dump()).toEqual(before);
});

test("who isn't an administrator may neither read nor write, and learns nothing of what there is", async () => {
  await using odl = await odlUnderTest();
  await odl.call("POST", `${neutron}/networks`, { network: { id: uuid(1), name: "of somebody else" } });
  const before = await odl.dump();
  const headers = { authorization: basic("eve", "secret") };
  for (const [method, url] of [...everyCall, ["GET", `${neutron}/networks/${uuid(1)}`] as const]) {
    const answer = await odl.call(method, url, undefined, headers);
    expect(answer).toMatchObject({ status: 403, body: `user eve may not call ${method} ${url}; ask an administrator` });
  }
  expect(await odl.dump()).toEqual(before);
});

test("the store's own users are let in, and whoever guesses is held up", async () => {
  await using odl = await odlUnderTest({ authenticate: (...given) => authenticate(...given) });
  const password = "right";
  const passwordHash = await hashPassword(password, { N: 2, r: 1, p: 1 });
  const id = parseUuid(uuid(1));
  await odl.store.transact(async (tx) => {
    await createProject(tx, { id, name: "admin", description: "", enabled: true });
    await createUser(tx, { id, name: "admin", projectId: id, passwordHash, apiKey: "1", secretKey: "2" });
    await assignRole(tx, { userId: id, projectId: null, role: "admin" });
  });
  const { authenticate } = createIdentity({ store: odl.store, clock: odl.clock });
  const call = (secret: string) =>
    odl.call("GET", `${neutron}/networks`, undefined, { authorization: basic("admin", secret) });
  expect((await call(password)).status).toBe(200);
  for (let guess = 0; guess < 10; guess += 1) expect((await call(`guess ${guess}`)).status).toBe(401);
  const held = await call("guess");
  expect([held.status, held.headers["retry-after"]]).toEqual([429, "6"]);
  expect((await call(password)).status).toBe(200);
});

test("a path that isn't there is answered 404 in words", async () => {
  await using odl = await odlUnderTest();
  const answer = await odl.call("GET", `${neutron}/routers`);
  expect(answer).toMatchObject({
    status: 404,
    type: "text/html",
    body: "there is no GET /controller/nb/v2/neutron/routers here",
  });
  expect((await odl.call("DELETE", `${neutron}/networks`)).status).toBe(404);
});

test.each([
  ["no JSON", "application/json", "{", 400],
  ["JSON with a prototype", "application/json", '{"__proto__":{"network":{}}}', 400],
  ["a type that isn't read", "text/xml", "<network/>", 415],
  ["more than is read", "application/json", `"${"x".repeat(2 ** 20)}"`, 413],
])("a body with %s is refused and changes nothing", async (_, type, payload, status) => {
  await using odl = await odlUnderTest();
  const before = await odl.dump();
  const headers = { authorization: basic("admin", "secret"), "content-type": type };
  const answer = await odl.app.inject({ method: "POST", url: `${neutron}/networks`, headers, payload });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([status, "text/html"]);
  expect(await odl.dump()).toEqual(before);
});

test("JSON is told with a character set of its own and errors as text/html alone, with the cause in both places", async () => {
  await using odl = await odlUnderTest();
  const answer = await odl.call("POST", `${neutron}/networks`, { network: { id: `<b>"${"ä".repeat(3)}` } });
  expect(answer.type).toBe("text/html");
  expect(answer.body).toBe("network.id: &#60;b&#62;&#34;&#228;&#228;&#228; is not a UUID");
  expect(answer.reason).toBe('network.id: <b>"??? is not a UUID');
});

test("an error that isn't the caller's is a 5xx, and a defect says nothing of itself", async () => {
  await using odl = await odlUnderTest({
    realised: {
      port: () => {
        throw new TypeError("secret detail");
      },
    },
  });
  await odl.call("POST", `${neutron}/networks`, { network: { id: uuid(1) } });
  const port = { id: uuid(2), network_id: uuid(1), mac_address: "02:00:00:00:00:01" };
  const answer = await odl.call("POST", `${neutron}/ports`, { port });
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain("secret");
  expect(odl.errors).toMatchObject([
    { method: "POST", url: `${neutron}/ports`, error: new TypeError("secret detail") },
  ]);
  expect(odl.errors).toMatchObject([
    { method: "POST", url: `${neutron}/ports`, error: new TypeError("secret detail") },
  ]);

  await using broken = await odlUnderTest({
    authenticate: () =>
      Promise.reject(new LoomstackError("MODEL__STORE_FAILED", { file: "f", reason: "the disk is full" })),
  });
  expect(await broken.call("GET", `${neutron}/networks`)).toMatchObject({
    status: 503,
    reason: "the store f failed: the disk is full",
  });
  expect(broken.errors).toHaveLength(1);
  expect(broken.errors).toHaveLength(1);
});

test("what is told of an error fits into what is read of it", () => {
  expect(htmlText("&".repeat(5_000))).toHaveLength(1_020);
  expect(htmlText("a".repeat(5_000))).toHaveLength(1_024);
  expect(htmlText("😀")).toBe("&#128512;");
  expect(reasonPhrase(`a\r\nb${"c".repeat(500)}`)).toBe(`a??b${"c".repeat(196)}`);
});
