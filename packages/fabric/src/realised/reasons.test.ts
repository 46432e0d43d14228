/** Whatever is known, and whatever isn't: nothing is in a state without a reason in words. */
import type { Ipv4, Revision, Uuid } from "@loomstack/core";
import type { Binding, Intent, TunnelEndpoint } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import fc from "fast-check";
import { silentLogger } from "@loomstack/core";
import { expect, test } from "vitest";
import { HypervisorCondition } from "../hypervisor-condition.ts";
import { intentOf, mac, networkOf, portOf, uuid } from "../intent/intent-under-test.ts";
import { switchStatus } from "../switches/switch-status.ts";
import { objectRealised } from "./object-realised.ts";
import { portStatus, type RealisedView } from "./port-status.ts";

const revision = (n: number): Revision => n as Revision;
const [network, here, there] = [uuid(1), uuid(11), uuid(12)];
const keys = ["OVS/a", "OVS/b"];

const knowledge = fc.record({
  networkType: fc.constantFrom("vxlan", "vlan", "flat"),
  isBound: fc.boolean(),
  isUp: fc.boolean(),
  endpoints: fc.subarray(keys),
  live: fc.subarray(keys),
  confirmed: fc.subarray(keys),
  carrying: fc.subarray(keys),
  full: fc.subarray(keys),
  trouble: fc.option(fc.constant("could not open network device tap1"), { nil: undefined }),
  forwards: fc.boolean(),
  paths: fc.boolean(),
  uplink: fc.option(fc.constant("it has no bridge for physical network physnet1"), { nil: undefined }),
  tunnel: fc.option(fc.constant("Open vSwitch can't make it"), { nil: undefined }),
});
type Knowledge = typeof knowledge extends fc.Arbitrary<infer Value> ? Value : never;

/** Chance alone seldom gets everything right. */
const allRight: Knowledge = {
  ...{ networkType: "vxlan", isBound: true, isUp: true, forwards: true, paths: true },
  ...{ endpoints: keys, live: keys, confirmed: keys, carrying: keys, full: [] },
  ...{ trouble: undefined, tunnel: undefined, uplink: undefined },
};

function intentFrom({ isBound, isUp, endpoints, networkType }: Knowledge): Intent {
  const binding = (portId: Uuid, nodeKey: string): [Uuid, Binding] => [
    portId,
    { portId, nodeKey, revision: revision(1) },
  ];
  const endpoint = (nodeKey: string): [string, TunnelEndpoint] => [
    nodeKey,
    { nodeKey, address: "192.0.2.1" as Ipv4, revision: revision(1) },
  ];
  return intentOf(
    [networkOf(1, { adminStateUp: isUp, networkType })],
    [portOf(here, network, mac(1)), portOf(there, network, mac(2))],
    {
      bindings: new Map([...(isBound ? [binding(here, "OVS/a")] : []), binding(there, "OVS/b")]),
      tunnelEndpoints: new Map(endpoints.map(endpoint)),
    },
  );
}

function viewFrom(known: Knowledge): RealisedView {
  return {
    homes: () => new Set(keys),
    isLive: (key) => known.live.includes(key),
    reason: () => "its switches are being asked",
    confirmed: (key) => revision(known.confirmed.includes(key) ? 5 : 4),
    interfaceTrouble: () => known.trouble,
    tunnelTrouble: () => known.tunnel,
    forwards: () => known.forwards,
    carries: (key) => known.carrying.includes(key),
    lacksVlan: (key) => known.full.includes(key),
    isUp: () => known.paths,
    uplinkObstacle: () => known.uplink,
  };
}

test("a port and a network have a reason, and what they wait for is named, whatever is known", () => {
  const statuses = new Set<string>();
  fc.assert(
    fc.property(knowledge, (known) => {
      const [intent, view] = [intentFrom(known), viewFrom(known)];
      const { status, reason, waitsFor } = portStatus(intent, here, revision(5), view);
      statuses.add(status);
      expect(reason).toMatch(/\w{2} \w/);
      expect(waitsFor).toContain(network);
      for (const kind of ["network", "port"] as const) {
        const id = kind === "network" ? network : here;
        const told = objectRealised({ intent, revisionOf: () => revision(5) }, kind, id, view);
        for (const text of [told.reason, ...told.hypervisors.map((one) => one.reason)]) expect(text).toMatch(/\w \w/);
      }
    }),
    { numRuns: 2_000, examples: [[allRight]] },
  );
  expect(statuses).toEqual(new Set(["ACTIVE", "BUILD", "DOWN"]));
});

test("a hypervisor has a reason from the beginning to the end, also when nobody has said any", () => {
  const condition = new HypervisorCondition({
    ...{ key: "OVS/a", clock: new FakeClock(), logger: silentLogger },
    event: () => undefined,
    changed: () => undefined,
  });
  expect(condition).toMatchObject({ state: "connecting", reason: expect.stringMatching(/\w \w/) as string });
  for (const state of ["connecting", "preparing", "ready", "lost", "refused"] as const) {
    condition.become(state, "");
    expect(condition).toMatchObject({ state, reason: expect.stringMatching(/\w \w/) as string });
  }
  condition.end();
  expect(condition.reason).toMatch(/\w \w/);
});

test("a switch that nobody manages says why", () => {
  const known = { dpid: "00000000000000a1", name: undefined, plain: undefined, connection: undefined };
  for (const hypervisor of [undefined, "OVS/a"]) expect(switchStatus({ ...known, hypervisor }).reason).toMatch(/\w \w/);
});
