import { expect, test } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { wallClock } from "../identity/identity-under-test.ts";
import { hashPassword } from "../identity/password.ts";
import { findProjectByName, listProjects } from "../identity/project.ts";
import { listRoleAssignments } from "../identity/role-assignment.ts";
import { findUserByApiKey, listUsers } from "../identity/user.ts";
import { uuid } from "../store-under-test.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const user = (number: number, name: string, account: string, role: string, hash: string): string =>
  `('${uuid(number)}', '${name}', '${account}', '${role}', '${hash}', 'key of ${name}', 'secret of ${name}')`;

const rows = async (): Promise<string> => {
  const hash = await hashPassword("old password", { N: 2, r: 1, p: 1 });
  const users = [user(1, "admin", "admin", "admin", hash), user(2, "eve", "b", "user", hash)];
  return `
    INSERT INTO users (id, name, account, role, password_hash, api_key, secret_key)
      VALUES ${[...users, user(3, "mallory", "b", "user", hash)].join()};
    INSERT INTO templates (id, name, display_text, account, format, hypervisor, kernel_url, initrd_url, command_line, created_at)
      VALUES ('${uuid(9)}', 't', 't', 'left', 'RAW', 'KVM', '', '', '', 1)`;
};

test("accounts of a store from before 0016 are projects, each once, also those that no user has", async () => {
  await using store = await storeFromBefore("0016", await rows());
  const projects = await listProjects(store.db);
  expect(projects.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["admin", true],
    ["b", true],
    ["left", true],
  ]);
  expect(new Set(projects.map(({ id }) => id)).size).toBe(3);
});

test("users of a store from before 0016 keep their ids, passwords and keys, and may do what they could", async () => {
  await using store = await storeFromBefore("0016", await rows());
  expect((await listUsers(store.db)).map(({ id, name, account, role }) => [id, name, account, role])).toEqual([
    [uuid(1), "admin", "admin", "admin"],
    [uuid(2), "eve", "b", "user"],
    [uuid(3), "mallory", "b", "user"],
  ]);
  const b = await findProjectByName(store.db, "b");
  expect(await listRoleAssignments(store.db, uuid(1))).toEqual([{ userId: uuid(1), projectId: null, role: "admin" }]);
  expect(await listRoleAssignments(store.db, uuid(2))).toEqual([{ userId: uuid(2), projectId: b?.id, role: "member" }]);
  expect(await findUserByApiKey(store.db, "key of eve")).toMatchObject({ id: uuid(2), secretKey: "secret of eve" });
  const { logIn } = createIdentity({ store, clock: wallClock() });
  const login = await logIn({ method: "password", user: { name: "eve" }, password: "old password" }, "192.0.2.1");
  expect(login?.principal).toMatchObject({ user: { id: uuid(2) }, project: { name: "b" }, isAdministrator: false });
});
