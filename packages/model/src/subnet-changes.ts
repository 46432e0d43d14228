import { type Ip, LoomstackError, parsePrefix, type Prefix, prefixesOverlap, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { checkAllocationPools } from "./allocation-pool.ts";
import { giveToPorts, takeFromPorts } from "./automatic-address-change.ts";
import { isAutomatic } from "./automatic-address.ts";
import { checkHostRoutes } from "./host-route.ts";
import { checkLeastMtu } from "./mtu.ts";
import { changed, made } from "./standard-attributes.ts";
import type { Tx } from "./store.ts";
import { checkAllocation } from "./subnet-allocation.ts";
import { checkGateway, checkModes, checkNameservers, checkPrefix, invalidGateway } from "./subnet-checks.ts";
import {
  getSubnet,
  isIpv6Subnet,
  isRouterOwner,
  listSubnets,
  type NewSubnet,
  type Subnet,
  type SubnetPatch,
  subnetToRow,
} from "./subnet.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/**
 * @throws MODEL__NOT_FOUND for the network; MODEL__ALREADY_EXISTS, CORE__INVALID_PREFIX, MODEL__CIDR_TOO_SMALL,
 * MODEL__INVALID_CIDR, MODEL__CIDR_OVERLAP, MODEL__INVALID_GATEWAY, MODEL__INVALID_IPV6_MODE, MODEL__INVALID_NAMESERVER,
 * MODEL__INVALID_HOST_ROUTE, MODEL__INVALID_ALLOCATION_POOL, MODEL__GATEWAY_IN_ALLOCATION_POOL;
 * MODEL__NOT_IN_SUBNET_POOL, MODEL__SUBNET_POOL_QUOTA_EXCEEDED, MODEL__SUBNET_POOL_MIXED;
 * MODEL__INVALID_MTU when the network's is too small for IPv6; MODEL__INVALID_ADDRESS, MODEL__ADDRESS_IN_USE when a port
 * that is there can't have its automatic address
 */
export async function createSubnet(tx: Tx, wanted: NewSubnet): Promise<Subnet> {
  const settings = {
    ipv6RaMode: null,
    ipv6AddressMode: null,
    dnsNameservers: [],
    hostRoutes: [],
    allocationPools: [],
    subnetPoolId: null,
  };
  const subnet: Subnet = { ...made(tx), ...settings, ...wanted };
  const prefix = parsePrefix(subnet.cidr);
  checkPrefix(subnet, prefix);
  checkSettings(subnet, prefix);
  await checkNetworkMtu(tx.db, subnet);
  const neighbours = await listSubnets(tx.db, subnet.networkId);
  for (const other of neighbours) {
    if (other.id !== subnet.id && prefixesOverlap(prefix, parsePrefix(other.cidr))) throw overlap(subnet, other);
  }
  await checkAllocation(tx.db, subnet, neighbours);
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
  if (isAutomatic(subnet)) await giveToPorts(tx, subnet);
  return subnet;
}

/**
 * @throws MODEL__NOT_FOUND, MODEL__INVALID_GATEWAY also when a port other than a router's has the address;
 * MODEL__INVALID_IPV6_MODE when DHCP is disabled that the modes need, MODEL__INVALID_NAMESERVER, MODEL__INVALID_HOST_ROUTE,
 * MODEL__INVALID_ALLOCATION_POOL, MODEL__GATEWAY_IN_ALLOCATION_POOL
 */
export async function updateSubnet(tx: Tx, id: Uuid, patch: SubnetPatch): Promise<Subnet> {
  const before = await getSubnet(tx.db, id);
  const after: Subnet = { ...before, ...patch, ...changed(tx) };
  checkSettings(after, parsePrefix(after.cidr));
  await tx.db
    .updateTable("subnets")
    // A gateway that is given up, or a pool that is new, may have the lowest free address, wherever the search had got to.
    .set({
      ...subnetToRow(after),
      ...((before.gatewayIp !== after.gatewayIp || patch.allocationPools) && { search_from: 0 }),
    })
    .where("id", "=", id)
    .execute();
  if (after.gatewayIp !== null && before.gatewayIp !== after.gatewayIp)
    await checkGatewayUnused(tx.db, after, after.gatewayIp);
  tx.record({ resource: "subnet", id, before, after });
  return after;
}

/**
 * Automatic addresses go with their subnet.
 *
 * @throws MODEL__NOT_FOUND; MODEL__IN_USE while a port has an address of it that is not automatic
 */
export async function deleteSubnet(tx: Tx, id: Uuid): Promise<void> {
  const before = await getSubnet(tx.db, id);
  if (isAutomatic(before)) await takeFromPorts(tx, before);
  const used = await tx.db
    .selectFrom("port_addresses")
    .select("port_id")
    .where("subnet_id", "=", id)
    .executeTakeFirst();
  if (used) throw new LoomstackError("MODEL__IN_USE", { resource: "subnet", id, user: `port ${used.port_id}` });
  await tx.db.deleteFrom("subnets").where("id", "=", id).execute();
  tx.record({ resource: "subnet", id, before });
}

function checkSettings(subnet: Subnet, prefix: Prefix): void {
  checkGateway(subnet, prefix);
  checkModes(subnet, prefix);
  checkNameservers(subnet, prefix);
  checkHostRoutes(subnet, prefix);
  checkAllocationPools(subnet, prefix);
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

function overlap(subnet: Subnet, other: Subnet): LoomstackError {
  return new LoomstackError("MODEL__CIDR_OVERLAP", {
    cidr: subnet.cidr,
    subnet: subnet.id,
    other: other.id,
    otherCidr: other.cidr,
  });
}
