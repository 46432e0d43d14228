import { randomBytes } from "node:crypto";
import { parseUuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { refusal, temporaryStore, uuid } from "../store-under-test.ts";
import { AttemptLimit } from "./attempt-limit.ts";
import { createAuthenticator } from "./authenticator.ts";
import { parseBasicCredentials } from "./basic-credentials.ts";
import { cheap, eve, projectA, storeOfEve, wallClock } from "./identity-under-test.ts";
import { ensureInitialAdministrator } from "./initial-administrator.ts";
import { hashPassword, matchesHash } from "./password.ts";
import { createProject } from "./project.ts";
import { createUser, deleteUser, findUserByApiKey, updateUser } from "./user.ts";

/** Passwords at their full cost take their time on a busy machine. */
const slow = { timeout: 60_000 };
test("a store without users gets an administrator once, and its credentials are told once", slow, async () => {
  await using store = await temporaryStore();
  const [first, second] = await Promise.all(
    [1, 2].map(() => ensureInitialAdministrator({ store, random: randomBytes })),
  );
  const credentials = first ?? second;
  expect([first, second]).toContain(undefined);
  expect(credentials?.name).toBe("admin");
  expect(await ensureInitialAdministrator({ store, random: randomBytes })).toBeUndefined();

  const authenticate = createAuthenticator({ store, clock: wallClock() });
  const user = await authenticate("admin", credentials?.password ?? "", "192.0.2.1");
  expect(user).toMatchObject({ name: "admin", account: "admin", role: "admin" });
  expect(parseUuid(user?.id ?? "")).toBe(user?.id);
  const byKey = await findUserByApiKey(store.db, credentials?.apiKey ?? "");
  expect(byKey).toMatchObject({ name: "admin", secretKey: credentials?.secretKey });
  // The password itself is nowhere in the store.
  expect(JSON.stringify(await store.db.selectFrom("users").selectAll().execute())).not.toContain(credentials?.password);
});

test("credentials that can't be kept make no administrator, and the next start makes one", slow, async () => {
  await using store = await temporaryStore();
  const keep = () => Promise.reject(new RangeError("the disk is full"));
  await expect(ensureInitialAdministrator({ store, random: randomBytes, keep })).rejects.toThrow("the disk is full");
  expect(await ensureInitialAdministrator({ store, random: randomBytes })).toMatchObject({ name: "admin" });
});

test("a wrong password, an unknown name and an empty password are nobody's", slow, async () => {
  await using store = await temporaryStore();
  const credentials = await ensureInitialAdministrator({ store, random: randomBytes });
  const authenticate = createAuthenticator({ store, clock: wallClock() });
  expect(await authenticate("admin", `${credentials?.password ?? ""}x`, "192.0.2.1")).toBeUndefined();
  expect(await authenticate("nobody", credentials?.password ?? "", "192.0.2.1")).toBeUndefined();
  expect(await authenticate("nobody", "", "192.0.2.1")).toBeUndefined();
});

test("a hash is salted, and matches its own password only", async () => {
  const [one, other] = await Promise.all([hashPassword("päss", cheap), hashPassword("päss", cheap)]);
  expect(one).not.toBe(other);
  expect([
    await matchesHash("päss", one),
    await matchesHash("pass", one),
    await matchesHash("päss", "plain$päss"),
  ]).toEqual([true, false, false]);
});

test("a user name twice is refused", async () => {
  await using store = await temporaryStore();
  await store.transact((tx) => createProject(tx, projectA));
  await store.transact((tx) => createUser(tx, eve()));
  const again = store.transact((tx) => createUser(tx, eve({ id: uuid(2), apiKey: "2" })));
  expect(await refusal(again)).toMatchObject({
    code: "MODEL__ALREADY_EXISTS",
    context: { resource: "user", id: "eve" },
  });
});

test(
  "a credential that was verified is known from then on, until the password changes or the user is disabled or gone",
  slow,
  async () => {
    await using store = await storeOfEve("old");
    const authenticate = createAuthenticator({ store, clock: wallClock() });
    expect(await authenticate("eve", "old", "192.0.2.1")).toEqual({
      ...{ id: uuid(1), name: "eve", description: "", enabled: true },
      ...{ projectId: projectA.id, account: "a", role: "user" },
    });
    const passwordHash = await hashPassword("new", cheap);
    await store.transact((tx) => updateUser(tx, uuid(1), { passwordHash }));
    expect(await authenticate("eve", "old", "192.0.2.1")).toBeUndefined();
    expect(await authenticate("eve", "new", "192.0.2.1")).toMatchObject({ name: "eve" });
    await store.transact((tx) => updateUser(tx, uuid(1), { enabled: false }));
    expect(await authenticate("eve", "new", "192.0.2.1")).toBeUndefined();
    await store.transact((tx) => updateUser(tx, uuid(1), { enabled: true }));
    expect(await authenticate("eve", "new", "192.0.2.1")).toMatchObject({ name: "eve" });
    await store.transact((tx) => deleteUser(tx, uuid(1)));
    expect(await authenticate("eve", "new", "192.0.2.1")).toBeUndefined();
  },
);

test(
  "who fails ten times has to wait, which holds up neither other addresses nor a credential that is known",
  slow,
  async () => {
    await using store = await storeOfEve("secret");
    const clock = wallClock();
    const authenticate = createAuthenticator({ store, clock });
    expect(await authenticate("eve", "secret", "192.0.2.1")).toBeDefined();

    const guesses = Array.from({ length: 11 }, (_, guess) => authenticate("eve", `guess ${guess}`, "192.0.2.1"));
    const outcomes = await Promise.allSettled(guesses);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(await refusal(authenticate("eve", "guess", "192.0.2.1"))).toMatchObject({
      code: "MODEL__TOO_MANY_ATTEMPTS",
      context: { remoteAddress: "192.0.2.1", retryAfterSec: 6 },
    });
    // What is known needs no check by scrypt, of which this address has none left.
    for (let call = 0; call < 20; call += 1) expect(await authenticate("eve", "secret", "192.0.2.1")).toBeDefined();
    expect(await authenticate("eve", "guess", "192.0.2.2")).toBeUndefined();
    clock.advance(6_000);
    expect(await authenticate("eve", "guess", "192.0.2.1")).toBeUndefined();
    expect((await refusal(authenticate("eve", "guess", "192.0.2.1"))).code).toBe("MODEL__TOO_MANY_ATTEMPTS");
  },
);

test("calls at the same time with one credential count as one attempt, and success as none", async () => {
  await using store = await storeOfEve("secret");
  const authenticate = createAuthenticator({ store, clock: wallClock() });
  const users = await Promise.all(Array.from({ length: 30 }, () => authenticate("eve", "secret", "192.0.2.1")));
  expect(users.every((user) => user?.name === "eve")).toBe(true);
  const guesses = Array.from({ length: 10 }, (_, guess) => authenticate("eve", `guess ${guess}`, "192.0.2.1"));
  expect(await Promise.all(guesses)).toEqual(Array.from({ length: 10 }, () => undefined));
});

test("only so many addresses are remembered, the one that failed longest ago least", () => {
  const attempts = new AttemptLimit({ burst: 1, refillMs: 1_000, addresses: 2 });
  for (const address of ["a", "b", "c"]) attempts.begin(address, 0);
  expect(() => attempts.begin("c", 0)).toThrow("too many failed attempts");
  expect(() => attempts.begin("b", 0)).toThrow("too many failed attempts");
  expect(() => attempts.begin("a", 0)).not.toThrow();
});

test.each([
  ["Basic YWRtaW46c2VjcmV0", { name: "admin", password: "secret" }],
  ["basic   YWRtaW46YTpiOmM=", { name: "admin", password: "a:b:c" }],
  ["Basic w6Q6w7Y=", { name: "ä", password: "ö" }],
  ["Basic Og==", { name: "", password: "" }],
  ["Basic YWRtaW4=", undefined],
  ["Basic !!!", undefined],
  ["Bearer YWRtaW46c2VjcmV0", undefined],
  ["", undefined],
  [undefined, undefined],
])("the header %s means %j", (header, credentials) => {
  expect(parseBasicCredentials(header)).toEqual(credentials);
});
