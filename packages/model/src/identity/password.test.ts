import { expect, test } from "vitest";
import { cheap } from "./identity-under-test.ts";
import { hashPassword, matchesHash } from "./password.ts";

test("a hash is salted, and matches its own password only", async () => {
  const [one, other] = await Promise.all([hashPassword("päss", cheap), hashPassword("päss", cheap)]);
  expect(one).not.toBe(other);
  expect([
    await matchesHash("päss", one),
    await matchesHash("pass", one),
    await matchesHash("päss", "plain$päss"),
  ]).toEqual([true, false, false]);
});
