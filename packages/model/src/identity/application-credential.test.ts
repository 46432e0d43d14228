import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { refusal, uuid } from "../store-under-test.ts";
import {
  type ApplicationCredentialWithSecret,
  createApplicationCredential,
  deleteApplicationCredential,
  listApplicationCredentials,
} from "./application-credential.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { cheap, projectA, storeOfEve, wallClock } from "./identity-under-test.ts";
import { hashPassword } from "./password.ts";
import type { WantedScope } from "./principal.ts";
import { createProject } from "./project.ts";
import { assignRole, unassignRole } from "./role-assignment.ts";
import { updateUser } from "./user.ts";

const here = "192.0.2.1";
const administrator = { userId: uuid(1), projectId: null, role: "admin" } as const;
/** The secrets of nobody are checked at their full cost. */
const slow = { timeout: 60_000 };

/** A store whose `eve` is an administrator with a credential, of id 50 and the secret `s`. */
async function storeWith(given: Partial<ApplicationCredentialWithSecret> = {}): Promise<Store> {
  const store = await storeOfEve("secret");
  const secretHash = await hashPassword("s", cheap);
  const limits = { projectId: null, roles: ["admin"], expiresAt: null } as const;
  const named = { id: uuid(50), userId: uuid(1), name: "backup", description: "" };
  await store.transact(async (tx) => {
    await assignRole(tx, administrator);
    await createApplicationCredential(tx, { ...named, ...limits, secretHash, ...given });
  });
  return store;
}

const shown = (secret = "s") => ({ method: "application_credential", credential: { id: uuid(50) }, secret }) as const;

async function granted(identity: Identity, wanted?: WantedScope) {
  const principal = (await identity.logIn(shown(), here, wanted))?.principal;
  return principal && [principal.scope, principal.project?.name, principal.roles, principal.isAdministrator];
}

test("an application credential proves its user, by its id or by its name and the user's", slow, async () => {
  await using store = await storeWith();
  const identity = createIdentity({ store, clock: wallClock() });
  const login = await identity.logIn(shown(), here);
  expect(login).toMatchObject({
    principal: { user: { name: "eve" }, credential: { name: "backup" }, isAdministrator: true },
    methods: ["application_credential"],
  });
  expect(JSON.stringify(login)).not.toContain("scrypt");
  const byName = { ...shown(), credential: { name: "backup", user: { name: "eve" } } };
  expect(await identity.logIn(byName, here)).toEqual(login);
  expect(await identity.logIn(shown("t"), here)).toBeUndefined();
  expect(await identity.logIn({ ...shown(), credential: { id: uuid(51) } }, here)).toBeUndefined();
});

test("a credential has the roles that it was given, as far as its user has them", async () => {
  await using store = await storeWith({ roles: ["member"] });
  const identity = createIdentity({ store, clock: wallClock() });
  expect(await granted(identity)).toEqual(["project", "a", ["member", "reader"], false]);
  expect(await granted(identity, "system")).toEqual(["system", undefined, ["member", "reader"], false]);
  await store.transact(async (tx) => {
    await unassignRole(tx, administrator);
    await assignRole(tx, { ...administrator, projectId: projectA.id, role: "reader" });
  });
  expect(await granted(identity)).toEqual(["project", "a", ["reader"], false]);
});

test("a credential of one project is good for nothing else, an administrator's too, and nor are its tokens", async () => {
  await using store = await storeWith({ projectId: projectA.id });
  const identity = createIdentity({ store, clock: wallClock() });
  expect(await granted(identity)).toEqual(["project", "a", ["admin", "member", "reader"], false]);
  expect(await granted(identity, "system")).toBeUndefined();
  const other = { id: uuid(101), name: "other", description: "", enabled: true };
  await store.transact((tx) => createProject(tx, other));
  expect(await granted(identity, { projectName: "other" })).toBeUndefined();
  const login = await identity.logIn(shown(), here);
  if (login === undefined) throw new TypeError("it should be let in");
  const { text } = await identity.issueToken(login);
  expect(await identity.logIn({ method: "token", token: text }, here)).toEqual({
    ...login,
    issuedAt: 0,
    expiresAt: 3_600_000,
  });
  expect(await identity.logIn({ method: "token", token: text }, here, "system")).toBeUndefined();
});

test("a credential ends at its time, and its tokens no later", slow, async () => {
  await using store = await storeWith({ expiresAt: 1_000 });
  const clock = wallClock();
  const identity = createIdentity({ store, clock });
  const login = await identity.logIn(shown(), here);
  if (login === undefined) throw new TypeError("it should be let in");
  expect((await identity.issueToken(login)).expiresAt).toBe(1_000);
  clock.advance(1_000);
  expect(await identity.logIn(shown(), here)).toBeUndefined();
});

test("a credential and its tokens end when it is deleted, and when its user is disabled", slow, async () => {
  for (const end of [
    (store: Store) => store.transact((tx) => deleteApplicationCredential(tx, uuid(50))),
    (store: Store) => store.transact((tx) => updateUser(tx, uuid(1), { enabled: false })),
  ]) {
    await using store = await storeWith();
    const identity = createIdentity({ store, clock: wallClock() });
    const login = await identity.logIn(shown(), here);
    if (login === undefined) throw new TypeError("it should be let in");
    const { text } = await identity.issueToken(login);
    await end(store);
    expect(await identity.logIn(shown(), here)).toBeUndefined();
    expect(await identity.logIn({ method: "token", token: text }, here)).toBeUndefined();
  }
});

test("guesses at a credential's secret are limited as those at a password", slow, async () => {
  await using store = await storeWith();
  const identity = createIdentity({ store, clock: wallClock() });
  for (let guess = 0; guess < 10; guess += 1)
    expect(await identity.logIn(shown(`guess ${guess}`), here)).toBeUndefined();
  expect((await refusal(identity.logIn(shown("guess"), here))).code).toBe("MODEL__TOO_MANY_ATTEMPTS");
});

test("a user has each name once among its credentials, and a hundred at most", async () => {
  await using store = await storeWith();
  const create = (nr: number, name: string) =>
    store.transact((tx) =>
      createApplicationCredential(tx, {
        ...{ id: uuid(nr), userId: uuid(1), name, description: "", projectId: null },
        ...{ roles: ["reader"], expiresAt: null, secretHash: "" },
      }),
    );
  expect(await refusal(create(99, "backup"))).toMatchObject({ code: "MODEL__ALREADY_EXISTS" });
  for (let nr = 1; nr < 100; nr += 1) await create(100 + nr, `credential ${nr}`);
  expect(await refusal(create(300, "one more"))).toMatchObject({
    code: "MODEL__TOO_MANY_CREDENTIALS",
    context: { limit: 100 },
  });
  expect(await listApplicationCredentials(store.db, uuid(1))).toHaveLength(100);
});
