import { randomBytes } from "node:crypto";
import { parseUuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { temporaryStore } from "../store-under-test.ts";
import { passwordLogin } from "./identity-under-test.ts";
import { ensureInitialAdministrator } from "./initial-administrator.ts";
import { findUserByApiKey } from "./user.ts";

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
  // Command lines take what begins with a dash as an option.
  for (const secret of [credentials?.password, credentials?.apiKey, credentials?.secretKey])
    expect(secret).toMatch(/^[\da-f]{36,}$/);
  expect(await ensureInitialAdministrator({ store, random: randomBytes })).toBeUndefined();

  const logIn = passwordLogin(store);
  const principal = await logIn("admin", credentials?.password ?? "", "192.0.2.1");
  expect(principal).toMatchObject({ user: { name: "admin", account: "admin", role: "admin" }, isAdministrator: true });
  expect(parseUuid(principal?.user.id ?? "")).toBe(principal?.user.id);
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
