import fc from "fast-check";
import { expect, test } from "vitest";
import { isGroupMac } from "./addresses/mac.ts";
import { isUuid } from "./ids.ts";
import { randomFraction, randomMac, randomUuid } from "./random.ts";

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

test("any bytes make a UUID of version 4", () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const uuid = randomUuid((size) => given.subarray(0, size));
      expect(isUuid(uuid) && /^.{14}4.{4}[89ab]/.test(uuid)).toBe(true);
    }),
  );
});

test("any bytes make the address of one station, locally administered, that libvirt takes", () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const mac = randomMac((size) => given.subarray(0, size));
      expect(isGroupMac(mac)).toBe(false);
      expect(mac.startsWith("02:")).toBe(true);
    }),
  );
});

test("any bytes make a fraction from 0 up to, and without, 1", () => {
  expect(randomFraction((size) => new Uint8Array(size).fill(255))).toBeLessThan(1);
  expect(randomFraction((size) => new Uint8Array(size))).toBe(0);
});
