/** Takes the prefixes of subnets from pools, and holds that what is of a pool is a part of it. */
import {
  formatPrefix,
  LoomstackError,
  parsePrefix,
  type Prefix,
  prefixesOverlap,
  prefixSize,
  type Uuid,
} from "@loomstack/core";
import type { Kysely } from "kysely";
import { firstFreePrefix, isInPool } from "./prefix-allocation.ts";
import { getSubnetPool, ipVersionOfPool, type SubnetPool } from "./subnet-pool.ts";
import type { Subnet } from "./subnet.ts";
import type { Tables } from "./tables.ts";

/**
 * A prefix of the pool of that length that no subnet has.
 *
 * @param prefixLength default: the pool's
 * @throws MODEL__NOT_FOUND, MODEL__NOT_IN_SUBNET_POOL; MODEL__SUBNET_POOL_EXHAUSTED
 */
export async function freePrefix(db: Kysely<Tables>, poolId: Uuid, prefixLength?: number): Promise<string> {
  const pool = await getSubnetPool(db, poolId);
  const wanted = prefixLength ?? pool.defaultPrefixlen;
  checkLength(pool, wanted);
  const taken = (await subnetsOf(db, poolId)).map(({ cidr }) => parsePrefix(cidr));
  const free = firstFreePrefix(pool.prefixes.map(parsePrefix), taken, wanted);
  if (free === undefined) throw new LoomstackError("MODEL__SUBNET_POOL_EXHAUSTED", { pool: poolId, length: wanted });
  return formatPrefix(free);
}

/**
 * Holds that a new subnet may have its prefix of its pool: it is a part of it, nobody else's, and no more than a project
 * may have; and that the other subnets of its network and version of IP are of the same pool.
 *
 * @throws MODEL__NOT_FOUND, MODEL__NOT_IN_SUBNET_POOL, MODEL__SUBNET_POOL_QUOTA_EXCEEDED, MODEL__SUBNET_POOL_MIXED
 */
export async function checkAllocation(
  db: Kysely<Tables>,
  subnet: Subnet,
  neighbours: readonly Subnet[],
): Promise<void> {
  const prefix = parsePrefix(subnet.cidr);
  const mixed = neighbours.find(
    ({ cidr, subnetPoolId }) => isSameVersion(parsePrefix(cidr), prefix) && subnetPoolId !== subnet.subnetPoolId,
  );
  if (mixed) throw new LoomstackError("MODEL__SUBNET_POOL_MIXED", { subnet: subnet.id, other: mixed.id });
  if (subnet.subnetPoolId === null) return;
  const pool = await getSubnetPool(db, subnet.subnetPoolId);
  checkLength(pool, prefix.prefixLength);
  const refuse = (reason: string): never => {
    throw new LoomstackError("MODEL__NOT_IN_SUBNET_POOL", { cidr: subnet.cidr, pool: pool.id, reason });
  };
  if (!isInPool(pool.prefixes.map(parsePrefix), prefix)) refuse(`its prefixes are ${pool.prefixes.join(", ")}`);
  const others = await subnetsOf(db, pool.id);
  const holder = others.find(({ cidr }) => prefixesOverlap(parsePrefix(cidr), prefix));
  if (holder) refuse(`subnet ${holder.id} has ${holder.cidr}`);
  if (pool.defaultQuota === null) return;
  const own = others.filter(({ tenant_id }) => tenant_id === subnet.tenantId).map(({ cidr }) => parsePrefix(cidr));
  const used = [...own, prefix].reduce((sum, each) => sum + unitsOf(pool, each), 0n);
  if (used > BigInt(pool.defaultQuota))
    throw new LoomstackError("MODEL__SUBNET_POOL_QUOTA_EXCEEDED", { pool: pool.id, limit: pool.defaultQuota });
}

function checkLength({ id, minPrefixlen, maxPrefixlen }: SubnetPool, length: number): void {
  if (length >= minPrefixlen && length <= maxPrefixlen) return;
  const reason = `its subnets are from /${minPrefixlen} to /${maxPrefixlen}`;
  throw new LoomstackError("MODEL__NOT_IN_SUBNET_POOL", { cidr: `a prefix of /${length}`, pool: id, reason });
}

/** What a prefix counts for in a quota: its addresses, or of IPv6 its prefixes of /64. */
function unitsOf(pool: SubnetPool, prefix: Prefix): bigint {
  if (ipVersionOfPool(pool) === 4) return prefixSize(prefix);
  return prefix.prefixLength > 64 ? 1n : 1n << BigInt(64 - prefix.prefixLength);
}

function isSameVersion(one: Prefix, other: Prefix): boolean {
  return one.network.includes(":") === other.network.includes(":");
}

async function subnetsOf(
  db: Kysely<Tables>,
  poolId: Uuid,
): Promise<{ readonly id: string; readonly cidr: string; readonly tenant_id: string }[]> {
  return db.selectFrom("subnets").select(["id", "cidr", "tenant_id"]).where("subnet_pool_id", "=", poolId).execute();
}
