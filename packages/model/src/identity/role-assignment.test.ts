import { expect, test } from "vitest";
import { refusal, uuid } from "../store-under-test.ts";
import { projectA, storeOfEve } from "./identity-under-test.ts";
import { updateProject } from "./project.ts";
import { assignRole, listRoleAssignments, type RoleAssignment, unassignRole } from "./role-assignment.ts";
import { withImplied } from "./role.ts";
import { createUser, deleteUser, findUser } from "./user.ts";

const inProject: RoleAssignment = { userId: uuid(1), projectId: projectA.id, role: "admin" };
const inSystem: RoleAssignment = { ...inProject, projectId: null };

test("a role in a project is none in the system, and each is assigned once and taken away by itself", async () => {
  await using store = await storeOfEve("secret");
  const role = async () => (await findUser(store.db, uuid(1)))?.role;
  await store.transact((tx) => assignRole(tx, inProject));
  expect(await role()).toBe("user");
  for (let time = 0; time < 2; time += 1) await store.transact((tx) => assignRole(tx, inSystem));
  expect(await role()).toBe("admin");
  expect(await listRoleAssignments(store.db, uuid(1))).toEqual([inSystem, inProject]);
  await store.transact((tx) => unassignRole(tx, inProject));
  expect(await listRoleAssignments(store.db, uuid(1))).toEqual([inSystem]);
  expect(await refusal(store.transact((tx) => unassignRole(tx, inProject)))).toMatchObject({
    code: "MODEL__NOT_FOUND",
  });
});

test("what isn't there has no role, and is the project of nobody", async () => {
  await using store = await storeOfEve("secret");
  const assign = (given: Partial<RoleAssignment>) => store.transact((tx) => assignRole(tx, { ...inProject, ...given }));
  expect(await refusal(assign({ userId: uuid(9) }))).toMatchObject({ code: "MODEL__NOT_FOUND" });
  expect(await refusal(assign({ projectId: uuid(9) }))).toMatchObject({ code: "MODEL__NOT_FOUND" });
  const secrets = { passwordHash: "", apiKey: "7", secretKey: "" };
  const user = { id: uuid(7), name: "mallory", projectId: uuid(9), ...secrets };
  expect(await refusal(store.transact((tx) => createUser(tx, user)))).toMatchObject({ code: "MODEL__NOT_FOUND" });
  const update = store.transact((tx) => updateProject(tx, uuid(9), { enabled: false }));
  expect(await refusal(update)).toMatchObject({ code: "MODEL__NOT_FOUND" });
});

test("a user goes with its roles, and one of the same name afterwards has none of them", async () => {
  await using store = await storeOfEve("secret");
  await store.transact((tx) => assignRole(tx, inSystem));
  await store.transact((tx) => deleteUser(tx, uuid(1)));
  expect(await listRoleAssignments(store.db, uuid(1))).toEqual([]);
});

test("a role implies the weaker ones", () => {
  expect(withImplied(["reader", "admin"])).toEqual(["admin", "member", "reader"]);
  expect(withImplied(["member"])).toEqual(["member", "reader"]);
  expect(withImplied([])).toEqual([]);
});
