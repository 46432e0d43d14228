import {
  type Ip,
  ipVersionOf,
  isIpv6,
  isLinkLocalIpv6,
  isMulticastIpv6,
  LoomstackError,
  parsePrefix,
  type Prefix,
  prefixesOverlap,
  type Revision,
  type Uuid,
} from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import { whyNoHostAddress } from "./host-address.ts";
import { checkLeastMtu } from "./mtu.ts";
import type { SubnetRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/** An IPv4 or IPv6 prefix of a network, from which ports have addresses. */
export interface Subnet {
  readonly id: Uuid;
  readonly networkId: Uuid;
  readonly name: string;
  readonly tenantId: string;
  /** `10.1.0.0/24` or `2001:db8::/64`, without host bits; it overlaps no other of the network. */
  readonly cidr: string;
  /** An address of the prefix; of IPv6 also a link-local one. */
  readonly gatewayIp: Ip | null;
  readonly enableDhcp: boolean;
  readonly revision: Revision;
}

export type SubnetChange = ChangeOf<"subnet", Subnet, Uuid>;

/** What a client says of a new subnet. */
export type NewSubnet = Omit<Subnet, "revision">;

/** What can be changed of a subnet. */
export type SubnetPatch = Partial<Pick<Subnet, "name" | "gatewayIp" | "enableDhcp">>;

/** Every subnet, or those of one network, in a fixed order. */
export async function listSubnets(db: Kysely<Tables>, networkId?: Uuid): Promise<Subnet[]> {
  const all = db.selectFrom("subnets").selectAll().orderBy("id");
  const rows = await (networkId === undefined ? all : all.where("network_id", "=", networkId)).execute();
  return rows.map(subnetFromRow);
}

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

/**
 * @throws MODEL__NOT_FOUND for the network; MODEL__ALREADY_EXISTS, CORE__INVALID_PREFIX, MODEL__CIDR_TOO_SMALL,
 * MODEL__INVALID_CIDR, MODEL__CIDR_OVERLAP, MODEL__INVALID_GATEWAY; MODEL__INVALID_MTU when the network's is too small
 * for IPv6
 */
export async function createSubnet(tx: Tx, wanted: NewSubnet): Promise<Subnet> {
  const subnet: Subnet = { ...wanted, revision: tx.revision };
  const prefix = parsePrefix(subnet.cidr);
  checkPrefix(subnet, prefix);
  checkGateway(subnet, prefix);
  await checkNetworkMtu(tx.db, subnet);
  for (const other of await listSubnets(tx.db, subnet.networkId)) {
    if (other.id !== subnet.id && prefixesOverlap(prefix, parsePrefix(other.cidr))) throw overlap(subnet, other);
  }
  await explainViolation(
    tx.db
      .insertInto("subnets")
      .values({ ...subnetToRow(subnet), search_from: 0 })
      .execute(),
    ({ kind }) =>
      kind === "unique"
        ? new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "subnet", id: subnet.id })
        : new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id: subnet.networkId }),
  );
  tx.record({ resource: "subnet", id: subnet.id, after: subnet });
  return subnet;
}

/** @throws MODEL__NOT_FOUND, MODEL__INVALID_GATEWAY also when a port other than a router's has the address */
export async function updateSubnet(tx: Tx, id: Uuid, patch: SubnetPatch): Promise<Subnet> {
  const before = await getSubnet(tx.db, id);
  const after: Subnet = { ...before, ...patch, revision: tx.revision };
  checkGateway(after, parsePrefix(after.cidr));
  await tx.db
    .updateTable("subnets")
    // A gateway that is given up may be the lowest free address now, wherever the search had got to.
    .set({
      ...subnetToRow(after),
      ...(before.gatewayIp !== after.gatewayIp && { search_from: 0 }),
    })
    .where("id", "=", id)
    .execute();
  if (after.gatewayIp !== null && before.gatewayIp !== after.gatewayIp)
    await checkGatewayUnused(tx.db, after, after.gatewayIp);
  tx.record({ resource: "subnet", id, before, after });
  return after;
}

/** @throws MODEL__NOT_FOUND; MODEL__IN_USE while a port has an address of it */
export async function deleteSubnet(tx: Tx, id: Uuid): Promise<void> {
  const before = await getSubnet(tx.db, id);
  const used = await tx.db
    .selectFrom("port_addresses")
    .select("port_id")
    .where("subnet_id", "=", id)
    .executeTakeFirst();
  if (used) throw new LoomstackError("MODEL__IN_USE", { resource: "subnet", id, user: `port ${used.port_id}` });
  await tx.db.deleteFrom("subnets").where("id", "=", id).execute();
  tx.record({ resource: "subnet", id, before });
}

/** Whether a subnet's addresses are of IPv6. */
export function isIpv6Subnet({ cidr }: Pick<Subnet, "cidr">): boolean {
  return isIpv6(parsePrefix(cidr).network);
}

function checkPrefix({ id, cidr }: Subnet, { network, prefixLength }: Prefix): void {
  const longest = ipVersionOf(network) === 6 ? 126 : 30;
  if (prefixLength > longest) throw new LoomstackError("MODEL__CIDR_TOO_SMALL", { cidr, subnet: id, longest });
  if (!isIpv6(network)) return;
  const reason = isMulticastIpv6(network)
    ? "nobody has a multicast address"
    : isLinkLocalIpv6(network)
      ? "every interface makes its link-local address itself"
      : network.startsWith("::")
        ? "these addresses have a meaning of their own (RFC 4291, 2.4)"
        : undefined;
  if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_CIDR", { cidr, subnet: id, reason });
}

function checkGateway(subnet: Subnet, prefix: Prefix): void {
  const { gatewayIp } = subnet;
  if (gatewayIp === null) return;
  if (isIpv6(gatewayIp) && isIpv6(prefix.network) && isLinkLocalIpv6(gatewayIp)) return;
  const reason = whyNoHostAddress(prefix, gatewayIp);
  if (reason !== undefined) throw invalidGateway(subnet, reason);
}

async function checkNetworkMtu(db: Kysely<Tables>, subnet: Subnet): Promise<void> {
  if (!isIpv6Subnet(subnet)) return;
  const network = await db.selectFrom("networks").select("mtu").where("id", "=", subnet.networkId).executeTakeFirst();
  checkLeastMtu({ id: subnet.networkId, mtu: network?.mtu ?? null }, { hasIpv6: true });
}

async function checkGatewayUnused(db: Kysely<Tables>, subnet: Subnet, gatewayIp: Ip): Promise<void> {
  const holder = await db
    .selectFrom("port_addresses")
    .innerJoin("ports", "ports.id", "port_addresses.port_id")
    .select(["ports.id", "ports.device_owner"])
    .where("port_addresses.subnet_id", "=", subnet.id)
    .where("port_addresses.address", "=", gatewayIp)
    .executeTakeFirst();
  if (holder && !isRouterOwner(holder.device_owner)) throw invalidGateway(subnet, `port ${holder.id} has this address`);
}

/** Whether a port with this `device_owner` is a router's, which alone may have a subnet's gateway address. */
export function isRouterOwner(deviceOwner: string): boolean {
  return deviceOwner.startsWith("network:router");
}

function invalidGateway(subnet: Subnet, reason: string): LoomstackError {
  return new LoomstackError("MODEL__INVALID_GATEWAY", {
    gateway: String(subnet.gatewayIp),
    subnet: subnet.id,
    cidr: subnet.cidr,
    reason,
  });
}

function overlap(subnet: Subnet, other: Subnet): LoomstackError {
  return new LoomstackError("MODEL__CIDR_OVERLAP", {
    cidr: subnet.cidr,
    subnet: subnet.id,
    other: other.id,
    otherCidr: other.cidr,
  });
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
    revision: row.revision as Revision,
  };
}

function subnetToRow(subnet: Subnet): Omit<SubnetRow, "search_from"> {
  return {
    id: subnet.id,
    network_id: subnet.networkId,
    name: subnet.name,
    tenant_id: subnet.tenantId,
    cidr: subnet.cidr,
    gateway_ip: subnet.gatewayIp,
    enable_dhcp: Number(subnet.enableDhcp),
    revision: subnet.revision,
  };
}
