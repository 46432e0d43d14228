import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { dump, refusal, uuid } from "../store-under-test.ts";
import { createIdentity, type Identity, type Login } from "./identity.ts";
import { eve, projectA, storeOfEve, wallClock } from "./identity-under-test.ts";
import { updateProject } from "./project.ts";
import { assignRole, unassignRole } from "./role-assignment.ts";
import { tokensOfOneUser } from "./token.ts";
import { createUser, deleteUser, updateUser } from "./user.ts";

const here = "192.0.2.1";
const membership = { userId: uuid(1), projectId: projectA.id, role: "member" } as const;

async function storeOfMember(): Promise<Store> {
  const store = await storeOfEve("secret");
  await store.transact((tx) => assignRole(tx, membership));
  return store;
}

async function logIn(identity: Identity): Promise<Login> {
  const login = await identity.logIn({ method: "password", user: { name: "eve" }, password: "secret" }, here);
  if (login === undefined) throw new TypeError("eve should be let in");
  return login;
}

/** Whether a token proves anybody. */
async function proves(identity: Identity, text: string): Promise<boolean> {
  return (await identity.logIn({ method: "token", token: text }, here)) !== undefined;
}

test("a token proves the principal that it was issued to, in either header, and is nowhere in the store", async () => {
  await using store = await storeOfMember();
  const identity = createIdentity({ store, clock: wallClock() });
  const login = await logIn(identity);
  const { text } = await identity.issueToken(login);
  expect(text).toMatch(/^[\da-f]{64}$/);
  expect(await identity.authenticate({ "x-auth-token": text }, here)).toEqual(login.principal);
  expect(await identity.authenticate({ authorization: `Bearer ${text}` }, here)).toEqual(login.principal);
  expect(JSON.stringify(await dump(store))).not.toContain(text);
  expect((await refusal(identity.authenticate({ "x-auth-token": `${text}x` }, here))).code).toBe(
    "NORTHBOUND__UNAUTHORIZED",
  );
});

test("a token ends after its time or when it is revoked, and one for a token no later than that", async () => {
  await using store = await storeOfMember();
  const clock = wallClock();
  const identity = createIdentity({ store, clock, tokenLifetimeMs: 1_000 });
  const first = await identity.issueToken(await logIn(identity));
  const revoked = await identity.issueToken(await logIn(identity));
  await identity.revokeToken(revoked.text);
  expect(await proves(identity, revoked.text)).toBe(false);

  clock.advance(600);
  const login = await identity.logIn({ method: "token", token: first.text }, here, { projectId: projectA.id });
  const second = await identity.issueToken(login ?? (await logIn(identity)));
  expect([second.expiresAt, second.methods]).toEqual([first.expiresAt, ["password"]]);
  clock.advance(399);
  expect([await proves(identity, first.text), await proves(identity, second.text)]).toEqual([true, true]);
  clock.advance(1);
  expect([await proves(identity, first.text), await proves(identity, second.text)]).toEqual([false, false]);
  await identity.issueToken(await logIn(identity));
  expect(await store.db.selectFrom("tokens").select("hash").execute()).toHaveLength(1);
});

test.each([
  ["its user is disabled", (store: Store) => store.transact((tx) => updateUser(tx, uuid(1), { enabled: false }))],
  ["its password changes", (store: Store) => store.transact((tx) => updateUser(tx, uuid(1), { passwordHash: "x" }))],
  ["its user loses the role", (store: Store) => store.transact((tx) => unassignRole(tx, membership))],
  [
    "its project is disabled",
    (store: Store) => store.transact((tx) => updateProject(tx, projectA.id, { enabled: false })),
  ],
  [
    "another user has got the name",
    (store: Store) =>
      store.transact(async (tx) => {
        await deleteUser(tx, uuid(1));
        await createUser(tx, eve({ id: uuid(2) }));
        await assignRole(tx, { ...membership, userId: uuid(2) });
      }),
  ],
])("a token proves nobody from when %s", async (_, change) => {
  await using store = await storeOfMember();
  const identity = createIdentity({ store, clock: wallClock() });
  const { text } = await identity.issueToken(await logIn(identity));
  expect(await proves(identity, text)).toBe(true);
  await change(store);
  expect(await proves(identity, text)).toBe(false);
});

test("a token that ended with its user's being disabled is not back when the user is enabled", async () => {
  await using store = await storeOfMember();
  const identity = createIdentity({ store, clock: wallClock() });
  const { text } = await identity.issueToken(await logIn(identity));
  for (const enabled of [false, true]) await store.transact((tx) => updateUser(tx, uuid(1), { enabled }));
  expect(await proves(identity, text)).toBe(false);
});

test("of one user's tokens the one that expires soonest ends for one too many, and no other user's", async () => {
  await using store = await storeOfMember();
  const clock = wallClock();
  const identity = createIdentity({ store, clock });
  await store.transact((tx) => createUser(tx, eve({ id: uuid(2), name: "mallory", apiKey: "9" })));
  const login = await logIn(identity);
  const mallorys = { ...login, principal: { ...login.principal, user: { ...login.principal.user, id: uuid(2) } } };
  await identity.issueToken({ ...mallorys, principal: { ...mallorys.principal, scope: "none", project: undefined } });
  const issued: string[] = [];
  for (let nr = 0; nr <= tokensOfOneUser; nr += 1) {
    clock.advance(1);
    issued.push((await identity.issueToken(login)).text);
  }
  const [first = "", second = ""] = issued;
  expect([await proves(identity, first), await proves(identity, second)]).toEqual([false, true]);
  expect(await store.db.selectFrom("tokens").select("hash").execute()).toHaveLength(tokensOfOneUser + 1);
});

test("who tries tokens is held up, and who has one isn't", async () => {
  await using store = await storeOfMember();
  const clock = wallClock();
  const identity = createIdentity({ store, clock });
  const { text } = await identity.issueToken(await logIn(identity));
  for (let guess = 0; guess < 100; guess += 1) expect(await proves(identity, `guess ${guess}`)).toBe(false);
  expect((await refusal(proves(identity, "guess"))).code).toBe("MODEL__TOO_MANY_ATTEMPTS");
  expect(await proves(identity, text)).toBe(true);
  clock.advance(100);
  expect(await proves(identity, "guess")).toBe(false);
});

test("who is gone by the time that its token is to be issued gets none", async () => {
  await using store = await storeOfMember();
  const identity = createIdentity({ store, clock: wallClock() });
  const login = await logIn(identity);
  await store.transact((tx) => deleteUser(tx, uuid(1)));
  expect(await refusal(identity.issueToken(login))).toMatchObject({ code: "MODEL__NOT_FOUND" });
});
