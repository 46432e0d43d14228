import { expect, test } from "vitest";
import { type Figures, formatResult, median, ratioOf, resultOf, round } from "./result.ts";

const figures: Figures = {
  bench: "ovsdb",
  metric: "load",
  ours: [0.5, 0.4, 9],
  peers: [2, 30, 1.5],
  peer: "python3-openvswitch",
  params: { rows: 20_000 },
};

test("a median is the one in the middle, or the mean of the two in the middle", () => {
  expect(median([3])).toBe(3);
  expect(median([10, 9, 1])).toBe(9);
  expect(median([4, 1, 10, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test("a ratio is above 1 when we are better, whichever way is better", () => {
  expect(ratioOf("lower", 2, 6)).toBe(3);
  expect(ratioOf("higher", 6, 2)).toBe(3);
  expect(ratioOf("higher", 2, 6)).toBeCloseTo(1 / 3);
});

test("with a peer the goal is compared with the ratio of the medians", () => {
  const metric = { unit: "s", better: "lower", goal: 4 } as const;
  expect(resultOf(metric, figures)).toMatchObject({ value: 0.5, peer_value: 2, ratio: 4, met: true, n: 3 });
  expect(resultOf({ ...metric, goal: 4.01 }, figures).met).toBe(false);
});

test("a ratio that only rounding lifts to the goal doesn't meet it", () => {
  const close = { ...figures, ours: [1], peers: [2.99996] };
  expect(resultOf({ unit: "s", better: "lower", goal: 3 }, close)).toMatchObject({ ratio: 3, met: false });
});

test("without a peer the goal is compared with the value, in the metric's own direction", () => {
  const alone = { ...figures, peers: [] };
  expect(resultOf({ unit: "MB", better: "lower", goal: 0.5 }, alone)).toMatchObject({ ratio: null, met: true });
  expect(resultOf({ unit: "MB", better: "lower", goal: 0.4 }, alone).met).toBe(false);
  expect(resultOf({ unit: "rows/s", better: "higher", goal: 0.6 }, alone).met).toBe(false);
});

test("a value near the floor meets a goal that the ratio to the peer misses", () => {
  const metric = { unit: "s", better: "lower", goal: 10, timesFloor: 1.5 } as const;
  expect(resultOf(metric, { ...figures, floors: [0.4, 0.3, 0.4] })).toMatchObject({ ratio: 4, floor: 0.4, met: true });
  expect(resultOf(metric, { ...figures, floors: [0.3] })).toMatchObject({ floor: 0.3, met: false });
  expect(resultOf({ unit: "s", better: "lower", goal: 10 }, { ...figures, floors: [0.4] }).met).toBe(false);
  expect(resultOf(metric, figures)).not.toHaveProperty("floor");
});

test("a metric without a goal is neither met nor missed", () => {
  expect(resultOf({ unit: "MB", better: "lower" }, figures)).toMatchObject({ goal: null, met: null });
});

test("a result is one line of JSON with its members in one order", () => {
  const line = formatResult(resultOf({ unit: "s", better: "lower", goal: 3 }, figures));
  expect(line).toBe(
    '{"bench":"ovsdb","metric":"load","unit":"s","value":0.5,"peer":"python3-openvswitch","peer_value":2,' +
      '"ratio":4,"goal":3,"met":true,"n":3,"params":{"rows":20000}}',
  );
});

test("figures have four significant digits", () => {
  expect(round(123_456)).toBe(123_500);
  expect(round(0.001_234_56)).toBe(0.001_235);
});
