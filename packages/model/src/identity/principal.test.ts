import { expect, test } from "vitest";
import { uuid } from "../store-under-test.ts";
import type { Store } from "../store.ts";
import { passwordLogin, projectA, storeOfEve } from "./identity-under-test.ts";
import type { WantedScope } from "./principal.ts";
import { createProject, updateProject } from "./project.ts";
import { assignRole } from "./role-assignment.ts";
import type { Role } from "./role.ts";

const other = { id: uuid(101), name: "other", description: "", enabled: true };
const a = projectA.id;

async function storeWith(...assigned: (readonly [projectId: typeof a | null, role: Role])[]): Promise<Store> {
  const store = await storeOfEve("secret");
  await store.transact(async (tx) => {
    await createProject(tx, other);
    for (const [projectId, role] of assigned) await assignRole(tx, { userId: uuid(1), projectId, role });
  });
  return store;
}

async function granted(store: Store, wanted?: WantedScope) {
  const principal = await passwordLogin(store)("eve", "secret", "192.0.2.1", wanted);
  return principal && [principal.scope, principal.project?.name, principal.roles[0], principal.isAdministrator];
}

test("a member of a project acts for that one, which it need not say, and for no other", async () => {
  await using store = await storeWith([a, "member"]);
  const own = ["project", "a", "member", false];
  expect(await granted(store)).toEqual(own);
  expect(await granted(store, { projectId: a })).toEqual(own);
  expect(await granted(store, { projectName: "a" })).toEqual(own);
  expect(await granted(store, { projectId: other.id })).toBeUndefined();
  expect(await granted(store, { projectName: "nowhere" })).toBeUndefined();
  expect(await granted(store, "system")).toBeUndefined();
  expect(await granted(store, "none")).toEqual(["none", undefined, undefined, false]);
});

test("an administrator of the system is one in every project, and one of a project in that alone", async () => {
  await using store = await storeWith([null, "admin"]);
  expect(await granted(store)).toEqual(["project", "a", "admin", true]);
  expect(await granted(store, { projectName: "other" })).toEqual(["project", "other", "admin", true]);
  expect(await granted(store, "system")).toEqual(["system", undefined, "admin", true]);
  expect(await granted(store, "none")).toEqual(["none", undefined, undefined, false]);

  await using small = await storeWith([a, "admin"]);
  expect(await granted(small)).toEqual(["project", "a", "admin", false]);
  expect(await granted(small, "system")).toBeUndefined();
});

test("nobody acts for a disabled project; by default an administrator acts for the system then, and others for none", async () => {
  await using store = await storeWith([a, "admin"]);
  await store.transact((tx) => updateProject(tx, a, { enabled: false }));
  expect(await granted(store, { projectId: a })).toBeUndefined();
  expect(await granted(store)).toEqual(["none", undefined, undefined, false]);
  await store.transact((tx) => assignRole(tx, { userId: uuid(1), projectId: null, role: "admin" }));
  expect(await granted(store, { projectId: a })).toBeUndefined();
  expect(await granted(store)).toEqual(["system", undefined, "admin", true]);
});
