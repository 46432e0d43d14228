import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { EventAllowance } from "./event-allowance.ts";
import { type StateChange, stateEvents } from "./state-events.ts";

const change = (n: number, more: Partial<StateChange> = {}): StateChange => ({
  ...{ kind: "port", id: uuid(n), network: uuid(1), before: "DOWN", after: "ACTIVE", reason: "packets pass" },
  ...{ hypervisor: "a", isWanted: false, ...more },
});

test("as long as there are few, each is told with the reason in words, where it is, and what it was", () => {
  const lost = change(2, { before: "ACTIVE", after: "DOWN", reason: "a can't be seen", hypervisor: null });
  expect(stateEvents([change(11), lost], 2)).toEqual([
    [
      "info",
      "port-active",
      `port ${uuid(11)} is ACTIVE, and was DOWN: packets pass`,
      { hypervisor: "a", object: `port ${uuid(11)}` },
    ],
    ["warning", "port-down", `port ${uuid(2)} is DOWN, and was ACTIVE: a can't be seen`, { object: `port ${uuid(2)}` }],
  ]);
});

test("more than may be told are told by network and state, and still more by state", () => {
  const many = [11, 12, 13].map((n) => change(n)).concat(change(14, { network: uuid(2), hypervisor: "b" }));
  expect(stateEvents(many, 3)).toEqual([
    [
      "info",
      "ports-active",
      `3 ports of network ${uuid(1)} are ACTIVE now; port ${uuid(11)}: packets pass`,
      { hypervisor: "a", object: `network ${uuid(1)}` },
    ],
    expect.arrayContaining(["port-active"]),
  ]);
  expect(stateEvents(many, 1)).toEqual([
    ["info", "ports-active", `4 ports of several networks are ACTIVE now; port ${uuid(11)}: packets pass`, {}],
  ]);
  expect(stateEvents(many, 0)).toHaveLength(1);
});

test("a hundred events may come at once, then one a second, and those that have to be told rest in between", () => {
  const clock = new FakeClock();
  const allowance = new EventAllowance(clock);
  allowance.spend(100);
  expect([allowance.left(), allowance.pauseMs()]).toEqual([0, 5_000]);
  clock.turn(4_000);
  expect([allowance.left(), allowance.pauseMs()]).toEqual([4, 1_000]);
  clock.turn(6_000);
  expect([allowance.left(), allowance.pauseMs()]).toEqual([10, 0]);
  clock.turn(1_000_000);
  expect(allowance.left()).toBe(100);
});
