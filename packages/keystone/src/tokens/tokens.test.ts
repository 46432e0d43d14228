import { updateUser } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blue, fault, KeystoneUnderTest, users } from "../keystone-under-test.ts";

let keystone: KeystoneUnderTest;

beforeEach(async () => void (keystone = await KeystoneUnderTest.start()));
afterEach(() => keystone[Symbol.asyncDispose]());

const domain = { id: "default", name: "Default" };
const unauthorized = { status: 401, body: fault(401, "Unauthorized", /requires authentication/) };

test("a name and a password give a token for the user's own project, with all that Keystone says of one", async () => {
  const { status, body, headers } = await keystone.logIn({ name: "alice", password: "alice" });
  expect(status).toBe(201);
  expect(headers).toMatchObject({
    "x-subject-token": expect.stringMatching(/^[\da-f]{64}$/) as unknown,
    vary: "X-Auth-Token",
  });
  const role = (name: string): object => ({ id: name, name });
  expect(body).toEqual({
    token: {
      methods: ["password"],
      user: { id: users.alice, name: "alice", domain, password_expires_at: null },
      audit_ids: [expect.stringMatching(/^[\w-]{22}$/) as unknown],
      issued_at: "2026-01-01T00:00:00.000000Z",
      expires_at: "2026-01-01T01:00:00.000000Z",
      project: { id: blue, name: "blue", domain },
      is_domain: false,
      roles: [role("member"), role("reader")],
      catalog: [
        { id: "identity", type: "identity", name: "keystone", endpoints: expect.any(Array) as unknown },
        { id: "network", type: "network", name: "neutron", endpoints: expect.any(Array) as unknown },
      ],
    },
  });
});

test("the catalog leads to where the client has called", async () => {
  const { body } = await keystone.call("GET", "/auth/catalog", { as: "rita", headers: { host: "cloud.example.net" } });
  const urls = (body as { catalog: { endpoints: { url: string }[] }[] }).catalog.map(
    ({ endpoints }) => endpoints[0]?.url,
  );
  expect(urls).toEqual(["http://cloud.example.net/identity", "http://cloud.example.net/networking"]);
  await using alone = await KeystoneUnderTest.start(false);
  const { body: other } = await alone.call("GET", "/auth/catalog", { as: "rita" });
  expect((other as { catalog: unknown[] }).catalog).toHaveLength(1);
});

describe("a token can be had for", () => {
  test.each([
    ["a project by its id", { project: { id: blue } }, { project: { id: blue } }],
    ["a project by its name", { project: { name: "blue", domain: { id: "default" } } }, { project: { id: blue } }],
    ["the system", { system: { all: true } }, { system: { all: true } }],
  ])("%s", async (_, scope, token) => {
    expect(await keystone.logIn({ name: "admin", password: "admin" }, scope)).toMatchObject({
      status: 201,
      body: { token },
    });
  });

  test("nothing yet, and for something with that", async () => {
    const { headers, body } = await keystone.logIn({ name: "alice", password: "alice" }, "unscoped");
    expect(Object.keys((body as { token: object }).token)).not.toContain("roles");
    const shown = { methods: ["token"], token: { id: headers["x-subject-token"] } };
    const scoped = await keystone.show(shown, { project: { name: "blue", domain } });
    expect(scoped).toMatchObject({ status: 201, body: { token: { project: { id: blue } } } });
  });

  test.each([
    ["the system by who is nothing there", { system: { all: true } }],
    ["a project that there isn't", { project: { name: "green", domain } }],
    ["a project of another domain", { project: { name: "blue", domain: { name: "other" } } }],
  ])("not %s", async (_, scope) => {
    expect(await keystone.logIn({ name: "alice", password: "alice" }, scope)).toMatchObject(unauthorized);
  });
});

test.each([
  ["a wrong password", { name: "alice", password: "x" }],
  ["a name that isn't there", { name: "mallory", password: "x" }],
])("%s gives none, and it is said where to go", async (_, shown) => {
  const answer = await keystone.logIn(shown);
  expect(answer).toMatchObject(unauthorized);
  expect(answer.headers["www-authenticate"]).toBe('Keystone uri="http://localhost:80/identity/v3"');
});

test.each([
  ["no body", undefined, /^the body: /],
  ["no method", { auth: { identity: { methods: [] } } }, /methods/],
  ["a method that there isn't", { auth: { identity: { methods: ["totp"] } } }, /totp isn't done here/],
  ["a method without what it needs", { auth: { identity: { methods: ["token"] } } }, /auth.identity.token: is missing/],
  [
    "the scope of a domain",
    { auth: { identity: { methods: ["token"], token: { id: "x" } }, scope: { domain: { id: "default" } } } },
    /isn't done here/,
  ],
])("%s is refused", async (_, body, message) => {
  const answer = await keystone.call("POST", "/auth/tokens", body === undefined ? {} : { body });
  expect(answer).toMatchObject({ status: 400, body: fault(400, "Bad Request", message) });
});

test("guesses are limited, and it is said for how long", async () => {
  for (let guess = 0; guess < 10; guess += 1) await keystone.logIn({ name: "alice", password: `guess ${guess}` });
  const answer = await keystone.logIn({ name: "alice", password: "guess" });
  expect(answer).toMatchObject({ status: 429, body: fault(429, "Too Many Requests") });
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
});

describe("a service asks whose a token is:", () => {
  const ask = async (method: "GET" | "HEAD" | "DELETE", subject: string, as: "admin" | "alice" | "rita" = "admin") =>
    keystone.call(method, "/auth/tokens", { as, headers: { "x-subject-token": subject } });

  test("an administrator of any, everybody else of their own", async () => {
    const token = await keystone.tokenOf("alice");
    const answer = await ask("GET", token);
    expect(answer).toMatchObject({
      status: 200,
      headers: { "x-subject-token": token },
      body: { token: { user: { name: "alice" }, issued_at: "2026-01-01T00:00:00.000000Z", methods: ["password"] } },
    });
    expect(await ask("HEAD", token)).toMatchObject({ status: 200, body: "" });
    expect((await ask("GET", token, "alice")).status).toBe(200);
    expect(await ask("GET", token, "rita")).toMatchObject({ status: 403, body: fault(403, "Forbidden") });
  });

  test("the catalog is left out where it isn't wanted", async () => {
    const headers = { "x-subject-token": await keystone.tokenOf("alice") };
    const { body } = await keystone.call("GET", "/auth/tokens?nocatalog", { as: "admin", headers });
    expect(Object.keys((body as { token: object }).token)).not.toContain("catalog");
  });

  test("one that has expired, was revoked or never was is found no more", async () => {
    const token = await keystone.tokenOf("alice");
    await keystone.tokenOf("admin");
    expect((await ask("DELETE", token)).status).toBe(204);
    expect(await ask("GET", token)).toMatchObject({ status: 404, body: fault(404, "Not Found", /token/) });
    expect((await ask("GET", "never was")).status).toBe(404);
    const other = await keystone.logIn({ name: "rita", password: "rita" });
    keystone.now += 1_800_000;
    const { headers } = await keystone.logIn({ name: "admin", password: "admin" });
    keystone.now += 1_800_000;
    const late = {
      "x-auth-token": String(headers["x-subject-token"]),
      "x-subject-token": String(other.headers["x-subject-token"]),
    };
    expect((await keystone.call("GET", "/auth/tokens", { headers: late })).status).toBe(404);
  });

  test("many wrong ones don't lock the service out", async () => {
    for (let time = 0; time < 120; time += 1) await ask("GET", `wrong ${time}`);
    expect((await ask("GET", await keystone.tokenOf("alice"))).status).toBe(200);
  });

  test("one of a user who was disabled counts no more", async () => {
    const token = await keystone.tokenOf("alice");
    await keystone.store.transact((tx) => updateUser(tx, users.alice, { enabled: false }));
    expect((await ask("GET", token)).status).toBe(404);
  });
});
