/** What the tests of this package share: intent made by hand, with as little said of each object as the test needs. */
import type { Mac, Revision, TunnelKey, Uuid } from "@loomstack/core";
import type { Intent, Network, Port, Subnet } from "@loomstack/model";

export const revision = 1 as Revision;
const standard = { description: "", tags: [], createdAt: 0, updatedAt: 0, revision };

/** An id that a reader knows again: `uuid(12)` ends in 12. */
export function uuid(n: number): Uuid {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as Uuid;
}

export function mac(n: number): Mac {
  return `02:00:00:00:00:${n.toString(16).padStart(2, "0")}` as Mac;
}

/** Network number `n`: VXLAN, administratively up, with tunnel key 100 + n. */
export function networkOf(n: number, change: Partial<Network> = {}): Network {
  return {
    id: uuid(n),
    name: "",
    tenantId: "",
    shared: false,
    adminStateUp: true,
    networkType: "vxlan",
    physicalNetwork: null,
    segmentationId: null,
    tunnelKey: (100 + n) as TunnelKey,
    mtu: null,
    dnsDomain: null,
    learnsAddresses: true,
    portSecurityEnabled: true,
    ...standard,
    ...change,
  };
}

/** A port that is administratively up and has no addresses. */
export function portOf(id: Uuid, networkId: Uuid, macAddress: Mac, change: Partial<Port> = {}): Port {
  return {
    id,
    networkId,
    name: "",
    tenantId: "",
    macAddress,
    fixedIps: [],
    deviceId: "",
    deviceOwner: "",
    adminStateUp: true,
    portSecurityEnabled: true,
    allowedAddressPairs: [],
    dnsName: null,
    hostId: "",
    bindingProfile: "{}",
    ...standard,
    ...change,
  };
}

/** Subnet number `n`, without a gateway, DHCP or modes. */
export function subnetOf(n: number, networkId: Uuid, cidr: string, change: Partial<Subnet> = {}): Subnet {
  return {
    id: uuid(n),
    networkId,
    name: "",
    tenantId: "",
    cidr,
    gatewayIp: null,
    enableDhcp: false,
    ipv6RaMode: null,
    ipv6AddressMode: null,
    dnsNameservers: [],
    hostRoutes: [],
    allocationPools: [],
    subnetPoolId: null,
    ...standard,
    ...change,
  };
}

/** Intent of these networks and ports, and nothing more than `change` says. */
export function intentOf(networks: readonly Network[], ports: readonly Port[], change: Partial<Intent> = {}): Intent {
  return {
    revision,
    networks: new Map(networks.map((network) => [network.id, network])),
    subnets: new Map(),
    subnetsByNetwork: byNetwork([...(change.subnets ?? new Map<Uuid, Subnet>()).values()]),
    ports: new Map(ports.map((port) => [port.id, port])),
    portsByNetwork: byNetwork(ports),
    nodes: new Map(),
    bindings: new Map(),
    learntAddresses: new Map(),
    switches: new Map(),
    staticFlows: new Map(),
    staticFlowsBySwitch: new Map(),
    tunnelEndpoints: new Map(),
    ...change,
  };
}

function byNetwork(objects: readonly { readonly id: Uuid; readonly networkId: Uuid }[]): Map<Uuid, Set<Uuid>> {
  const groups = Map.groupBy(objects, ({ networkId }) => networkId);
  return new Map([...groups].map(([network, members]) => [network, new Set(members.map(({ id }) => id))]));
}
