import { expect, test } from "vitest";
import { DurationHistogram } from "./duration-histogram.ts";

test("a duration falls into the lowest bucket whose bound it doesn't exceed, and the longest into the last", () => {
  const histogram = new DurationHistogram();
  for (const durationMs of [0, 1, 1.5, 30_000, 30_001, 1e9]) histogram.observe(durationMs);
  const { boundsSec, counts, sumSec } = histogram.read();
  expect(counts).toHaveLength(boundsSec.length + 1);
  expect(counts.slice(0, 2)).toEqual([2, 1]);
  expect(counts.slice(-2)).toEqual([1, 2]);
  expect(sumSec).toBeCloseTo(1_000_060.0035);
});

test("a clock that was set back takes nothing from the sum", () => {
  const histogram = new DurationHistogram();
  histogram.observe(-5);
  expect(histogram.read()).toMatchObject({ sumSec: 0 });
  expect(histogram.read().counts[0]).toBe(1);
});

test("what was read doesn't change any more", () => {
  const histogram = new DurationHistogram();
  const before = histogram.read();
  histogram.observe(1);
  expect(before.counts.every((count) => count === 0)).toBe(true);
});
