import fc from "fast-check";
import { expect, test } from "vitest";
import { cookieOf, isOurCookie } from "./cookies.ts";

/** FNV-1a as its authors write it, with the constants for 64 bits. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

test("a cookie is our prefix and the lower 48 bits of the owner's FNV-1a", () => {
  expect(cookieOf("")).toBe(0x4c539ce484222325n);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (owner) => {
      expect(cookieOf(owner)).toBe((0x4c53n << 48n) | BigInt.asUintN(48, fnv1a(owner)));
      expect(isOurCookie(cookieOf(owner))).toBe(true);
    }),
  );
});
