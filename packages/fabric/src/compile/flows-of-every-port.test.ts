/** What one port, one network or one hypervisor has doesn't depend on what its neighbours are called, or on their going. */
import type { Ipv4, LocalVlan, OfPort } from "@loomstack/core";
import { formatFlow } from "@loomstack/openflow";
import { beforeEach, expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { desiredOf, type Host, hosts, World } from "./world-under-test.ts";

let world: World;

beforeEach(() => {
  world = new World();
  for (const [index, host] of hosts.entries()) world.putEndpoint(host, `192.0.2.${index + 1}` as Ipv4);
});

/** Makes a port of a network, on a hypervisor, behind the OpenFlow port of its own number. */
const plug = (id: number, networkId: number, host: Host, ofPort = id): void => {
  world.putPort(id, { networkId: uuid(networkId) });
  world.bind(id, host);
  const { local } = world.follower(host);
  const interfaces = new Map([...local.interfaces, [uuid(id), ofPort as OfPort]]);
  world.follower(host).local = { ...local, interfaces };
};
const flowsOn = (host: Host, bridge: BridgeName) => {
  world.follower(host).settle();
  return desiredOf(world.follower(host).plan).filter((flow) => flow.bridge === bridge);
};

test("ports and VLANs whose digits run together have flows of their own: port 1 of VLAN 12, port 11 of VLAN 2", () => {
  for (const id of [1, 2]) world.putNetwork(id, {});
  const follower = world.follower("OVS/a");
  const patch = { onInt: 90 as OfPort, onTun: 90 as OfPort };
  const vlans = new Map([[uuid(1), 12 as LocalVlan] as const, [uuid(2), 2 as LocalVlan] as const]);
  follower.local = { ...follower.local, patch, vlans };
  plug(31, 1, "OVS/a", 1);
  plug(32, 2, "OVS/a", 11);
  for (const [id, networkId] of [[41, 1] as const, [42, 2] as const]) plug(id, networkId, "OVS/b");
  const flows = [...flowsOn("OVS/a", "br-int"), ...flowsOn("OVS/a", "br-tun")];
  expect(new Set(flows.map(({ bridge, key }) => `${bridge} ${key}`)).size).toBe(flows.length);
  expect(follower.plan.desired.size).toBe(flows.length);
  const counts = [31, 32, 41, 42].map((id) => flows.filter(({ owner }) => owner === `port ${uuid(id)}`).length);
  expect(counts[0]).toBeGreaterThan(0);
  expect([counts[1], counts[3]]).toEqual([counts[0], counts[2]]);
});

test("broadcast reaches a hypervisor until the last guest of the network has left it", () => {
  world.putNetwork(1, {});
  plug(31, 1, "OVS/a");
  for (const id of [41, 42]) plug(id, 1, "OVS/b");
  plug(43, 1, "OVS/c");
  const endpoints = (): string[] => {
    const [flow] = flowsOn("OVS/a", "br-tun").filter(({ why }) => why.startsWith("broadcast and multicast go"));
    const text = flow === undefined ? "" : formatFlow(flow.flow);
    return [...text.matchAll(/192\.0\.2\.\d/g)].map(([address]) => address);
  };
  expect(endpoints()).toEqual(["192.0.2.2", "192.0.2.3"]);
  world.remove(41);
  expect(endpoints()).toEqual(["192.0.2.2", "192.0.2.3"]);
  world.remove(42);
  expect(endpoints()).toEqual(["192.0.2.3"]);
});

test("hypervisors that share no network have no tunnel and no flow to each other", () => {
  for (const id of [1, 2]) world.putNetwork(id, {});
  plug(31, 1, "OVS/a");
  plug(41, 2, "OVS/b");
  for (const host of ["OVS/a", "OVS/b"] as const) {
    const flows = [...flowsOn(host, "br-int"), ...flowsOn(host, "br-tun")];
    expect(flows.filter(({ owner }) => owner.startsWith("hypervisor "))).toEqual([]);
    expect([world.follower(host).plan.peers, [...world.follower(host).networks.encapsulations]]).toEqual([[], []]);
  }
  plug(42, 1, "OVS/b");
  expect(flowsOn("OVS/a", "br-tun").filter(({ owner }) => owner === "hypervisor OVS/b")).toHaveLength(1);
});
