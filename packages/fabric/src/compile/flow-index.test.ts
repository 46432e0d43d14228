import { hash64 } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlowIndex } from "./flow-index.ts";

const key = fc.integer({ min: 0, max: 60 }).map((n) => `30 100 reg0=${n}`);
const fingerprint = fc.integer({ min: 0, max: 3 }).map((n) => `0x${n} output:${n}`);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("set" as const), key, fingerprint }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("add" as const), key, fingerprint }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("delete" as const), key, fingerprint }) },
);

test("it has what a map of the texts would have, after any changes", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 300 }), (steps) => {
      const index = new FlowIndex();
      const map = new Map<string, string>();
      for (const { op, key: at, fingerprint: value } of steps) {
        if (op === "set") {
          index.set(hash64(at), hash64(value));
          map.set(at, value);
        } else if (op === "add") {
          expect(index.add(hash64(at), hash64(value))).toBe(!map.has(at));
          if (!map.has(at)) map.set(at, value);
        } else expect(index.delete(hash64(at))).toBe(map.delete(at));
        expect(index.size).toBe(map.size);
      }
      for (let n = 0; n <= 60; n++) {
        const at = `30 100 reg0=${n}`;
        expect(index.has(hash64(at))).toBe(map.has(at));
        for (let m = 0; m <= 3; m++)
          expect(index.holds(hash64(at), hash64(`0x${m} output:${m}`))).toBe(map.get(at) === `0x${m} output:${m}`);
      }
    }),
    { numRuns: 100 },
  );
});

test("100,000 flows take less than 50 bytes each, and next to nothing once they are gone", () => {
  const index = new FlowIndex();
  const textOf = (n: number): string => `30 100 reg0=${n},eth_dst=02:00:00:00:00:01`;
  for (let n = 0; n < 100_000; n++) index.set(hash64(textOf(n)), hash64(`0x${n}`));
  expect(index.size).toBe(100_000);
  expect(index.bytes).toBeLessThan(5_000_000);
  for (let n = 0; n < 100_000; n++) index.delete(hash64(textOf(n)));
  expect([index.size, index.bytes]).toEqual([0, 256]);
});
