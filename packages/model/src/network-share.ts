/**
 * Networks that other projects may use: Neutron's RBAC policies. A network that is `shared` is so with all; one that is
 * shared with single projects has a share for each.
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import { getNetwork, type Network, updateNetwork } from "./network.ts";
import type { NetworkShareRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

export interface NetworkShare {
  /** That of its network where it is with all: there is one at most. */
  readonly id: Uuid;
  readonly networkId: Uuid;
  /** The project that may use the network; `*`: all. */
  readonly target: string;
  /** The project that shares it. */
  readonly tenantId: string;
}

export const allProjects = "*";

export async function listNetworkShares(db: Kysely<Tables>): Promise<NetworkShare[]> {
  const withAll = await db.selectFrom("networks").select(["id", "tenant_id"]).where("shared", "=", 1).execute();
  const withSome = await db.selectFrom("network_shares").selectAll().orderBy("id").execute();
  return [...withAll.map(shareWithAll), ...withSome.map(shareFromRow)];
}

/** @throws MODEL__NOT_FOUND */
export async function getNetworkShare(db: Kysely<Tables>, id: Uuid): Promise<NetworkShare> {
  const row = await db.selectFrom("network_shares").selectAll().where("id", "=", id).executeTakeFirst();
  if (row) return shareFromRow(row);
  const query = db.selectFrom("networks").select(["id", "tenant_id"]).where("id", "=", id).where("shared", "=", 1);
  const network = await query.executeTakeFirst();
  if (network) return shareWithAll(network);
  throw new LoomstackError("MODEL__NOT_FOUND", { resource: "rbac policy", id });
}

/** The networks that are shared with a project by name. */
export async function networksSharedWith(db: Kysely<Tables>, projectId: string): Promise<ReadonlySet<Uuid>> {
  const rows = await db.selectFrom("network_shares").select("network_id").where("project_id", "=", projectId).execute();
  return new Set(rows.map(({ network_id }) => network_id as Uuid));
}

/** @throws MODEL__NOT_FOUND for the network; MODEL__ALREADY_EXISTS where it is shared so already */
export async function createNetworkShare(tx: Tx, wanted: NetworkShare): Promise<NetworkShare> {
  const network = await getNetwork(tx.db, wanted.networkId);
  const exists = (): LoomstackError =>
    new LoomstackError("MODEL__ALREADY_EXISTS", {
      resource: "rbac policy for network",
      id: `${network.id} and project ${wanted.target}`,
    });
  if (wanted.target === allProjects) {
    if (network.shared) throw exists();
    await updateNetwork(tx, network.id, { shared: true });
    return { ...wanted, id: network.id, tenantId: network.tenantId };
  }
  const row = { id: wanted.id, network_id: network.id, project_id: wanted.target, tenant_id: wanted.tenantId };
  await explainViolation(tx.db.insertInto("network_shares").values(row).execute(), exists);
  return wanted;
}

/** @throws MODEL__NOT_FOUND; MODEL__IN_USE while ports are there that only this share lets be */
export async function deleteNetworkShare(tx: Tx, id: Uuid): Promise<void> {
  const { networkId, target } = await getNetworkShare(tx.db, id);
  if (target === allProjects) await unshareNetwork(tx, networkId);
  else {
    await tx.db.deleteFrom("network_shares").where("id", "=", id).execute();
    await checkNobodyLeft(tx.db, await getNetwork(tx.db, networkId), id);
  }
}

/** Shares a network no more with all. @throws MODEL__NOT_FOUND; MODEL__IN_USE while ports are there that only this lets be */
export async function unshareNetwork(tx: Tx, networkId: Uuid): Promise<Network> {
  const network = await updateNetwork(tx, networkId, { shared: false });
  await checkNobodyLeft(tx.db, network, networkId);
  return network;
}

/** That no port of a project is there with which its network isn't shared. */
async function checkNobodyLeft(db: Kysely<Tables>, network: Network, share: Uuid): Promise<void> {
  if (network.shared) return;
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM ports WHERE network_id = ${network.id} AND tenant_id <> ${network.tenantId}
      AND tenant_id NOT IN (SELECT project_id FROM network_shares WHERE network_id = ${network.id}) LIMIT 1`.execute(
    db,
  );
  const [port] = rows;
  if (port) throw new LoomstackError("MODEL__IN_USE", { resource: "rbac policy", id: share, user: `port ${port.id}` });
}

function shareWithAll({ id, tenant_id }: { readonly id: string; readonly tenant_id: string }): NetworkShare {
  return { id: id as Uuid, networkId: id as Uuid, target: allProjects, tenantId: tenant_id };
}

function shareFromRow({ id, network_id, project_id, tenant_id }: NetworkShareRow): NetworkShare {
  return { id: id as Uuid, networkId: network_id as Uuid, target: project_id, tenantId: tenant_id };
}
