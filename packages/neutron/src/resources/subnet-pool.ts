import { formatPrefix, LoomstackError, randomUuid, type Uuid } from "@loomstack/core";
import {
  createSubnetPool,
  deleteSubnetPool,
  getAddressScope,
  getSubnetPool,
  ipVersionOfPool,
  listSubnetPools,
  type NewSubnetPool,
  type Store,
  type SubnetPool,
  type SubnetPoolPatch,
  subnetPoolPrefixLimit,
  updateSubnetPool,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf, type Posted, type Put } from "../attributes/attribute.ts";
import { prefix, truth, uuid, whole } from "../attributes/members.ts";
import { standardAttributes } from "../attributes/standard.ts";
import { type Caller, isAtLeast, type Standing, standingOfShared } from "../caller.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";

const prefixes = z
  .array(prefix)
  .min(1, "it needs a prefix")
  .max(subnetPoolPrefixLimit)
  .transform((list) => list.map(formatPrefix));

const length = whole.pipe(z.int().min(1).max(128));
const quota = whole.pipe(z.int().min(0).max(Number.MAX_SAFE_INTEGER)).nullable();

const standard = standardAttributes<SubnetPool>((pool) => pool);

const attributes = attributesOf<SubnetPool>()({
  ...standard,
  prefixes: { show: (pool) => pool.prefixes, post: prefixes, put: prefixes, filter: false },
  ip_version: { show: ipVersionOfPool },
  default_prefixlen: { show: (pool) => pool.defaultPrefixlen, post: length.optional(), put: length },
  min_prefixlen: { show: (pool) => pool.minPrefixlen, post: length.optional(), put: length },
  max_prefixlen: { show: (pool) => pool.maxPrefixlen, post: length.optional(), put: length },
  default_quota: { show: (pool) => pool.defaultQuota, post: quota.default(null), put: quota },
  address_scope_id: { show: (pool) => pool.addressScopeId, post: uuid.nullable().default(null), put: uuid.nullable() },
  is_default: {
    show: (pool) => pool.isDefault,
    post: truth.default(false),
    put: truth,
    setBy: (isDefault) => (isDefault === true ? "administrator" : "owner"),
  },
  shared: {
    show: (pool) => pool.shared,
    post: truth.default(false),
    setBy: (shared) => (shared === true ? "administrator" : "owner"),
  },
});

type Declared = typeof attributes;

/** The shortest prefixes that are taken of pools which say nothing else, as Neutron has it. */
const shortest = { 4: 8, 6: 64 } as const;
const longest = { 4: 32, 6: 128 } as const;

/** Subnet pools, of which subnets are taken without anybody choosing their prefix. */
export function subnetPoolResource({
  random,
}: Pick<NeutronOptions, "random">): Resource<SubnetPool, SubnetPool, Declared> {
  return {
    singular: "subnetpool",
    plural: "subnetpools",
    attributes,
    quota: "subnetpool",
    list: listSubnetPools,
    get: getSubnetPool,
    standings: (_, caller) => Promise.resolve((pool) => standingOfShared(caller, pool)),
    async standingToCreate(db, caller, { address_scope_id: scope }): Promise<Standing> {
      await checkScope(db, caller, scope);
      return caller.isAdministrator ? "administrator" : "owner";
    },
    create: (tx, wanted, tenantId) => createSubnetPool(tx, { id: randomUuid(random), tenantId, ...toIntent(wanted) }),
    async update(tx, { id }, put, caller) {
      await checkScope(tx.db, caller, put.address_scope_id ?? null);
      return updateSubnetPool(tx, id, toPatch(put));
    },
    tag: (tx, { id }, tags) => updateSubnetPool(tx, id, { tags }),
    remove: deleteSubnetPool,
    present: (_, pools) => Promise.resolve(pools),
  };
}

/** Pools are in scopes of their owner. @throws MODEL__NOT_FOUND */
async function checkScope(db: Store["db"], caller: Caller, id: Uuid | null): Promise<void> {
  if (id === null || isAtLeast(standingOfShared(caller, await getAddressScope(db, id)), "owner")) return;
  throw new LoomstackError("MODEL__NOT_FOUND", { resource: "address scope", id });
}

function toIntent(wanted: Posted<Declared>): Omit<NewSubnetPool, "id" | "tenantId"> {
  const version = ipVersionOfPool(wanted);
  const minPrefixlen = wanted.min_prefixlen ?? shortest[version];
  return {
    name: wanted.name,
    description: wanted.description,
    prefixes: wanted.prefixes,
    minPrefixlen,
    defaultPrefixlen: wanted.default_prefixlen ?? minPrefixlen,
    maxPrefixlen: wanted.max_prefixlen ?? longest[version],
    defaultQuota: wanted.default_quota,
    addressScopeId: wanted.address_scope_id,
    isDefault: wanted.is_default,
    shared: wanted.shared,
  };
}

function toPatch(put: Put<Declared>): SubnetPoolPatch {
  return {
    ...(put.name !== undefined && { name: put.name }),
    ...(put.description !== undefined && { description: put.description }),
    ...(put.prefixes !== undefined && { prefixes: put.prefixes }),
    ...(put.min_prefixlen !== undefined && { minPrefixlen: put.min_prefixlen }),
    ...(put.default_prefixlen !== undefined && { defaultPrefixlen: put.default_prefixlen }),
    ...(put.max_prefixlen !== undefined && { maxPrefixlen: put.max_prefixlen }),
    ...(put.default_quota !== undefined && { defaultQuota: put.default_quota }),
    ...(put.address_scope_id !== undefined && { addressScopeId: put.address_scope_id }),
    ...(put.is_default !== undefined && { isDefault: put.is_default }),
  };
}

/** A pool that the caller may take a subnet of. @throws MODEL__NOT_FOUND */
export async function checkPoolSeen(db: Store["db"], caller: Caller, id: Uuid | null | undefined): Promise<void> {
  if (id === null || id === undefined) return;
  if (isAtLeast(standingOfShared(caller, await getSubnetPool(db, id)), "viewer")) return;
  throw new LoomstackError("MODEL__NOT_FOUND", { resource: "subnet pool", id });
}
