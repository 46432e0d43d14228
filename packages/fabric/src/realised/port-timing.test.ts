import type { Revision, Uuid } from "@loomstack/core";
import type { BindingChange } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { PortTiming } from "./port-timing.ts";

let clock: FakeClock;
let active: Set<Uuid>;
let timing: PortTiming;

beforeEach(() => {
  clock = new FakeClock();
  active = new Set();
  timing = new PortTiming({ clock, isActive: (port) => active.has(port) });
});

const binding = (portId: Uuid, nodeKey: string) => ({ portId, nodeKey, revision: 1 as Revision });

function bind(port: Uuid, from?: string, to?: string): void {
  const change: BindingChange = {
    ...{ resource: "binding", id: port },
    ...(from !== undefined && { before: binding(port, from) }),
    ...(to !== undefined && { after: binding(port, to) }),
  };
  timing.step({ changes: [change] });
}

/** How many ports were measured, and how long they took together. */
function measured(): readonly [number, number] {
  const { counts, sumSec } = timing.reading().portsRealised;
  return [counts.reduce((sum, count) => sum + count, 0), sumSec];
}

test("a port is timed from its binding until it is ACTIVE, once", () => {
  bind(uuid(1), undefined, "OVS/a");
  clock.turn(300);
  timing.look();
  expect(measured()).toEqual([0, 0]);
  active.add(uuid(1));
  clock.turn(200);
  timing.look();
  timing.look();
  expect(measured()).toEqual([1, 0.5]);
  expect(timing.reading().portsRealising).toBe(0);
});

test("a port that moves on is timed from its last move; one that goes isn't timed", () => {
  bind(uuid(1), undefined, "OVS/a");
  bind(uuid(2), undefined, "OVS/a");
  clock.turn(1_000);
  bind(uuid(1), "OVS/a", "OVS/b");
  bind(uuid(2), "OVS/a", undefined);
  clock.turn(250);
  active.add(uuid(1)).add(uuid(2));
  timing.look();
  expect(measured()).toEqual([1, 0.25]);
});

test("news that come in a rush are looked at together, and the last of them isn't lost", () => {
  bind(uuid(1), undefined, "OVS/a");
  timing.look();
  active.add(uuid(1));
  timing.look();
  expect(measured()).toEqual([0, 0]);
  clock.turn(10);
  expect(measured()).toEqual([1, 0.01]);
});

test("of many ports at once a few are timed, and one that never comes up gives its place away after a minute", () => {
  for (let number = 1; number <= 100; number++) bind(uuid(number), undefined, "OVS/a");
  expect(timing.reading()).toMatchObject({ portsRealising: 16, portsNotTimed: 84 });
  clock.turn(60_001);
  bind(uuid(101), undefined, "OVS/a");
  expect(timing.reading()).toMatchObject({ portsRealising: 16, portsNotTimed: 85 });
  active.add(uuid(101));
  timing.look();
  expect(measured()).toEqual([1, 0]);
});
