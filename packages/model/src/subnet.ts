import { type Ip, isIpv6, LoomstackError, parsePrefix, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { AllocationPool } from "./allocation-pool.ts";
import type { ChangeOf } from "./change.ts";
import type { HostRoute } from "./host-route.ts";
import { keptQuery } from "./kept-query.ts";
import type { SubnetRow } from "./network-tables.ts";
import { type StandardAttributes, standardAttributesFromRow, standardAttributesToRow } from "./standard-attributes.ts";
import type { Tables } from "./tables.ts";

/** How guests get their IPv6 addresses, and what else they have to know: Neutron's words. */
export const ipv6Modes = ["slaac", "dhcpv6-stateful", "dhcpv6-stateless"] as const;
export type Ipv6Mode = (typeof ipv6Modes)[number];

/** An IPv4 or IPv6 prefix of a network, from which ports have addresses. */
export interface Subnet extends StandardAttributes {
  readonly id: Uuid;
  readonly networkId: Uuid;
  readonly name: string;
  readonly tenantId: string;
  /** `10.1.0.0/24` or `2001:db8::/64`, without host bits; it overlaps no other of the network. */
  readonly cidr: string;
  /** An address of the prefix; of IPv6 also a link-local one. */
  readonly gatewayIp: Ip | null;
  readonly enableDhcp: boolean;
  /** What router advertisements of ours tell guests to do; null: we send none, and somebody else may. */
  readonly ipv6RaMode: Ipv6Mode | null;
  /** How the addresses of ports come about; null: they are set by hand, or by somebody else's DHCPv6. */
  readonly ipv6AddressMode: Ipv6Mode | null;
  /** The resolvers that guests are told, the preferred one first; of the prefix's version of IP, each once. */
  readonly dnsNameservers: readonly Ip[];
  /** The ways that guests are told besides that to the gateway; of IPv4 alone. */
  readonly hostRoutes: readonly HostRoute[];
  /** The addresses that ports are given which ask for none; none named: all that hosts can have but the gateway. */
  readonly allocationPools: readonly AllocationPool[];
  /** The subnet pool that its prefix was taken from. */
  readonly subnetPoolId: Uuid | null;
}

export type SubnetChange = ChangeOf<"subnet", Subnet, Uuid>;

/** What a client need not say: no modes, no resolvers, no routes, no pools. */
type GuestSettings = Pick<
  Subnet,
  "ipv6RaMode" | "ipv6AddressMode" | "dnsNameservers" | "hostRoutes" | "allocationPools" | "subnetPoolId"
>;

/** What a client says of a new subnet. */
export type NewSubnet = Omit<Subnet, keyof StandardAttributes | keyof GuestSettings> &
  Partial<GuestSettings & Pick<Subnet, "description" | "tags">>;

/** What can be changed of a subnet. */
export type SubnetPatch = Partial<
  Pick<
    Subnet,
    "name" | "description" | "tags" | "gatewayIp" | "enableDhcp" | "dnsNameservers" | "hostRoutes" | "allocationPools"
  >
>;

/** Every subnet, or those of one network, in a fixed order. */
export async function listSubnets(db: Kysely<Tables>, networkId?: Uuid): Promise<Subnet[]> {
  const rows = await (networkId === undefined ? allSubnets(db, {}) : subnetsOf(db, { networkId }));
  return rows.map(subnetFromRow);
}

const allSubnets = keptQuery((db) => db.selectFrom("subnets").selectAll().orderBy("id"));
const subnetsOf = keptQuery((db, { networkId }: { readonly networkId: Uuid }) =>
  db.selectFrom("subnets").selectAll().where("network_id", "=", networkId).orderBy("id"),
);

export async function findSubnet(db: Kysely<Tables>, id: Uuid): Promise<Subnet | undefined> {
  const row = await db.selectFrom("subnets").selectAll().where("id", "=", id).executeTakeFirst();
  return row && subnetFromRow(row);
}

/** @throws MODEL__NOT_FOUND */
export async function getSubnet(db: Kysely<Tables>, id: Uuid): Promise<Subnet> {
  const subnet = await findSubnet(db, id);
  if (!subnet) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "subnet", id });
  return subnet;
}

/** Whether a subnet's addresses are of IPv6. */
export function isIpv6Subnet({ cidr }: Pick<Subnet, "cidr">): boolean {
  return isIpv6(parsePrefix(cidr).network);
}

/** Whether a port with this `device_owner` is a router's, which alone may have a subnet's gateway address. */
export function isRouterOwner(deviceOwner: string): boolean {
  return deviceOwner.startsWith("network:router");
}

function subnetFromRow(row: SubnetRow): Subnet {
  return {
    id: row.id as Uuid,
    networkId: row.network_id as Uuid,
    name: row.name,
    tenantId: row.tenant_id,
    cidr: row.cidr,
    gatewayIp: row.gateway_ip as Ip | null,
    enableDhcp: row.enable_dhcp === 1,
    ipv6RaMode: row.ipv6_ra_mode as Ipv6Mode | null,
    ipv6AddressMode: row.ipv6_address_mode as Ipv6Mode | null,
    dnsNameservers: JSON.parse(row.dns_nameservers) as Ip[],
    hostRoutes: JSON.parse(row.host_routes) as HostRoute[],
    allocationPools: JSON.parse(row.allocation_pools) as AllocationPool[],
    subnetPoolId: row.subnet_pool_id as Uuid | null,
    ...standardAttributesFromRow(row),
  };
}

/** As the store keeps it. */
export function subnetToRow(subnet: Subnet): Omit<SubnetRow, "search_from"> {
  return {
    id: subnet.id,
    network_id: subnet.networkId,
    name: subnet.name,
    tenant_id: subnet.tenantId,
    cidr: subnet.cidr,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: Number(subnet.enableDhcp),
    ipv6_ra_mode: subnet.ipv6RaMode,
    ipv6_address_mode: subnet.ipv6AddressMode,
    dns_nameservers: JSON.stringify(subnet.dnsNameservers),
    host_routes: JSON.stringify(subnet.hostRoutes),
    allocation_pools: JSON.stringify(subnet.allocationPools),
    subnet_pool_id: subnet.subnetPoolId,
    ...standardAttributesToRow(subnet),
  };
}
