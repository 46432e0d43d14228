import { expect, test } from "vitest";
import { refusal, uuid } from "../store-under-test.ts";
import { createIdentity } from "./identity.ts";
import { cheap, eve, passwordLogin, projectA, storeOfEve, wallClock } from "./identity-under-test.ts";
import { hashPassword } from "./password.ts";
import type { UserReference } from "./proofs.ts";
import { createUser, deleteUser, updateUser } from "./user.ts";

/** Passwords of nobody are checked at their full cost. */
const slow = { timeout: 60_000 };

test("a wrong password, an unknown name and an empty password are nobody's", slow, async () => {
  await using store = await storeOfEve("secret");
  const logIn = passwordLogin(store);
  expect(await logIn("eve", "secretx", "192.0.2.1")).toBeUndefined();
  expect(await logIn("nobody", "secret", "192.0.2.1")).toBeUndefined();
  expect(await logIn("nobody", "", "192.0.2.1")).toBeUndefined();
});

test(
  "a credential that was verified is known from then on, until the password changes or the user is disabled or gone",
  slow,
  async () => {
    await using store = await storeOfEve("old");
    const logIn = passwordLogin(store);
    const user = {
      ...{ id: uuid(1), name: "eve", description: "", enabled: true },
      ...{ projectId: projectA.id, account: "a", role: "user" },
    };
    expect(await logIn("eve", "old", "192.0.2.1")).toEqual({
      ...{ user, scope: "none", project: undefined, roles: [] },
      ...{ isAdministrator: false, credential: undefined },
    });
    const passwordHash = await hashPassword("new", cheap);
    await store.transact((tx) => updateUser(tx, uuid(1), { passwordHash }));
    expect(await logIn("eve", "old", "192.0.2.1")).toBeUndefined();
    expect(await logIn("eve", "new", "192.0.2.1")).toMatchObject({ user: { name: "eve" } });
    await store.transact((tx) => updateUser(tx, uuid(1), { enabled: false }));
    expect(await logIn("eve", "new", "192.0.2.1")).toBeUndefined();
    await store.transact((tx) => updateUser(tx, uuid(1), { enabled: true }));
    expect(await logIn("eve", "new", "192.0.2.1")).toMatchObject({ user: { name: "eve" } });
    await store.transact((tx) => deleteUser(tx, uuid(1)));
    expect(await logIn("eve", "new", "192.0.2.1")).toBeUndefined();
  },
);

test(
  "who fails ten times has to wait, which holds up neither other addresses nor a credential that is known",
  slow,
  async () => {
    await using store = await storeOfEve("secret");
    const clock = wallClock();
    const logIn = passwordLogin(store, clock);
    expect(await logIn("eve", "secret", "192.0.2.1")).toBeDefined();

    const guesses = Array.from({ length: 11 }, (_, guess) => logIn("eve", `guess ${guess}`, "192.0.2.1"));
    const outcomes = await Promise.allSettled(guesses);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(await refusal(logIn("eve", "guess", "192.0.2.1"))).toMatchObject({
      code: "MODEL__TOO_MANY_ATTEMPTS",
      context: { subject: "from 192.0.2.1", retryAfterSec: 6 },
    });
    // What is known needs no check by scrypt, of which this address has none left.
    for (let call = 0; call < 20; call += 1) expect(await logIn("eve", "secret", "192.0.2.1")).toBeDefined();
    expect(await logIn("eve", "guess", "192.0.2.2")).toBeUndefined();
    clock.advance(6_000);
    expect(await logIn("eve", "guess", "192.0.2.1")).toBeUndefined();
    expect((await refusal(logIn("eve", "guess", "192.0.2.1"))).code).toBe("MODEL__TOO_MANY_ATTEMPTS");
  },
);

test("calls at the same time with one credential count as one attempt, and success as none", async () => {
  await using store = await storeOfEve("secret");
  const logIn = passwordLogin(store);
  const principals = await Promise.all(Array.from({ length: 30 }, () => logIn("eve", "secret", "192.0.2.1")));
  expect(principals.every((principal) => principal?.user.name === "eve")).toBe(true);
  const guesses = Array.from({ length: 10 }, (_, guess) => logIn("eve", `guess ${guess}`, "192.0.2.1"));
  expect(await Promise.all(guesses)).toEqual(Array.from({ length: 10 }, () => undefined));
});

test("who is guessed at from everywhere is guessed at only so often, by name or by id, which holds up nobody else", async () => {
  await using store = await storeOfEve("secret");
  const passwordHash = await hashPassword("other secret", cheap);
  const mallory = eve({ id: uuid(2), name: "mallory", apiKey: "3", passwordHash });
  await store.transact((tx) => createUser(tx, mallory));
  const { logIn } = createIdentity({ store, clock: wallClock() });
  const guess = (nr: number, user: UserReference) =>
    logIn({ method: "password", user, password: `guess ${nr}` }, `192.0.2.${nr}`);
  for (let nr = 0; nr < 30; nr += 1) {
    const user = nr % 2 === 0 ? { name: "eve" } : { id: uuid(1) };
    expect(await guess(nr, user)).toBeUndefined();
  }
  for (const user of [{ name: "eve" }, { id: uuid(1) }]) {
    expect(await refusal(guess(100, user))).toMatchObject({
      code: "MODEL__TOO_MANY_ATTEMPTS",
      context: { subject: "with this name", retryAfterSec: 6 },
    });
  }
  const other = { method: "password", user: { name: "mallory" }, password: "other secret" } as const;
  expect(await logIn(other, "192.0.2.100")).toBeDefined();
});
