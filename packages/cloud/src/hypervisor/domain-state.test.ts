import type { LifecycleEvent } from "@loomstack/libvirt";
import { expect, test } from "vitest";
import { stateAfter, stateFromNumber, stateFromStatistics } from "./domain-state.ts";

test.each([
  ["started", "booted", "running"],
  ["resumed", "unpaused", "running"],
  ["suspended", "paused", "paused"],
  ["asleep", "memory", "paused"],
  ["shutting down", "finished", "stopping"],
  ["stopped", "destroyed", "stopped"],
  ["stopped", "failed", "crashed"],
  ["stopped", "crashed", "crashed"],
  ["crashed", "panicked", "crashed"],
  ["defined", "added", undefined],
  ["undefined", "removed", undefined],
] as const)("after %s (%s) a domain is %s", (event, detail, state) => {
  const told = { uuid: "9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19", name: "vm", event, detail } as LifecycleEvent;
  expect(stateAfter(told)).toBe(state);
});

test("the numbers of libvirt become our states, unknown ones included", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 99].map(stateFromNumber)).toEqual([
    ...["running", "running", "running", "paused", "stopping", "stopped", "crashed", "paused", "running"],
  ]);
});

test("the state is found among the statistics", () => {
  const cpu = { field: "cpu.time", value: { kind: "unsignedLong", value: 5n } } as const;
  expect(stateFromStatistics([cpu, { field: "state.state", value: { kind: "int", value: 5 } }])).toBe("stopped");
  expect(stateFromStatistics([cpu])).toBe("running");
});
