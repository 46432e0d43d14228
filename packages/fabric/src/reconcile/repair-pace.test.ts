import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { RepairPace } from "./repair-pace.ts";

test("the first repairs are made at once; against somebody who goes on, the pauses grow to a second", () => {
  const clock = new FakeClock();
  const pace = new RepairPace(clock);
  const pauses = Array.from({ length: 20 }, () => {
    pace.repaired();
    const pauseMs = pace.pauseMs();
    clock.turn(pauseMs);
    return pauseMs;
  });
  expect(pauses.slice(0, 5)).toEqual([0, 0, 0, 0, 10]);
  expect(pauses.at(-1)).toBe(1_000);
});

test("after five quiet seconds a repair is made at once again", () => {
  const clock = new FakeClock();
  const pace = new RepairPace(clock);
  for (let repair = 0; repair < 20; repair += 1) pace.repaired();
  expect(pace.pauseMs()).toBe(1_000);
  clock.turn(5_000);
  pace.repaired();
  expect(pace.pauseMs()).toBe(0);
});
