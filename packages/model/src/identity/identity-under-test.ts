/** What the tests of identity share. */
import type { Clock } from "@loomstack/core";
import type { Store } from "../store.ts";
import { temporaryStore, uuid } from "../store-under-test.ts";
import { createIdentity } from "./identity.ts";
import { hashPassword } from "./password.ts";
import type { Principal, WantedScope } from "./principal.ts";
import { createProject, type Project } from "./project.ts";
import { assignRole } from "./role-assignment.ts";
import { createUser, type NewUser } from "./user.ts";

/** What a secret costs that a test checks. */
export const cheap = { N: 2, r: 1, p: 1 };

/** Time that stands still until it is turned. */
export function wallClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  return { now: () => now, after: () => ({ [Symbol.dispose]() {} }), advance: (ms) => void (now += ms) };
}

/** The project `a`, of id 100. */
export const projectA: Project = { id: uuid(100), name: "a", description: "", enabled: true };

/** The user of id 1, `eve`, of project `a`. */
export function eve(given: Partial<NewUser> = {}): NewUser {
  const secrets = { passwordHash: "", apiKey: "1", secretKey: "2" };
  return { id: uuid(1), name: "eve", projectId: projectA.id, ...secrets, ...given };
}

/** A store with `eve`, whose password costs little to check, and `adam`, an administrator. */
export async function storeOfEve(password: string): Promise<Store> {
  const store = await temporaryStore();
  const passwordHash = await hashPassword(password, cheap);
  await store.transact(async (tx) => {
    await createProject(tx, projectA);
    await createUser(tx, eve({ passwordHash }));
    const adam = eve({ id: uuid(98), name: "adam", apiKey: "adam's", secretKey: "" });
    await createUser(tx, adam);
    await assignRole(tx, { userId: adam.id, projectId: null, role: "admin" });
  });
  return store;
}

/** Logs in with a name and a password. */
export function passwordLogin(store: Store, clock: Clock = wallClock()) {
  const { logIn } = createIdentity({ store, clock });
  return async (
    name: string,
    password: string,
    remoteAddress: string,
    wanted?: WantedScope,
  ): Promise<Principal | undefined> =>
    (await logIn({ method: "password", user: { name }, password }, remoteAddress, wanted))?.principal;
}
