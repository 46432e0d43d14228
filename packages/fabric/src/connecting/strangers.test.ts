import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { Strangers } from "./strangers.ts";

let clock: FakeClock;
let told: string[];
let strangers: Strangers;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  strangers = new Strangers({
    clock,
    event: (severity, kind, message, concerned) =>
      told.push(`${severity} ${kind} ${concerned?.hypervisor ?? ""}: ${message}`),
  });
});

test("whoever is turned away again and again is told once an hour, or again once somebody was accepted", () => {
  for (let nr = 0; nr < 10; nr += 1) strangers.turnedAway("a", "no");
  expect(told).toEqual(["warning hypervisor-refused a: no"]);
  clock.turn(3_599_999);
  strangers.turnedAway("a", "no");
  expect(told).toHaveLength(1);
  clock.turn(1);
  strangers.turnedAway("a", "no");
  expect(told).toHaveLength(2);
  strangers.forget();
  strangers.turnedAway("a", "no");
  expect(told).toHaveLength(3);
});

test("a flood of names is cut short", () => {
  for (let nr = 0; nr < 1_000; nr += 1) strangers.turnedAway(`a${nr}`, `no ${nr}`);
  expect(told).toHaveLength(20);
});

test("one that a flood of others has kept from being told is told when it comes again", () => {
  for (let nr = 0; nr < 1_000; nr += 1) strangers.turnedAway(`a${nr}`, `no ${nr}`);
  strangers.turnedAway("b", "no to b");
  expect(told.some((text) => text.includes("no to b"))).toBe(false);
  clock.turn(5_000);
  strangers.turnedAway("b", "no to b");
  expect(told.at(-1)).toMatch(/^warning hypervisor-refused b: no to b/);
});

test("of 257 the one that was told of first is forgotten, and no other", () => {
  const turnAway = (nr: number): void => {
    clock.turn(5_000);
    strangers.turnedAway("a", `no ${nr}`);
  };
  for (let nr = 0; nr < 257; nr += 1) turnAway(nr);
  expect(told).toHaveLength(257);
  turnAway(1);
  expect(told).toHaveLength(257);
  turnAway(0);
  expect(told.at(-1)).toBe("warning hypervisor-refused a: no 0");
  expect(told).toHaveLength(258);
});
