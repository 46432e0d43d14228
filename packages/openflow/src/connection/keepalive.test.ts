import { expect, test } from "vitest";
import { keepalive, type KeepaliveEffect, type KeepaliveState, patient, prompt } from "./keepalive.ts";

/** What happens to a peer that is heard at the given times, in seconds. */
function run(seconds: number, heardAt: readonly number[], policy = patient, step = 1): readonly string[] {
  let state: KeepaliveState = { probes: 0, probedAtMs: 0 };
  const told: string[] = [];
  for (let second = step; second <= seconds; second += step) {
    const heard = heardAt.filter((time) => time <= second).at(-1) ?? 0;
    const { state: next, effects } = keepalive(state, { nowMs: 1000 * second, heardAtMs: 1000 * heard, policy });
    state = next;
    told.push(...effects.map((effect: KeepaliveEffect) => `${effect.kind} at ${second}`));
    if (effects.some(({ kind }) => kind === "giveUp")) break;
  }
  return told;
}

test("a peer that talks isn't probed", () => {
  expect(
    run(
      20,
      Array.from({ length: 20 }, (_, second) => second),
    ),
  ).toEqual([]);
});

test("a silent peer is probed after five seconds, and given up after three probes", () => {
  expect(run(60, [])).toEqual(["probe at 5", "probe at 10", "probe at 15", "giveUp at 20"]);
});

test("any sign of life starts the count anew", () => {
  expect(run(40, [12])).toEqual([
    "probe at 5",
    "probe at 10",
    "probe at 17",
    "probe at 22",
    "probe at 27",
    "giveUp at 32",
  ]);
});

test("a peer that answers each probe is never given up", () => {
  expect(run(60, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]).filter((told) => told.startsWith("giveUp"))).toEqual([]);
});

test("a switch whose loss matters is given up within five seconds", () => {
  expect(run(60, [0.1], prompt, 0.5)).toEqual(["probe at 1.5", "probe at 3", "giveUp at 4.5"]);
  expect(run(60, [0.4], prompt, 0.5)).toEqual(["probe at 2", "probe at 3.5", "giveUp at 5"]);
});
