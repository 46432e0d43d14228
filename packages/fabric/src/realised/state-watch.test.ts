import type { Revision, Uuid } from "@loomstack/core";
import type { Intent, NetworkStatus, Port, PortStatus } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import type { HypervisorState } from "../hypervisor-options.ts";
import { intentOf, mac, networkOf, portOf, uuid } from "../intent/intent-under-test.ts";
import { Placement } from "../intent/placement.ts";
import { StateWatch } from "./state-watch.ts";

const network = uuid(1);
const [first, second, homeless] = [uuid(11), uuid(12), uuid(13)];
let clock: FakeClock;
let intent: Intent;
let placement: Placement;
let isStarted: boolean;
let state: HypervisorState;
let confirmed: number;
/** Ports whose flows their hypervisor holds. */
let forwarded: Set<Uuid>;
let statuses: Map<Uuid, PortStatus>;
let networkStatus: NetworkStatus;
let told: string[];
let judged: Uuid[];

const active: PortStatus = { status: "ACTIVE", reason: "packets pass", hypervisor: "a" };
const lost: PortStatus = { status: "DOWN", reason: "a can't be seen", hypervisor: "a" };

beforeEach(() => {
  clock = new FakeClock();
  const ports = [first, second, homeless].map((id, index) => portOf(id, network, mac(index)));
  const binding = (portId: Uuid) => [portId, { portId, nodeKey: "a", revision: 1 as Revision }] as const;
  intent = intentOf([networkOf(1)], ports, { bindings: new Map([first, second].map(binding)) });
  placement = Placement.of(intent);
  [isStarted, state, confirmed] = [true, "ready", 5];
  forwarded = new Set([first, second]);
  statuses = new Map([first, second].map((id) => [id, active]));
  networkStatus = { status: "ACTIVE", reason: "all have confirmed" };
  [told, judged] = [[], []];
});

function watch(): StateWatch {
  return new StateWatch({
    ...{ clock, intent, placement, isStarted: () => isStarted },
    port: (id) => (judged.push(id), statuses.get(id) ?? { status: "DOWN", reason: "it is nowhere", hypervisor: null }),
    network: () => networkStatus,
    hypervisor: () => ({
      ...{ state, confirmed, carries: () => true, uplinkObstacle: () => undefined },
      forwards: (id) => forwarded.has(id),
    }),
    tell: (severity, kind, _message, about) => told.push(`${severity} ${kind} ${about?.object ?? ""}`.trim()),
  });
}

/** A watch that has looked at everything once, and knows what the hypervisor is at. */
function settledWatch(): StateWatch {
  const watching = watch();
  watching.changed("a");
  clock.turn(1_000);
  judged = [];
  return watching;
}

test("a start that changes nothing tells nothing, and one that leaves something broken tells that", () => {
  statuses.set(second, lost);
  using _ = watch();
  clock.turn(1_000);
  expect(told).toEqual([`warning port-down port ${second}`]);
});

test("nothing is told of a start before hypervisors were tried, but for so long only", () => {
  isStarted = false;
  statuses.set(first, lost);
  using _ = watch();
  clock.turn(59_000);
  expect(told).toEqual([]);
  clock.turn(2_000);
  expect(told).toEqual([`warning port-down port ${first}`]);
});

test("a new port is told when it becomes ACTIVE, and not on its way to there", () => {
  using watching = settledWatch();
  const id = uuid(14);
  const port: Port = portOf(id, network, mac(14));
  intent.ports.set(id, port);
  intent.portsByNetwork.get(network)?.add(id);
  watching.step({ changes: [{ resource: "port", id, after: port }], networks: new Set([network]) });
  statuses.set(id, { status: "BUILD", reason: "under way", hypervisor: "a" });
  clock.turn(100);
  statuses.set(id, active);
  watching.changed("a");
  clock.turn(300);
  expect(told).toEqual([`info port-active port ${id}`]);
});

test("a hypervisor that confirms more has only what waits judged again, and one that falls back all of its networks", () => {
  using watching = settledWatch();
  confirmed = 6;
  watching.changed("a");
  clock.turn(300);
  expect(judged).toEqual([]);
  for (const id of [first, second]) statuses.set(id, lost);
  state = "lost";
  watching.changed("a");
  clock.turn(300);
  expect(told).toEqual([`warning port-down port ${first}`, `warning port-down port ${second}`]);
  [state, judged] = ["preparing", []];
  statuses.set(first, active);
  watching.changed("a");
  clock.turn(300);
  expect(judged).toEqual([first, second]);
  expect(told.slice(2)).toEqual([`info port-active port ${first}`]);
});

test("a port whose interface is gone wrong is told, though its hypervisor is as ready as before", () => {
  using watching = settledWatch();
  forwarded.delete(second);
  statuses.set(second, { status: "BUILD", reason: "could not open network device", hypervisor: "a" });
  watching.changed("a");
  clock.turn(300);
  expect(judged).toEqual([second]);
  expect(told).toEqual([`warning port-build port ${second}`]);
});

test("a path that breaks has the ports at both ends judged, and one that works those that wait", () => {
  using watching = settledWatch();
  watching.path({ from: "b", to: "a" }, true);
  expect(clock.waiting).toBe(0);
  statuses.set(first, { status: "BUILD", reason: "no probe passes", hypervisor: "a" });
  watching.path({ from: "b", to: "a" }, false);
  clock.turn(300);
  statuses.set(first, active);
  watching.path({ from: "b", to: "a" }, true);
  clock.turn(300);
  expect(told).toEqual([`warning port-build port ${first}`, `info port-active port ${first}`]);
});

test("a network is told with the reason, and what users want is no warning", () => {
  using watching = settledWatch();
  networkStatus = { status: "BUILD", reason: "hypervisor a: it is asked" };
  watching.changed("a");
  clock.turn(300);
  intent.networks.set(network, networkOf(1, { adminStateUp: false }));
  networkStatus = { status: "DOWN", reason: "the network is administratively down" };
  for (const id of [first, second]) statuses.set(id, { ...lost, reason: "administratively down" });
  const after = intent.networks.get(network);
  watching.step({
    changes: [{ resource: "network", id: network, ...(after && { before: after, after }) }],
    networks: new Set([network]),
  });
  clock.turn(300);
  expect(told).toEqual([
    `warning network-build network ${network}`,
    `info network-down network ${network}`,
    `info port-down port ${first}`,
    `info port-down port ${second}`,
  ]);
});

test("ten thousand ports that go and come are a few events, looked at in slices between which others have their turn", () => {
  for (let n = 100; n < 10_100; n += 1) {
    const id = uuid(n);
    intent.ports.set(id, portOf(id, network, mac(n % 200)));
    intent.portsByNetwork.get(network)?.add(id);
    intent.bindings.set(id, { portId: id, nodeKey: "a", revision: 1 as Revision });
    placement.refresh(intent, id);
    forwarded.add(id);
    statuses.set(id, active);
  }
  using watching = watch();
  watching.changed("a");
  clock.turn(60_000);
  const storm = (status: PortStatus, next: HypervisorState): void => {
    for (const id of intent.bindings.keys()) statuses.set(id, status);
    state = next;
    watching.changed("a");
  };
  judged = [];
  storm(lost, "lost");
  clock.turn(251);
  expect(judged.length).toBeLessThan(64);
  clock.turn(60_000);
  expect(judged).toHaveLength(10_003);
  expect(told).toEqual([`warning ports-down network ${network}`]);
  storm(active, "ready");
  clock.turn(60_000);
  expect(told.slice(1)).toEqual([`info ports-active network ${network}`]);
});

test("where it is never quiet, a look is put off for seconds, and not for ever", () => {
  using watching = settledWatch();
  for (let elapsedMs = 0; elapsedMs < 4_800; elapsedMs += 100) {
    watching.step({ changes: [], networks: new Set([network]) });
    clock.turn(100);
  }
  expect(judged).toEqual([]);
  for (let elapsedMs = 0; elapsedMs < 500; elapsedMs += 100) {
    watching.step({ changes: [], networks: new Set([network]) });
    clock.turn(100);
  }
  expect(judged).toHaveLength(3);
});

test("what is deleted meanwhile is nothing to be told, and after the end nothing is", () => {
  const watching = settledWatch();
  for (const id of [first, second]) statuses.set(id, lost);
  state = "lost";
  watching.changed("a");
  const before = intent.ports.get(first);
  intent.ports.delete(first);
  intent.portsByNetwork.get(network)?.delete(first);
  watching.step({
    changes: [{ resource: "port", id: first, ...(before && { before }) }],
    networks: new Set([network]),
  });
  clock.turn(300);
  expect(told).toEqual([`warning port-down port ${second}`]);
  statuses.set(second, active);
  watching.changed("a");
  watching[Symbol.dispose]();
  clock.turn(60_000);
  expect([told.length, clock.waiting]).toEqual([1, 0]);
});
