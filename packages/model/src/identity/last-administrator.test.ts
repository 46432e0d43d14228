import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { dump, refusal, temporaryStore, uuid } from "../store-under-test.ts";
import { eve, projectA } from "./identity-under-test.ts";
import { createProject } from "./project.ts";
import { assignRole, unassignRole } from "./role-assignment.ts";
import { createUser, deleteUser, updateUser } from "./user.ts";

const administration = { projectId: null, role: "admin" } as const;
let store: Store;

beforeEach(async () => {
  store = await temporaryStore();
  await store.transact(async (tx) => {
    await createProject(tx, projectA);
    await createUser(tx, eve());
    await assignRole(tx, { userId: uuid(1), ...administration });
  });
});
afterEach(() => store[Symbol.asyncDispose]());

const ways = [
  ["disabled", async () => store.transact((tx) => updateUser(tx, uuid(1), { enabled: false }))],
  ["deleted", async () => store.transact((tx) => deleteUser(tx, uuid(1)))],
  ["made something less", async () => store.transact((tx) => unassignRole(tx, { userId: uuid(1), ...administration }))],
] as const;

test.each(ways)("the last administrator isn't %s", async (_, take) => {
  const before = await dump(store);
  expect(await refusal(take())).toMatchObject({ code: "MODEL__LAST_ADMINISTRATOR" });
  expect(await dump(store)).toEqual(before);
});

test.each(ways)("one that isn't the last is %s", async (_, take) => {
  await store.transact(async (tx) => {
    await createUser(tx, eve({ id: uuid(2), name: "adam", apiKey: "3", secretKey: "4" }));
    await assignRole(tx, { userId: uuid(2), ...administration });
  });
  await take();
});

test("one that is disabled is none", async () => {
  await store.transact(async (tx) => {
    await createUser(tx, eve({ id: uuid(2), name: "adam", apiKey: "3", secretKey: "4", enabled: false }));
    await assignRole(tx, { userId: uuid(2), ...administration });
  });
  const deleted = store.transact((tx) => deleteUser(tx, uuid(1)));
  expect(await refusal(deleted)).toMatchObject({ code: "MODEL__LAST_ADMINISTRATOR" });
});
