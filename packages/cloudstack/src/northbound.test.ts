import { parseUuid, silentLogger, type Uuid } from "@loomstack/core";
import {
  assignRole,
  createProject,
  createUser,
  type Role,
  type Store,
  updateProject,
  updateUser,
  findUserByName,
} from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { answerOf, ApiUnderTest } from "./cloudstack-under-test.ts";
import { signatureOf } from "./protocol/signature.ts";

const zone = { name: "z1", networktype: "Advanced", dns1: "192.0.2.53", internaldns1: "192.0.2.53" };
const unverified = "unable to verify user credentials and/or request signature";

describe("a request", () => {
  test("may be a GET or a form, with its names in any case", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const sent = await api.send(
      "CREATEZONE",
      { Name: "z1", networkType: "Advanced", DNS1: "192.0.2.53", internalDns1: "192.0.2.53" },
      "POST",
    );
    expect(sent).toMatchObject({ status: 200, key: "createzoneresponse", body: { zone: { name: "z1" } } });
    expect((await api.send("listZones")).body).toMatchObject({ count: 1 });
  });

  test("without, or with a wrong, signature is answered 401", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    for (const query of [
      "",
      `&apiKey=${api.apiKey}`,
      `&apiKey=${api.apiKey}&signature=AAAA`,
      "&apiKey=x&signature=AAAA",
    ]) {
      const answer = answerOf(await api.app.inject({ url: `/client/api?command=listZones${query}` }));
      expect(answer).toMatchObject({
        status: 401,
        key: "listzonesresponse",
        body: { errorcode: 401, errortext: unverified },
      });
    }
  });

  test("that has expired, or should say when it does, is answered 401", async () => {
    const clock = new FakeClock();
    clock.turn(Date.parse("2026-01-01T12:00:00Z"));
    await using api = await ApiUnderTest.start(clock);
    const status = async (given: Record<string, string>): Promise<number> =>
      (await api.send("listZones", { signatureVersion: "3", ...given })).status;
    expect(await status({ expires: "2026-01-01T12:00:01+0000" })).toBe(200);
    expect(await status({ expires: "2026-01-01T17:30:01+0530" })).toBe(200);
    expect(await status({ expires: "2026-01-01T12:00:01Z" })).toBe(200);
    expect(await status({ expires: "2026-01-01T11:59:59+0000" })).toBe(401);
    expect(await status({ expires: "tomorrow" })).toBe(401);
    expect(await status({})).toBe(401);
  });

  test("for XML is refused in JSON", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect(await api.send("listZones", { response: "xml" })).toMatchObject({
      status: 430,
      body: { errortext: "response=xml isn't supported; ask for response=json" },
    });
  });

  test("for a command that doesn't exist is answered 432", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect(await api.send("rebootVirtualMachine")).toMatchObject({
      status: 432,
      key: "errorresponse",
      body: {
        uuidList: [],
        errorcode: 432,
        cserrorcode: 9999,
        errortext: expect.stringContaining("'rebootVirtualMachine' either does not exist") as string,
      },
    });
  });

  test("without a required parameter is answered as CloudStack does", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const answer = await api.send("createZone", { name: "z1" });
    expect(answer).toMatchObject({
      status: 431,
      body: { errortext: "Unable to execute API command createzone due to missing parameter networktype" },
    });
  });

  test("for an object that doesn't exist is answered with the words that clients look for", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    for (const id of ["00000000-0000-4000-8000-0000000000ff", "nonsense", "1"]) {
      const { status, body } = await api.send("listNetworks", { id });
      expect(status).toBe(431);
      expect(body["errortext"]).toContain(
        `Invalid parameter id value=${id} due to incorrect long value format, or entity does not exist`,
      );
    }
  });

  test("with a parameter of CloudStack that would change what is done, and isn't supported, is refused", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const answer = await api.send("deployVirtualMachine", { "iptonetworklist[0].ip": "10.1.1.5" });
    expect(answer).toMatchObject({
      status: 431,
      body: { errortext: expect.stringContaining("parameter iptonetworklist: it isn't supported") as string },
    });
  });

  test.each([
    ["of a type that isn't read", "application/json", '{"command":"listZones"}'],
    ["that is too long", "application/x-www-form-urlencoded", "x".repeat(2 ** 20 + 1)],
  ])("with a body %s is refused in the form that clients read", async (_, type, payload) => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const headers = { "content-type": type };
    const answer = answerOf(await api.app.inject({ method: "POST", url: "/client/api", headers, payload }));
    expect(answer).toMatchObject({
      status: 431,
      key: "errorresponse",
      body: { errorcode: 431, errortext: expect.stringContaining("the request can't be read") as string },
    });
  });

  test("that fails inside is answered without the words, which are in the log, and without the keys, which aren't", async () => {
    const log: object[] = [];
    const logger = { ...silentLogger, error: (fields: object) => void log.push(fields) };
    await using api = await ApiUnderTest.start(new FakeClock(), logger);
    await api.store[Symbol.asyncDispose]();
    const answer = await api.send("createZone", zone);
    expect(answer).toMatchObject({
      status: 530,
      body: { errortext: expect.stringContaining("server's log") as string },
    });
    expect(log).toMatchObject([{ command: "createZone", error: expect.any(Error) as Error }]);
    expect(JSON.stringify(log)).not.toContain(api.apiKey);
  });

  test.each([
    ["control characters", "createZone", { ...zone, name: "a\nb" }, "has control characters"],
    ["a name that is too long", "createZone", { ...zone, name: "x".repeat(256) }, "more than 255 characters"],
  ])("with %s is refused and changes nothing", async (_, command, given, reason) => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const answer = await api.send(command, given);
    expect(answer).toMatchObject({ status: 431, body: { errortext: expect.stringContaining(reason) as string } });
    expect((await api.send("listZones")).body).toEqual({});
  });

  test.each([
    [{ netmask: "255.0.255.0" }, "netmask=255.0.255.0"],
    [{ gateway: "10.9.0.255" }, "gateway=10.9.0.255"],
    [{ startip: "10.8.0.1" }, "startip=10.8.0.1"],
    [{ endip: "10.9.1.1" }, "endip=10.9.1.1"],
  ])("for a pod with %j, which makes no sense with the rest, is refused", async (wrong, named) => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const { id } = await api.ok("createZone", zone, "zone");
    const pod = { name: "p", zoneid: String(id), gateway: "10.9.0.254", netmask: "255.255.255.0", startip: "10.9.0.1" };
    const answer = await api.send("createPod", { ...pod, ...wrong });
    expect(answer).toMatchObject({ status: 431, body: { errortext: expect.stringContaining(named) as string } });
    expect((await api.send("createPod", pod)).status).toBe(200);
  });

  test.each([{ cpuspeed: 0 }, { memory: 2 ** 31 }])("for a service offering with %j is refused", async (wrong) => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const offering = { name: "o", displaytext: "o", cpunumber: 1, memory: 128 };
    expect((await api.send("createServiceOffering", { ...offering, ...wrong })).status).toBe(431);
  });

  test("may have parameters that nobody knows", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect((await api.send("createZone", { ...zone, localstorageenabled: "true", "tags[0].key": "a" })).status).toBe(
      200,
    );
  });
});

describe("a list", () => {
  test("that is empty has neither a count nor a key", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect((await api.send("listZones")).body).toEqual({});
  });

  test("comes in pages, and counts all", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    for (const name of ["a1", "a2", "a3", "b"]) await api.send("createZone", { ...zone, name });
    expect((await api.send("listZones", { page: 2, pagesize: 2, keyword: "A" })).body).toMatchObject({
      count: 3,
      zone: [{}],
    });
    expect((await api.send("listZones", { page: 9, pagesize: 2 })).body).toEqual({ count: 4, zone: [] });
    expect((await api.send("listZones", { page: 1 })).body["errortext"]).toContain("missing parameter pagesize");
    expect((await api.send("listZones", { page: 1, pagesize: 501 })).body["errortext"]).toContain("it is 1 to 500");
  });
});

describe("a session", () => {
  const login = async (api: ApiUnderTest, password: string) =>
    api.app.inject({
      method: "POST",
      url: "/client/api",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams({
        command: "login",
        username: "admin",
        password,
        domain: "/",
        response: "json",
      }).toString(),
    });
  const cookieOf = (response: Awaited<ReturnType<typeof login>>): string =>
    response.cookies.find(({ name }) => name === "JSESSIONID")?.value ?? "";

  test("begins with the password, and needs both its cookie and its key", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const response = await login(api, api.password);
    const { body } = answerOf(response);
    expect(body).toMatchObject({ username: "admin", account: "admin", type: "1", timeout: 1800 });
    const cookies = { JSESSIONID: cookieOf(response) };
    const key = encodeURIComponent(String(body["sessionkey"]));
    expect((await api.app.inject({ url: `/client/api?command=listZones&sessionkey=${key}`, cookies })).statusCode).toBe(
      200,
    );
    expect((await api.app.inject({ url: `/client/api?command=listZones&sessionkey=${key}` })).statusCode).toBe(401);
    expect((await api.app.inject({ url: "/client/api?command=listZones", cookies })).statusCode).toBe(401);
    await api.app.inject({ url: `/client/api?command=logout&sessionkey=${key}`, cookies });
    expect((await api.app.inject({ url: `/client/api?command=listZones&sessionkey=${key}`, cookies })).statusCode).toBe(
      401,
    );
  });

  test("ends when it isn't used", async () => {
    const clock = new FakeClock();
    await using api = await ApiUnderTest.start(clock);
    const response = await login(api, api.password);
    const key = encodeURIComponent(String(answerOf(response).body["sessionkey"]));
    const url = `/client/api?command=listZones&sessionkey=${key}`;
    const status = async (): Promise<number> =>
      (await api.app.inject({ url, cookies: { JSESSIONID: cookieOf(response) } })).statusCode;
    for (const _ of [1, 2, 3]) {
      clock.turn(1_000_000);
      expect(await status()).toBe(200);
    }
    clock.turn(1_800_000);
    expect(await status()).toBe(401);
  });

  test("ends with the password that it began with", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const response = await login(api, api.password);
    const key = encodeURIComponent(String(answerOf(response).body["sessionkey"]));
    const url = `/client/api?command=listZones&sessionkey=${key}`;
    const status = async (): Promise<number> =>
      (await api.app.inject({ url, cookies: { JSESSIONID: cookieOf(response) } })).statusCode;
    expect(await status()).toBe(200);
    const user = await findUserByName(api.store.db, "admin");
    if (user === undefined) throw new TypeError("there is an administrator");
    await api.store.transact((tx) => updateUser(tx, user.id, { passwordHash: "another" }));
    expect(await status()).toBe(401);
  });

  test("doesn't begin with a wrong password, nor with one in an address", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect(answerOf(await login(api, "wrong"))).toMatchObject({ status: 531, key: "loginresponse" });
    const inAddress = await api.app.inject({
      url: `/client/api?command=login&username=admin&password=${api.password}`,
    });
    expect(inAddress.statusCode).toBe(405);
  });
});

describe("listApis", () => {
  test("has every command, with what cloudmonkey needs of each", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    const { body } = await api.send("listApis", { listall: "true" });
    const apis = body["api"] as {
      name: string;
      description: string;
      isasync: boolean;
      params: object[];
      response: object[];
    }[];
    expect(body["count"]).toBe(apis.length);
    expect(apis.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "login",
        "listApis",
        "createNetwork",
        "deployVirtualMachine",
        "addOpenDaylightController",
      ]),
    );
    for (const one of apis) {
      expect(one).toMatchObject({ description: expect.any(String) as string, isasync: expect.any(Boolean) as boolean });
      for (const parameter of one.params)
        expect(parameter).toMatchObject({
          name: expect.any(String) as string,
          type: expect.any(String) as string,
          required: expect.any(Boolean) as boolean,
        });
      for (const field of one.response)
        expect(field).toMatchObject({ name: expect.any(String) as string, type: expect.any(String) as string });
    }
  });

  test("tells one command when asked for it", async () => {
    await using api = await ApiUnderTest.start(new FakeClock());
    expect((await api.send("listApis", { name: "createNetwork" })).body).toMatchObject({
      count: 1,
      api: [{ name: "createNetwork", isasync: false }],
    });
  });
});

/** The user `u` of a project of that name, who signs with the keys `k` and `s`. */
async function addUser(store: Store, role: Role = "member"): Promise<Uuid> {
  const id = parseUuid("00000000-0000-4000-8000-0000000000aa");
  const project = { id, name: "u", description: "", enabled: true };
  await store.transact(async (tx) => {
    await createProject(tx, project);
    await createUser(tx, { id, name: "u", projectId: id, passwordHash: "", apiKey: "k", secretKey: "s" });
    await assignRole(tx, { userId: id, projectId: id, role });
  });
  return id;
}

/** Sends as that user. */
function senderOf(api: ApiUnderTest, secretKey = "s") {
  return async (parameters: Record<string, string>) => {
    const signed = { apiKey: "k", response: "json", ...parameters };
    const signature = signatureOf(Object.entries(signed), secretKey);
    const query = new URLSearchParams({ ...signed, signature }).toString();
    return answerOf(await api.app.inject({ url: `/client/api?${query}` }));
  };
}

test("a user who is no administrator doesn't see the commands of administrators, nor what is others'", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  await addUser(api.store);
  const send = senderOf(api);
  expect(await send({ command: "createZone", ...zone })).toMatchObject({ status: 432 });
  expect(await send({ command: "listZones" })).toMatchObject({ status: 200 });
  const job = await api.send("createPhysicalNetwork", {
    zoneid: String((await api.ok("createZone", zone, "zone"))["id"]),
    name: "p",
    isolationmethods: "ODL",
  });
  expect(await send({ command: "queryAsyncJobResult", jobid: String(job.body["jobid"]) })).toMatchObject({
    status: 431,
  });
  expect(await send({ command: "listAccounts" })).toMatchObject({
    body: { count: 1, account: [{ name: "u", accounttype: 0, state: "enabled", user: [{ username: "u" }] }] },
  });
});

test("a user who is disabled is nobody at once, and shown as disabled", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  const id = await addUser(api.store);
  const send = senderOf(api);
  const status = async () => (await send({ command: "listZones" })).status;
  expect(await status()).toBe(200);
  await api.store.transact((tx) => updateUser(tx, id, { enabled: false }));
  expect(await status()).toBe(401);
  expect((await api.send("listUsers", { username: "u" })).body).toMatchObject({ user: [{ state: "disabled" }] });
});

test("a user of a disabled account is nobody, and a reader changes nothing", async () => {
  await using api = await ApiUnderTest.start(new FakeClock());
  const id = await addUser(api.store, "reader");
  const send = senderOf(api);
  expect(await send({ command: "listNetworks" })).toMatchObject({ status: 200 });
  expect(await send({ command: "createNetwork", name: "n" })).toMatchObject({ status: 432 });
  await api.store.transact((tx) => assignRole(tx, { userId: id, projectId: id, role: "member" }));
  expect(await send({ command: "createNetwork", name: "n" })).toMatchObject({ status: 431 });
  await api.store.transact((tx) => updateProject(tx, id, { enabled: false }));
  expect(await send({ command: "listNetworks" })).toMatchObject({ status: 401 });
});

test("who tries signatures is held up", async () => {
  const clock = new FakeClock();
  await using api = await ApiUnderTest.start(clock);
  const send = senderOf(api, "guess");
  for (let guess = 0; guess < 100; guess += 1) expect((await send({ command: "listZones" })).status).toBe(401);
  expect((await send({ command: "listZones" })).status).toBe(429);
  expect(await api.send("listZones")).toMatchObject({ status: 200 });
  clock.turn(100);
  expect((await send({ command: "listZones" })).status).toBe(401);
});
