import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { AddressScopeRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** In which an address means one thing: the prefixes of its subnet pools overlap nowhere. */
export interface AddressScope {
  readonly id: Uuid;
  readonly name: string;
  readonly tenantId: string;
  readonly ipVersion: 4 | 6;
  /** Whether other projects see it. */
  readonly shared: boolean;
}

export async function listAddressScopes(db: Kysely<Tables>): Promise<AddressScope[]> {
  return (await db.selectFrom("address_scopes").selectAll().orderBy("id").execute()).map(scopeFromRow);
}

/** @throws MODEL__NOT_FOUND */
export async function getAddressScope(db: Kysely<Tables>, id: Uuid): Promise<AddressScope> {
  const row = await db.selectFrom("address_scopes").selectAll().where("id", "=", id).executeTakeFirst();
  if (row) return scopeFromRow(row);
  throw new LoomstackError("MODEL__NOT_FOUND", { resource: "address scope", id });
}

export async function createAddressScope(tx: Tx, scope: AddressScope): Promise<AddressScope> {
  await tx.db.insertInto("address_scopes").values(scopeToRow(scope)).execute();
  return scope;
}

/** @throws MODEL__NOT_FOUND */
export async function updateAddressScope(
  tx: Tx,
  id: Uuid,
  patch: Partial<Pick<AddressScope, "name" | "shared">>,
): Promise<AddressScope> {
  const after = { ...(await getAddressScope(tx.db, id)), ...patch };
  await tx.db.updateTable("address_scopes").set(scopeToRow(after)).where("id", "=", id).execute();
  return after;
}

/** @throws MODEL__NOT_FOUND; MODEL__IN_USE while a subnet pool is in it */
export async function deleteAddressScope(tx: Tx, id: Uuid): Promise<void> {
  await getAddressScope(tx.db, id);
  const pool = await tx.db
    .selectFrom("subnet_pools")
    .select("id")
    .where("address_scope_id", "=", id)
    .executeTakeFirst();
  if (pool)
    throw new LoomstackError("MODEL__IN_USE", { resource: "address scope", id, user: `subnet pool ${pool.id}` });
  await tx.db.deleteFrom("address_scopes").where("id", "=", id).execute();
}

function scopeFromRow({ id, name, tenant_id, ip_version, shared }: AddressScopeRow): AddressScope {
  return { id: id as Uuid, name, tenantId: tenant_id, ipVersion: ip_version === 6 ? 6 : 4, shared: shared === 1 };
}

function scopeToRow({ id, name, tenantId, ipVersion, shared }: AddressScope): AddressScopeRow {
  return { id, name, tenant_id: tenantId, ip_version: ipVersion, shared: Number(shared) };
}
