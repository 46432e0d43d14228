import { describe, expect, test } from "vitest";
import { hostStates } from "./host-states.ts";
import { instanceStates } from "./instance-states.ts";
import { jobStates } from "./job-states.ts";
import { networkStates } from "./network-states.ts";
import { providerStates } from "./provider-states.ts";

test("an event that a state doesn't allow is refused with the object, its state and the event", () => {
  expect(() => networkStates.next("Allocated", "OperationSucceeded", "n1")).toThrow(
    "network n1 is Allocated, where OperationSucceeded isn't possible",
  );
});

const machines = {
  network: networkStates,
  instance: instanceStates,
  host: hostStates,
  provider: providerStates,
  job: jobStates,
};
/** Where an object may rest for ever: it is gone, or somebody's wish. */
const final = new Set(["Destroy", "succeeded", "failed"]);

describe.each(Object.entries(machines))("the states of a %s", (name, machine) => {
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = machine.table;

  test("can all be left, but for the final ones", () => {
    for (const [state, events] of Object.entries(table)) {
      const isFinal =
        final.has(state) ||
        (name === "provider" && state === "Shutdown") ||
        (name === "instance" && state === "Expunging");
      expect(Object.values(events).some((next) => next !== state)).toBe(!isFinal);
    }
  });

  test("lead only to states that are declared", () => {
    for (const events of Object.values(table))
      for (const next of Object.values(events)) expect(Object.keys(table)).toContain(next);
  });
});

test("a failed implementing leads to Allocated again, by way of Shutdown", () => {
  const failed = networkStates.next("Implementing", "OperationFailed", "n");
  expect([failed, networkStates.next(failed, "OperationSucceeded", "n")]).toEqual(["Shutdown", "Allocated"]);
});
