import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { administration, blue, fault, KeystoneUnderTest, users, uuid } from "../keystone-under-test.ts";

let keystone: KeystoneUnderTest;

beforeEach(async () => void (keystone = await KeystoneUnderTest.start()));
afterEach(() => keystone[Symbol.asyncDispose]());

/** The names in a list. */
async function names(url: string, as: "admin" | "alice" = "admin"): Promise<readonly unknown[]> {
  const { body } = await keystone.call("GET", url, { as });
  const [list] = Object.values(body as Record<string, readonly { readonly name: unknown }[]>);
  return (list ?? []).map(({ name }) => name);
}

describe("projects", () => {
  test("are made, changed, found and deleted by administrators", async () => {
    const project = { name: "green", description: null, domain_id: "default", options: {} };
    const made = await keystone.call("POST", "/projects", { as: "admin", body: { project } });
    const { id } = (made.body as { project: { id: string } }).project;
    const shown = { id, name: "green", description: "", enabled: true, domain_id: "default", is_domain: false };
    expect(made).toMatchObject({ status: 201, body: { project: shown } });
    const patch = { project: { description: "ours", enabled: false } };
    const changed = await keystone.call("PATCH", `/projects/${id}`, { as: "admin", body: patch });
    expect(changed).toMatchObject({ status: 200, body: { project: { ...shown, ...patch.project } } });
    expect(await names("/projects")).toEqual(["admin", "blue", "green"]);
    expect(await names("/projects?enabled=false")).toEqual(["green"]);
    expect(await names("/projects?name=blue&enabled")).toEqual(["blue"]);
    expect((await keystone.call("DELETE", `/projects/${id}`, { as: "admin" })).status).toBe(204);
    expect((await keystone.call("GET", `/projects/${id}`, { as: "admin" })).status).toBe(404);
  });

  test("are looked at by who is something there", async () => {
    expect((await keystone.call("GET", `/projects/${blue}`, { as: "rita" })).status).toBe(200);
    expect((await keystone.call("GET", `/projects/${administration}`, { as: "rita" })).status).toBe(403);
    expect(await names("/auth/projects", "alice")).toEqual(["blue"]);
    expect(await names("/auth/projects")).toEqual(["admin", "blue"]);
  });

  test.each([
    ["without a name", "POST", "/projects", {}, 400],
    ["with a name that is taken", "POST", "/projects", { name: "blue" }, 409],
    ["in another domain", "POST", "/projects", { name: "green", domain_id: "other" }, 400],
    ["in another project", "POST", "/projects", { name: "green", parent_id: blue }, 400],
    ["with what there isn't", "POST", "/projects", { name: "green", colour: "green" }, 400],
    ["by another name", "PATCH", `/projects/${blue}`, { name: "green" }, 400],
    ["that isn't there", "PATCH", `/projects/${uuid(9)}`, { enabled: false }, 404],
    ["that users are of", "DELETE", `/projects/${blue}`, undefined, 409],
  ] as const)("%s are refused, and nothing changes", async (_, method, url, project, status) => {
    await keystone.tokenOf("admin");
    const before = await keystone.dump();
    const body = project && { body: { project } };
    expect((await keystone.call(method, url, { as: "admin", ...body })).status).toBe(status);
    expect(await keystone.dump()).toEqual(before);
  });
});

describe("users", () => {
  const make = async (user: object) =>
    keystone.call("POST", "/users", { as: "admin", body: { user: { default_project_id: blue, ...user } } });

  test("are made, found, disabled and deleted by administrators", async () => {
    const made = await make({ name: "bob", password: "bob's secret", options: {} });
    const { id } = (made.body as { user: { id: string } }).user;
    expect(made).toMatchObject({
      status: 201,
      body: { user: { id, name: "bob", enabled: true, default_project_id: blue, domain_id: "default" } },
    });
    expect(JSON.stringify(made.body)).not.toContain("secret");
    expect(await names("/users?name=bob")).toEqual(["bob"]);
    await keystone.call("PUT", `/projects/${blue}/users/${id}/roles/member`, { as: "admin" });
    expect((await keystone.logIn({ name: "bob", password: "bob's secret" })).status).toBe(201);
    await keystone.call("PATCH", `/users/${id}`, { as: "admin", body: { user: { enabled: false } } });
    expect((await keystone.logIn({ name: "bob", password: "bob's secret" })).status).toBe(401);
    expect((await keystone.call("DELETE", `/users/${id}`, { as: "admin" })).status).toBe(204);
    expect((await keystone.call("GET", `/users/${id}`, { as: "admin" })).status).toBe(404);
  });

  test("change their own password, which ends their tokens, if they know it", async () => {
    const change = async (original: string) => {
      const body = { user: { password: "new", original_password: original } };
      return keystone.call("POST", `/users/${users.alice}/password`, { as: "alice", body });
    };
    expect((await change("wrong")).status).toBe(401);
    expect((await change("alice")).status).toBe(204);
    expect((await keystone.call("GET", `/users/${users.alice}`, { as: "alice" })).status).toBe(401);
    expect((await keystone.logIn({ name: "alice", password: "new" })).status).toBe(201);
  });

  test("see themselves, and nobody else", async () => {
    expect((await keystone.call("GET", `/users/${users.alice}`, { as: "alice" })).status).toBe(200);
    expect((await keystone.call("GET", `/users/${users.rita}`, { as: "alice" })).status).toBe(403);
    expect(await names(`/users/${users.alice}/projects`, "alice")).toEqual(["blue"]);
  });

  test.each([
    ["without a project", { name: "bob", password: "x", default_project_id: undefined }, 400],
    ["of a project that there isn't", { name: "bob", password: "x", default_project_id: uuid(9) }, 404],
    ["without a password", { name: "bob" }, 400],
    ["by a name that is taken", { name: "alice", password: "x" }, 409],
    ["with what isn't kept", { name: "bob", password: "x", email: "bob@example.net" }, 400],
  ])("%s are refused, and nothing changes", async (_, user, status) => {
    await keystone.tokenOf("admin");
    const before = await keystone.dump();
    expect((await make(user)).status).toBe(status);
    expect(await keystone.dump()).toEqual(before);
  });

  test("the last administrator stays one", async () => {
    const url = `/users/${users.admin}`;
    const refused = { status: 403, body: fault(403, "Forbidden", /last administrator/) };
    const body = { user: { enabled: false } };
    expect(await keystone.call("PATCH", url, { as: "admin", body })).toMatchObject(refused);
    expect(await keystone.call("DELETE", url, { as: "admin" })).toMatchObject(refused);
    const role = `/system/users/${users.admin}/roles/admin`;
    expect(await keystone.call("DELETE", role, { as: "admin" })).toMatchObject(refused);
  });
});

describe("roles", () => {
  test("are three", async () => {
    expect(await names("/roles", "alice")).toEqual(["admin", "member", "reader"]);
    expect(await names("/roles?name=member", "alice")).toEqual(["member"]);
    expect((await keystone.call("GET", "/roles/owner", { as: "alice" })).status).toBe(404);
  });

  test.each([
    ["in a project", `/projects/${blue}/users/${users.rita}/roles`],
    ["in the system", `/system/users/${users.rita}/roles`],
  ])("are given and taken away %s", async (_, url) => {
    const there = async (method: "GET" | "HEAD" | "PUT" | "DELETE"): Promise<number> =>
      (await keystone.call(method, `${url}/admin`, { as: "admin" })).status;
    expect(await there("HEAD")).toBe(404);
    expect([await there("PUT"), await there("PUT"), await there("HEAD"), await there("GET")]).toEqual([
      204, 204, 204, 204,
    ]);
    expect(await names(url)).toContain("admin");
    expect([await there("DELETE"), await there("DELETE")]).toEqual([204, 404]);
  });

  test("who is what is listed, by name where that is wanted", async () => {
    const list = async (query: string): Promise<unknown> =>
      ((await keystone.call("GET", `/role_assignments${query}`, { as: "admin" })).body as { role_assignments: unknown })
        .role_assignments;
    expect(await list("?scope.system=all")).toMatchObject([{ role: { id: "admin" }, user: { id: users.admin } }]);
    expect(await list(`?user.id=${users.alice}&include_names`)).toMatchObject([
      { role: { name: "member" }, user: { name: "alice" }, scope: { project: { name: "blue" } } },
    ]);
    expect(await list(`?user.id=${users.alice}&effective`)).toHaveLength(2);
    expect(await list(`?scope.project.id=${blue}&role.id=reader`)).toMatchObject([{ user: { id: users.rita } }]);
    const unknown = await keystone.call("GET", "/role_assignments?group.id=x", { as: "admin" });
    expect(unknown).toMatchObject({ status: 400, body: fault(400, "Bad Request", /group\.id/) });
  });
});

describe("application credentials", () => {
  const url = `/users/${users.alice}/application_credentials`;
  const make = async (credential: object, as: "alice" | "admin" = "alice") =>
    keystone.call("POST", url, { as, body: { application_credential: credential } });
  interface Made {
    readonly application_credential: { readonly id: string; readonly secret: string };
  }

  test("are made by a user for itself, shown without their secret from then on, and good for a token", async () => {
    const made = await make({ name: "backup", roles: [{ name: "reader" }], expires_at: "2026-01-01T00:30:00" });
    expect(made).toMatchObject({
      status: 201,
      body: {
        application_credential: { name: "backup", project_id: blue, roles: [{ name: "reader" }], unrestricted: false },
      },
    });
    const { id, secret } = (made.body as Made).application_credential;
    const { body } = await keystone.call("GET", `${url}/${id}`, { as: "alice" });
    expect(body).toMatchObject({ application_credential: { expires_at: "2026-01-01T00:30:00.000000" } });
    expect(JSON.stringify(body)).not.toContain(secret);
    const shown = { methods: ["application_credential"], application_credential: { id, secret } };
    expect(await keystone.show(shown)).toMatchObject({
      status: 201,
      body: {
        token: {
          ...{ roles: [{ name: "reader" }], project: { id: blue }, expires_at: "2026-01-01T00:30:00.000000Z" },
          application_credential: { id, name: "backup", restricted: true },
        },
      },
    });
    const byName = { name: "backup", user: { name: "alice", domain: { id: "default" } }, secret };
    expect((await keystone.show({ methods: ["application_credential"], application_credential: byName })).status).toBe(
      201,
    );
    expect((await keystone.call("DELETE", `${url}/${id}`, { as: "alice" })).status).toBe(204);
    expect((await keystone.show(shown)).status).toBe(401);
  });

  test("make no others", async () => {
    const { id, secret } = ((await make({ name: "backup" })).body as Made).application_credential;
    const shown = { methods: ["application_credential"], application_credential: { id, secret } };
    const token = String((await keystone.show(shown)).headers["x-subject-token"]);
    const body = { application_credential: { name: "other" } };
    const answer = await keystone.call("POST", url, { body, headers: { "x-auth-token": token } });
    expect(answer.status).toBe(403);
    expect((await keystone.call("DELETE", `${url}/${id}`, { headers: { "x-auth-token": token } })).status).toBe(403);
  });

  test.each([
    ["with more than one is", { name: "x", roles: [{ name: "admin" }] }, 400],
    ["that could make others", { name: "x", unrestricted: true }, 400],
    ["with rules that nobody would hold", { name: "x", access_rules: [{ path: "/" }] }, 400],
    ["until some other day", { name: "x", expires_at: "tomorrow" }, 400],
    ["with a secret that is guessed", { name: "x", secret: "secret" }, 400],
    ["without a name", {}, 400],
  ])("%s are refused", async (_, credential, status) => {
    await keystone.tokenOf("alice");
    const before = await keystone.dump();
    expect((await make(credential)).status).toBe(status);
    expect(await keystone.dump()).toEqual(before);
  });

  test("aren't made for others, an administrator's too", async () => {
    expect((await make({ name: "x" }, "admin")).status).toBe(403);
  });
});

test("there is one domain, one region, and the services of the catalog with their endpoints", async () => {
  expect(await names("/domains", "alice")).toEqual(["Default"]);
  expect(await names("/services", "alice")).toEqual(["keystone", "neutron"]);
  expect((await keystone.call("GET", "/regions/RegionOne", { as: "alice" })).status).toBe(200);
  const { body } = await keystone.call("GET", "/endpoints?interface=public&service_id=network", { as: "alice" });
  expect(body).toMatchObject({ endpoints: [{ url: "http://localhost:80/networking", enabled: true }] });
  expect((await keystone.call("GET", "/domains/other", { as: "alice" })).status).toBe(404);
});

test("the system is for who is something there", async () => {
  expect((await keystone.call("GET", "/auth/system", { as: "admin" })).body).toMatchObject({ system: [{ all: true }] });
  expect((await keystone.call("GET", "/auth/system", { as: "alice" })).body).toMatchObject({ system: [] });
});
