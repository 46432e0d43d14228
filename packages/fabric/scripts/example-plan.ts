import {
  type Ip,
  type Ipv4,
  isIpv6,
  type LocalVlan,
  type OfPort,
  parseIp,
  parseMac,
  type TunnelKey,
  type Uuid,
} from "@loomstack/core";
import { type Intent, parsePairAddress, type Port, type PortLocation } from "@loomstack/model";
import { HypervisorPlan } from "../src/compile/hypervisor-plan.ts";
import { SharedPlan } from "../src/compile/shared-plan.ts";
import { intentOf, mac, networkOf, portOf, revision, subnetOf, uuid } from "../src/intent/intent-under-test.ts";
import { Placement } from "../src/intent/placement.ts";

const here = "OVS/host-1";
const there = "OVS/host-2";

function port(n: number, addresses: readonly string[], change: Partial<Port> = {}): Port {
  const fixedIps = addresses.map(parseIp).map((ipAddress) => ({ subnetId: subnetIdOf(ipAddress), ipAddress }));
  return portOf(uuid(n), uuid(9), mac(n), { fixedIps, ...change });
}

const shared = { macAddress: parseMac("00:00:5e:00:01:07"), prefix: parsePairAddress("10.1.0.7") };
const ports = [
  port(1, ["10.1.0.11", "2001:db8::11"], { allowedAddressPairs: [shared] }),
  port(2, []),
  port(3, ["10.1.0.13", "2001:db8::13"], { allowedAddressPairs: [shared] }),
  port(4, ["10.1.0.14"], { portSecurityEnabled: false }),
  port(5, ["10.1.0.15"]),
  port(6, ["198.51.100.16"], { networkId: uuid(7) }),
];
/** Of port 6's addresses, which are another network's, nothing is known but that there is no DHCP. */
function subnetIdOf(address: Ip): Uuid {
  return uuid(isIpv6(address) ? 8 : address.startsWith("10.") ? 0 : 7);
}

const stateful = { ipv6RaMode: "dhcpv6-stateful", ipv6AddressMode: "dhcpv6-stateful" } as const;
const subnets = [
  subnetOf(0, uuid(9), "10.1.0.0/24", { enableDhcp: true }),
  subnetOf(8, uuid(9), "2001:db8::/64", { enableDhcp: true, ...stateful }),
];
const locations: readonly (PortLocation & { readonly id: Uuid })[] = [
  ...[1, 2, 4, 6].map((n) => ({ id: uuid(n), nodeKey: here })),
  { id: uuid(3), nodeKey: there },
  { id: uuid(5), nodeKey: there, arrivingAt: here },
];
const networks = [
  networkOf(9, { tunnelKey: 0x64 as TunnelKey }),
  networkOf(7, {
    networkType: "vlan",
    physicalNetwork: "physnet1",
    segmentationId: 100,
    tunnelKey: 0x65 as TunnelKey,
  }),
];
const intent: Intent = intentOf(networks, ports, {
  subnets: new Map(subnets.map((one) => [one.id, one])),
  subnetsByNetwork: new Map([[uuid(9), new Set(subnets.map(({ id }) => id))]]),
  bindings: new Map(locations.map(({ id, ...location }) => [id, { portId: id, ...location, revision }])),
  tunnelEndpoints: new Map([
    [here, { nodeKey: here, address: "192.0.2.1" as Ipv4, revision }],
    [there, { nodeKey: there, address: "192.0.2.2" as Ipv4, revision }],
  ]),
});

/**
 * The example of docs/pipeline.md: hypervisor 192.0.2.1 holds ports 1, 2 and 4 of a network (port 2's addresses are not
 * known, port 4 has no port security), hypervisor 192.0.2.2 port 3. Ports 1 and 3 share an address. The guest of port 5 is
 * on its way from 192.0.2.2 to 192.0.2.1. Addresses of IPv6 come by DHCPv6. Port 6 is of a network
 * that is VLAN 100 of a physical network.
 */
export function examplePlan(): HypervisorPlan {
  const plan = new HypervisorPlan({ shared: new SharedPlan(intent, Placement.of(intent)), key: here });
  plan.compile({
    interfaces: new Map([
      [uuid(1), 11 as OfPort],
      [uuid(2), 12 as OfPort],
      [uuid(4), 14 as OfPort],
      [uuid(5), 15 as OfPort],
      [uuid(6), 16 as OfPort],
    ]),
    patch: { onInt: 1 as OfPort, onTun: 1 as OfPort },
    tunnels: new Map([["vxlan", 2 as OfPort]]),
    vlans: new Map([[uuid(9), 1 as LocalVlan]]),
    uplinks: new Map([["physnet1", 3 as OfPort]]),
  });
  return plan;
}
