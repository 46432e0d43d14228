import type { LocalVlan, Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { desiredBridges, farUplinkPort, recordedVlans } from "./desired-bridges.ts";

const network = "00000000-0000-4000-8000-000000000001" as Uuid;
const settings = {
  datapathType: "netdev",
  controller: "tcp:192.0.2.1:6653",
  vlans: new Map([[network, 5 as LocalVlan]]),
  encapsulations: new Set(["vxlan"] as const),
  physicalNetworks: new Set<string>(),
};

test("the local VLANs that are written to br-int are read back", () => {
  const [brInt] = desiredBridges(settings);
  expect(recordedVlans(brInt?.externalIds ?? new Map())).toEqual(settings.vlans);
});

test("a record that is no VLAN, or whose VLAN another record has, is passed over", () => {
  const records = new Map([
    ["loomstack-vlan-a", "7"],
    ["loomstack-vlan-b", "7"],
    ["loomstack-vlan-c", "4095"],
    ["loomstack-vlan-d", "x"],
    ["vlan", "3"],
  ]);
  expect(recordedVlans(records)).toEqual(new Map([["a", 7]]));
});

test("one tunnel port serves every peer of an encapsulation", () => {
  const brTun = desiredBridges({ ...settings, encapsulations: new Set(["vxlan", "gre", "geneve"] as const) })[1];
  expect(brTun?.ports.map((port) => [port.name, port.type])).toEqual([
    ["br-tun", "internal"],
    ["patch-int", "patch"],
    ["loom-geneve", "geneve"],
    ["loom-gre", "gre"],
    ["loom-vxlan", "vxlan"],
  ]);
});

test("br-int has a patch to each physical network, and the other bridge the end that it names", () => {
  const [brInt] = desiredBridges({ ...settings, physicalNetworks: new Set(["physnet2", "physnet1"]) });
  const near = brInt?.ports.filter((port) => port.name.startsWith("loom-to-"));
  expect(near?.map((port) => [port.name, port.type, port.options.get("peer")])).toEqual([
    ["loom-to-physnet1", "patch", "loom-from-physnet1"],
    ["loom-to-physnet2", "patch", "loom-from-physnet2"],
  ]);
  const far = farUplinkPort("physnet1");
  expect([far.name, far.type, far.options.get("peer")]).toEqual(["loom-from-physnet1", "patch", "loom-to-physnet1"]);
});
