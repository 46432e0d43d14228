import { expect, test } from "vitest";
import { hash64, WordHash } from "./hash64.ts";

test("of 200,000 texts that differ little no two have one hash, nor half as many bits of it as by chance", () => {
  const seen = new Set<bigint>();
  const halves = [new Set<number>(), new Set<number>()];
  for (let n = 0; n < 200_000; n++) {
    const { high, low } = hash64(`30 100 reg0=${n % 1_000},eth_dst=02:00:00:00:${n >> 10}:${n}`);
    seen.add((BigInt(high) << 32n) | BigInt(low >>> 0));
    halves[0]?.add(high);
    halves[1]?.add(low);
  }
  expect(seen.size).toBe(200_000);
  // By chance about 5 of 200,000 words of 32 bits are there already.
  for (const half of halves) expect(half.size).toBeGreaterThan(200_000 - 30);
});

test("words have one hash for as long as they are the same, in the same order, and as many", () => {
  const hash = new WordHash();
  const hashOf = (...words: readonly number[]): string => {
    for (const word of words) hash.add(word);
    return JSON.stringify(hash.finish());
  };
  expect(hashOf(1, 2, 3)).toBe(hashOf(1, 2, 3));
  const others = [hashOf(1, 2, 3), hashOf(1, 3, 2), hashOf(1, 2), hashOf(1, 2, 3, 0), hashOf(1, 2, -3), hashOf()];
  expect(new Set(others).size).toBe(others.length);
});
