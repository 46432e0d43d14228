import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { EventThrottle } from "./event-throttle.ts";

test("a flood of one kind is cut short and counted, and other kinds are told all the same", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const throttle = new EventThrottle(clock, (_severity, kind, message) => told.push(`${kind}: ${message}`));
  for (let index = 0; index < 1_000; index += 1) throttle.tell("warning", "drift", `nr ${index}`);
  expect(told).toHaveLength(20);
  throttle.tell("info", "ready", "it is");
  expect(told.at(-1)).toBe("ready: it is");
  clock.turn(5_000);
  throttle.tell("warning", "drift", "another");
  expect(told.at(-1)).toBe("drift: another (and 980 more like this before it)");
  throttle.tell("warning", "drift", "and another");
  expect(told).toHaveLength(22);
});
