import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { base, blue, fault, KeystoneUnderTest, users } from "./keystone-under-test.ts";

let keystone: KeystoneUnderTest;

beforeEach(async () => void (keystone = await KeystoneUnderTest.start()));
afterEach(() => keystone[Symbol.asyncDispose]());

test("anybody hears which versions there are, at the address that it has called", async () => {
  const versions = await keystone.app.inject({ url: "/identity", headers: { host: "cloud.example.net" } });
  const links = [{ rel: "self", href: "http://cloud.example.net/identity/v3/" }];
  expect(versions.statusCode).toBe(300);
  expect(versions.json()).toMatchObject({ versions: { values: [{ id: "v3.14", status: "stable", links }] } });
  for (const url of ["", "/"])
    expect(await keystone.call("GET", url)).toMatchObject({ status: 200, body: { version: { id: "v3.14" } } });
});

test("what isn't here is not found", async () => {
  for (const url of ["/groups", "/OS-TRUST/trusts", "/policies"])
    expect(await keystone.call("GET", url, { as: "admin" })).toMatchObject({
      status: 404,
      body: fault(404, "Not Found"),
    });
});

test("all but the version and the way to a token needs one", async () => {
  const isPublic = new Set([
    `GET ${base}`,
    `GET ${base}/`,
    `POST ${base}/auth/tokens`,
    "GET /identity",
    "GET /identity/",
  ]);
  for (const route of keystone.routes) {
    if (isPublic.has(route)) continue;
    const [method = "", url = ""] = route.split(" ");
    const answer = await keystone.call(method as "GET", url.replace(base, ""));
    expect([route, answer.status]).toEqual([route, 401]);
  }
});

describe("who is no administrator", () => {
  test.each([
    ["GET", "/projects"],
    ["POST", "/projects"],
    ["PATCH", `/projects/${blue}`],
    ["DELETE", `/projects/${blue}`],
    ["GET", "/users"],
    ["POST", "/users"],
    ["PATCH", `/users/${users.alice}`],
    ["DELETE", `/users/${users.alice}`],
    ["POST", `/users/${users.rita}/password`],
    ["GET", "/role_assignments"],
    ["GET", `/projects/${blue}/users/${users.alice}/roles`],
    ["PUT", `/projects/${blue}/users/${users.alice}/roles/admin`],
    ["DELETE", `/projects/${blue}/users/${users.alice}/roles/member`],
    ["PUT", `/system/users/${users.alice}/roles/admin`],
    ["GET", `/users/${users.rita}/application_credentials`],
  ] as const)("may not %s %s", async (method, url) => {
    await keystone.tokenOf("alice");
    const before = await keystone.dump();
    const password = { user: { password: "a", original_password: "b" } };
    const body = url.endsWith("/password") ? { body: password } : {};
    const answer = await keystone.call(method, url, { as: "alice", ...body });
    expect(answer).toMatchObject({ status: 403, body: fault(403, "Forbidden", /not authorized/) });
    expect(await keystone.dump()).toEqual(before);
  });
});

describe("docs/northbound/keystone.md", () => {
  const document = readFileSync(path.resolve(import.meta.dirname, "../../../docs/northbound/keystone.md"), "utf8");
  const rows = [...document.matchAll(/^\| ([A-Z]+) \| `([^`]+)` \| (yes|no)(?:[:,].+)? \|$/gm)].map(
    ([, method = "", url = "", here = ""]) => ({ method, url, isHere: here === "yes" }),
  );

  test("every line of its table is read", () => {
    const lines = document.split("\n").filter((line) => /^\| (GET|POST|PUT|DELETE|PATCH)/.test(line));
    expect(rows).toHaveLength(lines.length);
  });

  test("it names every route of the server, and no other as one that is here", () => {
    const told = rows.filter(({ isHere }) => isHere).map(({ method, url }) => `${method} ${base}${url}`);
    const served = [...keystone.routes]
      .filter((route) => route.includes(base))
      .map((route) => route.replaceAll(/:(\w+)/g, "{$1}").replace(/v3$/, "v3/"));
    expect(new Set(told)).toEqual(new Set(served));
  });

  test.each(rows.filter(({ isHere }) => !isHere))("$method $url is told as missing, and is not found", async (row) => {
    expect(await keystone.call(row.method as "GET", row.url, { as: "admin" })).toMatchObject({ status: 404 });
  });
});
