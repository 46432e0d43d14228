import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { base, fault, NeutronUnderTest } from "./neutron-under-test.ts";

let neutron: NeutronUnderTest;

beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
afterEach(() => neutron[Symbol.asyncDispose]());

test("anybody hears which versions there are, at the address that it has called", async () => {
  for (const url of ["/networking", "/networking/"]) {
    const answer = await neutron.app.inject({ url, headers: { host: "cloud.example.net" } });
    const links = [{ rel: "self", href: "http://cloud.example.net/networking/v2.0/" }];
    expect(answer.json()).toEqual({ versions: [{ id: "v2.0", status: "CURRENT", links }] });
  }
});

test("v2.0 says which collections it has, and each is there", async () => {
  const { resources } = (await neutron.call("GET", "/")).body as { resources: { collection: string }[] };
  for (const { collection } of resources)
    expect((await neutron.call("GET", `/${collection}`)).body).toHaveProperty(collection.replaceAll("-", "_"));
});

test("extensions are listed, and told one by one", async () => {
  const { extensions } = (await neutron.call("GET", "/extensions")).body as { extensions: { alias: string }[] };
  expect(extensions.map(({ alias }) => alias)).toContain("port-security");
  expect((await neutron.call("GET", "/extensions/provider")).body).toMatchObject({ extension: { alias: "provider" } });
  expect(await neutron.call("GET", "/extensions/router")).toMatchObject({ status: 404 });
});

test("without a token nobody is anybody", async () => {
  const answer = await neutron.call("GET", "/networks", undefined, { as: "nobody" });
  expect(answer).toMatchObject({
    status: 401,
    body: { error: { code: 401, title: "Unauthorized" } },
    headers: { "www-authenticate": expect.stringContaining("Basic") as unknown },
  });
});

test("what isn't here is not found", async () => {
  expect(await neutron.call("GET", "/routers")).toMatchObject({ status: 404, body: fault("HTTPNotFound") });
  expect(await neutron.call("GET", "/networks/a name")).toMatchObject({ status: 404, body: fault("NetworkNotFound") });
});

test.each([
  ["nothing", undefined, /Resource body required/],
  ["a list", [], /not a JSON object/],
  ["something else", { port: {} }, /Unable to find 'network' in request body/],
  ["an empty list", { networks: [] }, /Resources required/],
  ["too many", { networks: Array.from({ length: 1_001 }, () => ({})) }, /1000 networks at most/],
  ["no object", { network: 1 }, /not a JSON object/],
  ["an attribute that there isn't", { network: { nome: "a" } }, /Unrecognized attribute\(s\) 'nome'/],
  ["an attribute that is ours to say", { network: { status: "UP" } }, /Attribute 'status' not allowed in POST/],
  ["an attribute of another type", { network: { name: 1 } }, /^Invalid input for name\. Reason: /],
  ["a name with a line end", { network: { name: "a\nb" } }, /^Invalid input for name\. Reason: /],
  ["an inherited name", { network: { toString: 1 } }, /Unrecognized attribute/],
])("a body of %s is refused, and changes nothing", async (_, body, message) => {
  const before = await neutron.dump();
  const answer = await neutron.call("POST", "/networks", body);
  expect(answer).toMatchObject({ status: 400, body: fault("HTTPBadRequest", message) });
  expect(await neutron.dump()).toEqual(before);
});

test("what isn't JSON is refused", async () => {
  const headers = { "x-auth-token": "admin", "content-type": "application/json" };
  const answer = await neutron.app.inject({ method: "POST", url: `${base}/networks`, headers, payload: "{" });
  expect([answer.statusCode, answer.json()]).toEqual([400, fault("HTTPBadRequest")]);
});

test("what fails inside is told without its inside, and logged", async () => {
  await neutron.store[Symbol.asyncDispose]();
  const answer = await neutron.call("POST", "/networks", { network: {} });
  expect(answer).toMatchObject({ status: 500, body: fault("NeutronException") });
  expect(neutron.errors).toHaveLength(1);
});

describe("a change that is held to a revision", () => {
  let id: string;
  const put = async (condition: string): Promise<unknown> =>
    neutron.call("PUT", `/networks/${id}`, { network: { name: "b" } }, { headers: { "if-match": condition } });

  beforeEach(async () => void ({ id } = await neutron.make("network", { name: "a" })));

  test("is made when that is the last", async () => {
    expect(await put("revision_number=1")).toMatchObject({ status: 200, body: { network: { revision_number: 2 } } });
  });

  test("is not made when there is another", async () => {
    const before = await neutron.dump();
    expect(await put("revision_number=7")).toMatchObject({
      status: 412,
      body: fault("RevisionNumberConstraintFailed", /^Constrained to 7, but current revision is 1$/),
    });
    const headers = { "if-match": "revision_number=7" };
    expect((await neutron.call("DELETE", `/networks/${id}`, undefined, { headers })).status).toBe(412);
    expect(await neutron.dump()).toEqual(before);
  });

  test("is refused when it is held to anything else", async () => {
    expect(await put('"abc"')).toMatchObject({ status: 400, body: fault("HTTPBadRequest") });
  });
});
