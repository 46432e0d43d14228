import type { LocalVlan, OfPort, TunnelKey } from "@loomstack/core";
import { expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { hypervisorSetting, networkSetting } from "./flow-setting.ts";
import type { OverlayNetwork, PlannedHypervisor } from "./plan.ts";

const port = (n: number): OfPort => n as OfPort;
const hypervisor: PlannedHypervisor = {
  patch: { onInt: port(1), onTun: port(1) },
  tunnels: new Map([
    ["vxlan", port(2)],
    ["gre", port(3)],
  ]),
  advertisesNeighbours: true,
};
const network: OverlayNetwork = {
  id: uuid(1),
  tunnelKey: 7 as TunnelKey,
  encapsulation: "vxlan",
  localVlan: 7 as LocalVlan,
};

test("hypervisors with the same ports have one setting, whatever else their inventories have", () => {
  const tunnels = new Map([...hypervisor.tunnels].reverse());
  const inventory = { ...hypervisor, tunnels, interfaces: new Map([[uuid(2), port(9)]]) };
  expect(hypervisorSetting(inventory)).toBe(hypervisorSetting({ ...hypervisor }));
});

test("every member of a hypervisor or a network makes another setting", () => {
  const hypervisors: readonly PlannedHypervisor[] = [
    hypervisor,
    { ...hypervisor, patch: { onInt: port(4), onTun: port(1) } },
    { ...hypervisor, patch: { onInt: port(1), onTun: port(4) } },
    { ...hypervisor, tunnels: new Map([["vxlan", port(3)]]) },
    { ...hypervisor, tunnels: new Map([["gre", port(2)]]) },
    { ...hypervisor, advertisesNeighbours: false },
  ];
  expect(new Set(hypervisors.map(hypervisorSetting)).size).toBe(hypervisors.length);
  const networks = [
    network,
    { ...network, id: uuid(2) },
    { ...network, tunnelKey: 8 as TunnelKey },
    { ...network, encapsulation: "gre" as const },
    { ...network, localVlan: 8 as LocalVlan },
    { ...network, keepsAddresses: true },
    { id: uuid(1), tunnelKey: 7 as TunnelKey, physicalNetwork: "a", uplink: port(5), vlan: 7 },
    { id: uuid(1), tunnelKey: 7 as TunnelKey, physicalNetwork: "a", uplink: port(5), vlan: null },
  ];
  expect(new Set(networks.map(networkSetting)).size).toBe(networks.length);
});
