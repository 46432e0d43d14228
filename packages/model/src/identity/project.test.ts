import { afterEach, beforeEach, expect, test } from "vitest";
import { createNetwork } from "../network.ts";
import type { Store } from "../store.ts";
import { dump, newNetwork, refusal, temporaryStore, uuid } from "../store-under-test.ts";
import { eve, projectA } from "./identity-under-test.ts";
import { createProject, deleteProject, findProject } from "./project.ts";
import { assignRole } from "./role-assignment.ts";
import { createUser } from "./user.ts";

let store: Store;

beforeEach(async () => {
  store = await temporaryStore();
  await store.transact((tx) => createProject(tx, projectA));
});
afterEach(() => store[Symbol.asyncDispose]());

test("a project to which nothing belongs is removed, and with it what users are in it", async () => {
  const other = { ...projectA, id: uuid(101), name: "b" };
  await store.transact(async (tx) => {
    await createProject(tx, other);
    await createUser(tx, eve());
    await assignRole(tx, { userId: uuid(1), projectId: other.id, role: "member" });
  });
  await store.transact((tx) => deleteProject(tx, other.id));
  expect(await findProject(store.db, other.id)).toBeUndefined();
  expect((await dump(store))["role_assignments"]).toEqual([]);
});

test("a project stays while something belongs to it, which is named", async () => {
  await store.transact((tx) => createNetwork(tx, newNetwork(7, { tenantId: projectA.id })));
  const before = await dump(store);
  const removed = store.transact((tx) => deleteProject(tx, projectA.id));
  expect(await refusal(removed)).toMatchObject({ code: "MODEL__IN_USE", context: { user: `network ${uuid(7)}` } });
  expect(await dump(store)).toEqual(before);
});

test("one that isn't there can't be removed", async () => {
  const removed = store.transact((tx) => deleteProject(tx, uuid(9)));
  expect(await refusal(removed)).toMatchObject({ code: "MODEL__NOT_FOUND" });
});
