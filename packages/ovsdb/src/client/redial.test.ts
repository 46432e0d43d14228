import { expect, test } from "vitest";
import { defaultRedial, failuresAfter, redialDelayMs } from "./redial.ts";

const delays = (remoteCount: number, random = 0): number[] =>
  [1, 2, 3, 4, 5, 6, 7].map((failures) => redialDelayMs(defaultRedial, failures, remoteCount, () => random));

test("each remote is tried without delay, then there is one before each round, which doubles up to its limit", () => {
  expect(delays(1)).toEqual([0, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(delays(3)).toEqual([0, 0, 0, 1_000, 0, 0, 2_000]);
});

test("delays are spread by up to a quarter", () => {
  expect(delays(1, 1)).toEqual([0, 750, 1_500, 3_000, 6_000, 6_000, 6_000]);
});

test("only a connection that lasted makes the failures before it forgotten", () => {
  expect(failuresAfter(defaultRedial, 5, 8_000)).toBe(1);
  expect(failuresAfter(defaultRedial, 5, 7_999)).toBe(6);
});
