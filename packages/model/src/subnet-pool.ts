/** Pools of prefixes, from which subnets are taken: Neutron's subnet pools. */
import { ipVersionOf, LoomstackError, parsePrefix, type Prefix, prefixesOverlap, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import { getAddressScope } from "./address-scope.ts";
import type { ChangeOf } from "./change.ts";
import type { SubnetPoolRow } from "./network-tables.ts";
import { isInPool } from "./prefix-allocation.ts";
import {
  changed,
  made,
  type StandardAttributes,
  standardAttributesFromRow,
  standardAttributesToRow,
} from "./standard-attributes.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

export interface SubnetPool extends StandardAttributes {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
  /** Without host bits, of one version of IP; none overlaps another. */
  readonly prefixes: readonly string[];
  /** The length of a subnet's prefix that asks for none. */
  readonly defaultPrefixlen: number;
  /** The lengths that subnets may ask for: the shortest, which is the largest subnet, and the longest. */
  readonly minPrefixlen: number;
  readonly maxPrefixlen: number;
  /** How much of it one project may have, in addresses of IPv4 or prefixes of /64 of IPv6; null: all. */
  readonly defaultQuota: number | null;
  readonly addressScopeId: Uuid | null;
  readonly isDefault: boolean;
  /** Whether other projects may take subnets of it. */
  readonly shared: boolean;
}

export type SubnetPoolChange = ChangeOf<"subnetPool", SubnetPool, Uuid>;

export type NewSubnetPool = Omit<SubnetPool, keyof StandardAttributes> & Pick<SubnetPool, "description">;

export type SubnetPoolPatch = Partial<
  Omit<SubnetPool, "id" | "tenantId" | Exclude<keyof StandardAttributes, "description" | "tags">>
>;

/** How many prefixes a pool may have. */
export const subnetPoolPrefixLimit = 100;

export async function listSubnetPools(db: Kysely<Tables>): Promise<SubnetPool[]> {
  return (await db.selectFrom("subnet_pools").selectAll().orderBy("id").execute()).map(poolFromRow);
}

/** @throws MODEL__NOT_FOUND */
export async function getSubnetPool(db: Kysely<Tables>, id: Uuid): Promise<SubnetPool> {
  const row = await db.selectFrom("subnet_pools").selectAll().where("id", "=", id).executeTakeFirst();
  if (row) return poolFromRow(row);
  throw new LoomstackError("MODEL__NOT_FOUND", { resource: "subnet pool", id });
}

/** The version of IP of a pool's prefixes. */
export function ipVersionOfPool({ prefixes }: Pick<SubnetPool, "prefixes">): 4 | 6 {
  return ipVersionOf(parsePrefix(prefixes[0] ?? "0.0.0.0/0").network);
}

/** @throws MODEL__INVALID_SUBNET_POOL; MODEL__NOT_FOUND for its address scope */
export async function createSubnetPool(tx: Tx, wanted: NewSubnetPool): Promise<SubnetPool> {
  const pool: SubnetPool = { ...made(tx), ...wanted };
  await checkPool(tx.db, pool);
  await tx.db.insertInto("subnet_pools").values(poolToRow(pool)).execute();
  tx.record({ resource: "subnetPool", id: pool.id, after: pool });
  return pool;
}

/** @throws MODEL__NOT_FOUND; MODEL__INVALID_SUBNET_POOL also when it would lose a prefix */
export async function updateSubnetPool(tx: Tx, id: Uuid, patch: SubnetPoolPatch): Promise<SubnetPool> {
  const before = await getSubnetPool(tx.db, id);
  const after: SubnetPool = { ...before, ...patch, ...changed(tx) };
  const all = after.prefixes.map(parsePrefix);
  const lost = before.prefixes.find((prefix) => !isInPool(all, parsePrefix(prefix)));
  if (lost !== undefined) throw invalid(after, `it would lose ${lost}, of which subnets may have been taken`);
  await checkPool(tx.db, after);
  await tx.db.updateTable("subnet_pools").set(poolToRow(after)).where("id", "=", id).execute();
  tx.record({ resource: "subnetPool", id, before, after });
  return after;
}

/** @throws MODEL__NOT_FOUND; MODEL__IN_USE while a subnet is of it */
export async function deleteSubnetPool(tx: Tx, id: Uuid): Promise<void> {
  const before = await getSubnetPool(tx.db, id);
  const subnet = await tx.db.selectFrom("subnets").select("id").where("subnet_pool_id", "=", id).executeTakeFirst();
  if (subnet) throw new LoomstackError("MODEL__IN_USE", { resource: "subnet pool", id, user: `subnet ${subnet.id}` });
  await tx.db.deleteFrom("subnet_pools").where("id", "=", id).execute();
  tx.record({ resource: "subnetPool", id, before });
}

async function checkPool(db: Kysely<Tables>, pool: SubnetPool): Promise<void> {
  const prefixes = pool.prefixes.map(parsePrefix);
  const reason = whyNoPool(pool, prefixes);
  if (reason !== undefined) throw invalid(pool, reason);
  await checkScope(db, pool, prefixes);
}

function whyNoPool(pool: SubnetPool, prefixes: readonly Prefix[]): string | undefined {
  const { defaultPrefixlen, minPrefixlen, maxPrefixlen } = pool;
  if (prefixes.length === 0) return "it needs a prefix";
  if (prefixes.length > subnetPoolPrefixLimit) return `more than ${subnetPoolPrefixLimit} prefixes are too many`;
  const version = ipVersionOfPool(pool);
  if (prefixes.some(({ network }) => ipVersionOf(network) !== version))
    return "its prefixes are of both versions of IP";
  const twice = prefixes.find((prefix, index) =>
    prefixes.slice(0, index).some((other) => prefixesOverlap(prefix, other)),
  );
  if (twice) return `${twice.network}/${twice.prefixLength} overlaps another of its prefixes`;
  if (maxPrefixlen > (version === 6 ? 128 : 32)) return `no prefix is as long as /${maxPrefixlen}`;
  if (minPrefixlen > maxPrefixlen)
    return `its shortest prefix, /${minPrefixlen}, is longer than its longest, /${maxPrefixlen}`;
  if (defaultPrefixlen < minPrefixlen || defaultPrefixlen > maxPrefixlen)
    return `its default, /${defaultPrefixlen}, isn't from /${minPrefixlen} to /${maxPrefixlen}`;
  return undefined;
}

/** In an address scope no two pools overlap. */
async function checkScope(db: Kysely<Tables>, pool: SubnetPool, prefixes: readonly Prefix[]): Promise<void> {
  if (pool.addressScopeId === null) return;
  const scope = await getAddressScope(db, pool.addressScopeId);
  if (scope.ipVersion !== ipVersionOfPool(pool))
    throw invalid(pool, `address scope ${scope.id} is of IPv${scope.ipVersion}`);
  const rows = await db.selectFrom("subnet_pools").selectAll().where("address_scope_id", "=", scope.id).execute();
  for (const other of rows.map(poolFromRow)) {
    if (other.id === pool.id) continue;
    const overlapping = other.prefixes
      .map(parsePrefix)
      .some((theirs) => prefixes.some((ours) => prefixesOverlap(theirs, ours)));
    if (overlapping)
      throw new LoomstackError("MODEL__ADDRESS_SCOPE_OVERLAP", { pool: pool.id, other: other.id, scope: scope.id });
  }
}

function invalid({ id }: SubnetPool, reason: string): LoomstackError {
  return new LoomstackError("MODEL__INVALID_SUBNET_POOL", { pool: id, reason });
}

function poolFromRow(row: SubnetPoolRow): SubnetPool {
  return {
    id: row.id as Uuid,
    name: row.name,
    tenantId: row.tenant_id,
    prefixes: JSON.parse(row.prefixes) as string[],
    defaultPrefixlen: row.default_prefixlen,
    minPrefixlen: row.min_prefixlen,
    maxPrefixlen: row.max_prefixlen,
    defaultQuota: row.default_quota,
    addressScopeId: row.address_scope_id as Uuid | null,
    isDefault: row.is_default === 1,
    shared: row.shared === 1,
    ...standardAttributesFromRow(row),
  };
}

function poolToRow(pool: SubnetPool): SubnetPoolRow {
  return {
    id: pool.id,
    name: pool.name,
    tenant_id: pool.tenantId,
    prefixes: JSON.stringify(pool.prefixes),
    default_prefixlen: pool.defaultPrefixlen,
    min_prefixlen: pool.minPrefixlen,
    max_prefixlen: pool.maxPrefixlen,
    default_quota: pool.defaultQuota,
    address_scope_id: pool.addressScopeId,
    is_default: Number(pool.isDefault),
    shared: Number(pool.shared),
    ...standardAttributesToRow(pool),
  };
}
