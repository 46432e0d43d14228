import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";

test("timers run when they come due, in order, those that a timer starts as well", () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.after(20, () => seen.push("b"));
  clock.after(10, () => {
    seen.push("a");
    clock.after(5, () => seen.push(`a+5 at ${clock.now()}`));
  });
  clock.turn(19);
  expect(seen).toEqual(["a", "a+5 at 15"]);
  clock.turn(1);
  expect(seen).toEqual(["a", "a+5 at 15", "b"]);
});

test("a disposed timer does not run", () => {
  const clock = new FakeClock();
  clock.after(10, () => expect.unreachable())[Symbol.dispose]();
  clock.turn(100);
  expect(clock.waiting).toBe(0);
});
