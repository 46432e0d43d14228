import { formatPrefix, parsePrefix, type Prefix, prefixesOverlap } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstFreePrefix, isInPool } from "./prefix-allocation.ts";

const prefixes = (...texts: readonly string[]): Prefix[] => texts.map(parsePrefix);

test.each([
  ["the first of an empty pool", ["10.0.0.0/8"], [], 24, "10.0.0.0/24"],
  ["the one after what is taken", ["10.0.0.0/8"], ["10.0.0.0/24"], 24, "10.0.1.0/24"],
  ["a gap", ["10.0.0.0/8"], ["10.0.0.0/24", "10.0.2.0/24"], 24, "10.0.1.0/24"],
  ["one that begins where it may", ["10.0.0.0/8"], ["10.0.0.0/26"], 24, "10.0.1.0/24"],
  ["one in the second range", ["10.0.0.0/24", "10.9.0.0/16"], ["10.0.0.0/25"], 24, "10.9.0.0/24"],
  ["the whole range", ["10.0.0.0/24"], [], 24, "10.0.0.0/24"],
  ["none in one that is full", ["10.0.0.0/24"], ["10.0.0.0/25", "10.0.0.128/25"], 26, undefined],
  ["none in one that is a part of what is taken", ["10.0.0.0/24"], ["10.0.0.0/8"], 26, undefined],
  ["none that is larger than the range", ["10.0.0.0/24"], [], 16, undefined],
  ["one of IPv6", ["2001:db8::/48"], ["2001:db8::/64"], 64, "2001:db8:0:1::/64"],
])("%s is found", (_, pool, taken, length, found) => {
  const free = firstFreePrefix(prefixes(...pool), prefixes(...taken), length);
  expect(free && formatPrefix(free)).toBe(found);
});

test("whatever is asked for, one after another, is in the pool and overlaps nothing; what isn't found isn't there", () => {
  const pool = prefixes("10.0.0.0/26", "10.0.0.128/27");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 26, max: 32 }), { maxLength: 40 }), (lengths) => {
      const taken: Prefix[] = [];
      for (const length of lengths) {
        const free = firstFreePrefix(pool, taken, length);
        const all = candidates(length);
        const possible = all.filter(
          (each) => isInPool(pool, each) && !taken.some((other) => prefixesOverlap(each, other)),
        );
        expect(free).toEqual(possible[0]);
        if (free) taken.push(free);
      }
    }),
  );
});

/** Every prefix of that length in 10.0.0.0/24. */
function candidates(length: number): Prefix[] {
  const size = 2 ** (32 - length);
  return Array.from({ length: 256 / size }, (_, index) => parsePrefix(`10.0.0.${index * size}/${length}`));
}
