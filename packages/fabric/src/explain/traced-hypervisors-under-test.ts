/** What tests of traces share: two hypervisors with real Open vSwitch, and guests on them. */
import type { Ip, Mac, Uuid } from "@loomstack/core";
import { createPort, createSubnet, loadIntent, type Trace, type TraceRequest } from "@loomstack/model";
import { expect } from "vitest";
import { ControllerWorld, network, until } from "../controller-under-test.ts";
import { HypervisorRegistry } from "../hypervisors.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import { answersOf } from "../services/network-answers-under-test.ts";
import { ofprotoTables, tracedTables } from "./ofproto-trace-under-test.ts";
import { tracePacket } from "./packet-trace.ts";

const subnet = uuid(2);
const subnet6 = uuid(3);
/** On which hypervisor the guests are; 14 is down, 15 is on none. */
const guests = { 11: "a", 12: "b", 13: "a", 14: "a", 15: undefined } as const;
export const to = (n: number): Ip => `10.0.0.${n}` as Ip;
export const macOf = (n: number): Mac => `02:00:00:00:00:${n}` as Mac;
export const ping = (destination: Ip | Mac, change: Partial<TraceRequest> = {}): TraceRequest => ({
  from: uuid(11),
  to: destination,
  protocol: { name: "icmp" },
  ...change,
});

/** Between dummies no probe passes. */
export const carriesAll = {
  get: (): PathCapacity => "carried",
  measure: (): Promise<PathCapacity> => Promise.resolve("carried"),
};

/** system-a and system-b, with all flows in place for the guests. The subnets of their network have DHCP. */
export class TracedHypervisors implements AsyncDisposable {
  readonly world: ControllerWorld;
  readonly b: OpenVSwitchUnderTest;

  private constructor(world: ControllerWorld, b: OpenVSwitchUnderTest) {
    this.world = world;
    this.b = b;
  }

  static async start(): Promise<TracedHypervisors> {
    await using starting = new AsyncDisposableStack();
    const world = starting.use(await ControllerWorld.start());
    const hypervisors = new TracedHypervisors(world, await world.startHost("system-b", "192.0.2.2"));
    const { a, b } = hypervisors;
    // ovs-ctl writes it where there is one; what Open vSwitch can answer depends on it.
    for (const host of [a, b]) await host.vsctl("--no-wait", "set", "Open_vSwitch", ".", "ovs_version=3.1.0");
    await world.connect("a", a);
    await world.connect("b", b);
    await makeSubnets(world);
    for (const [n, host] of Object.entries(guests)) {
      await makeGuest(world, Number(n));
      if (host !== undefined) await world.plug(host === "a" ? a : b, `tap${n}`, uuid(Number(n)));
    }
    await hypervisors.settled();
    starting.move();
    return hypervisors;
  }

  get a(): OpenVSwitchUnderTest {
    return this.world.host;
  }

  get registry(): HypervisorRegistry {
    const { hypervisors } = this.world.controller;
    if (!(hypervisors instanceof HypervisorRegistry)) throw new TypeError("the hypervisors are none of ours");
    return hypervisors;
  }

  async trace(request: TraceRequest, paths = carriesAll.measure, underlayMtu?: number): Promise<Trace> {
    const [intent, hypervisors] = [await loadIntent(this.world.store), this.registry];
    const world = { intent, answers: answersOf(intent), hypervisors, paths: { measure: paths }, underlayMtu };
    return (await tracePacket(world, request)).trace;
  }

  /** Whether ofproto/trace sees the same tables and outputs, where the packet comes in on each hypervisor. */
  async compare(trace: Trace): Promise<void> {
    for (const [key, host] of [
      ["system-a", this.a],
      ["system-b", this.b],
    ] as const)
      expect(tracedTables(trace, key)).toEqual(await ofprotoTables(host, trace, key));
  }

  /** All flows are in place; without probes, which dummies don't pass on, no port becomes ACTIVE. */
  async settled(): Promise<void> {
    const { controller, store } = this.world;
    await until(() => [11, 12, 13].every((n) => /no probe/.test(controller.realised.port(uuid(n)).reason)));
    await controller.realised.reached(store.revision(), AbortSignal.timeout(10_000));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

async function makeSubnets(world: ControllerWorld): Promise<void> {
  const common = { networkId: network, name: "", tenantId: "", enableDhcp: true };
  await world.store.transact(async (tx) => {
    await createSubnet(tx, { ...common, id: subnet, cidr: "10.0.0.0/24", gatewayIp: to(1) });
    const dhcpv6 = { ipv6RaMode: "dhcpv6-stateful", ipv6AddressMode: "dhcpv6-stateful" } as const;
    await createSubnet(tx, { ...common, ...dhcpv6, id: subnet6, cidr: "2001:db8::/64", gatewayIp: null });
  });
}

async function makeGuest(world: ControllerWorld, n: number): Promise<void> {
  const id: Uuid = uuid(n);
  const fixedIps = [
    { subnetId: subnet, ipAddress: to(n) },
    { subnetId: subnet6, ipAddress: `2001:db8::${n}` as Ip },
  ];
  const names = { name: "", tenantId: "", deviceId: "", deviceOwner: "" };
  await world.store.transact((tx) =>
    createPort(tx, { id, networkId: network, macAddress: macOf(n), fixedIps, adminStateUp: n !== 14, ...names }),
  );
}
