/** What tests of traces share: a VLAN of a physical network, with a guest on either hypervisor and a third. */
import type { Ip, Mac } from "@loomstack/core";
import { createNetwork, createPort, createSubnet, type TraceRequest } from "@loomstack/model";
import { until } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { TracedHypervisors } from "./traced-hypervisors-under-test.ts";

/** Of the Open_vSwitch row. */
export const mappings = 'external_ids:loomstack-bridge-mappings="phys1:br-ex"';
const vlan = uuid(100);
/** On which hypervisor the guests are. */
const guests = { 21: "a", 22: "b", 23: "a" } as const;
const common = { name: "", tenantId: "" };
export const ip = (n: number): Ip => `10.1.0.${n}` as Ip;
export const mac = (n: number): Mac => `02:00:00:00:01:${n}` as Mac;
export const ping = (to: Ip | Mac, change: Partial<TraceRequest> = {}): TraceRequest => ({
  from: uuid(21),
  to,
  protocol: { name: "icmp" },
  ...change,
});

export async function untilActive({ world }: TracedHypervisors, n: number): Promise<void> {
  await until(() => world.controller.realised.port(uuid(n)).status === "ACTIVE");
}

/** Joins both hypervisors with phys1 by a bridge br-ex, and plugs the guests of its VLAN 100. */
export async function joinPhysicalNetwork(hypervisors: TracedHypervisors): Promise<void> {
  const { world, a, b } = hypervisors;
  for (const host of [a, b]) await host.vsctl("add-br", "br-ex", "--", "set", "Open_vSwitch", ".", mappings);
  await world.store.transact(async (tx) => {
    const provider = { networkType: "vlan", physicalNetwork: "phys1", segmentationId: 100 } as const;
    await createNetwork(tx, { id: vlan, ...common, shared: false, adminStateUp: true, ...provider });
    const range = { cidr: "10.1.0.0/24", gatewayIp: null, enableDhcp: false };
    await createSubnet(tx, { id: uuid(101), networkId: vlan, ...common, ...range });
  });
  for (const [n, host] of Object.entries(guests)) {
    await makeGuest(hypervisors, Number(n));
    await world.plug(host === "a" ? a : b, `tap${n}`, uuid(Number(n)));
  }
  for (const n of Object.keys(guests)) await untilActive(hypervisors, Number(n));
}

async function makeGuest({ world }: TracedHypervisors, n: number): Promise<void> {
  const port = {
    id: uuid(n),
    networkId: vlan,
    macAddress: mac(n),
    adminStateUp: true,
    fixedIps: [{ ipAddress: ip(n) }],
  };
  await world.store.transact((tx) => createPort(tx, { ...common, deviceId: "", deviceOwner: "", ...port }));
}
