/**
 * Addresses of ports that nobody told us: their guests showed them in ARP. Like a binding this is observed, and kept so
 * that what every hypervisor should hold can be computed while some of them can't be seen. Intent goes before it.
 */
import type { Ip, Revision, Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { ChangeOf } from "./change.ts";
import { keptQuery } from "./kept-query.ts";
import type { Port } from "./port.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

export interface LearntAddresses {
  readonly portId: Uuid;
  /** In the order in which they were learnt; at least one. */
  readonly addresses: readonly Ip[];
  /** Of the last change. */
  readonly revision: Revision;
}

/** The id of the change is the port's. */
export type LearntAddressesChange = ChangeOf<"learntAddresses", LearntAddresses, Uuid>;

/** How many addresses of one port are learnt; more are not believed. */
export const mostLearntAddresses = 8;

/** Whether addresses of the port are learnt: nobody told us any, and it is held to its MAC address. */
export function isLearner({ fixedIps, portSecurityEnabled }: Pick<Port, "fixedIps" | "portSecurityEnabled">): boolean {
  return fixedIps.length === 0 && portSecurityEnabled;
}

/** Of every port, or of one, that any were learnt of. */
export async function listLearntAddresses(db: Kysely<Tables>, portId?: Uuid): Promise<LearntAddresses[]> {
  const all = db.selectFrom("learnt_addresses").selectAll().orderBy("port_id").orderBy("position");
  const rows = await (portId === undefined ? all : all.where("port_id", "=", portId)).execute();
  return [...Map.groupBy(rows, (row) => row.port_id)].map(([id, own]) => ({
    portId: id as Uuid,
    addresses: own.map(({ address }) => address as Ip),
    revision: Math.max(...own.map(({ revision }) => revision)) as Revision,
  }));
}

/**
 * Keeps an address that a port's guest has shown. One of a port that is gone or has as many as there may be, or in a
 * network that doesn't learn, is passed over.
 *
 * @returns the port that has the address already, if another one does: then nothing is kept
 */
export async function learnAddress(tx: Tx, { id, networkId }: Port, address: Ip): Promise<Uuid | undefined> {
  const ofNetwork = (table: "port_addresses" | "learnt_addresses") =>
    tx.db.selectFrom(table).select("port_id").where("network_id", "=", networkId).where("address", "=", address);
  const holder =
    (await ofNetwork("port_addresses").executeTakeFirst()) ?? (await ofNetwork("learnt_addresses").executeTakeFirst());
  if (holder !== undefined) return holder.port_id === id ? undefined : (holder.port_id as Uuid);
  const port = await tx.db
    .selectFrom("ports")
    .innerJoin("networks", "networks.id", "ports.network_id")
    .select("learns_addresses")
    .where("ports.id", "=", id)
    .executeTakeFirst();
  const before = await learntBy(tx.db, id);
  const addresses = before?.addresses ?? [];
  if (port?.learns_addresses !== 1 || addresses.length >= mostLearntAddresses) return undefined;
  const last = await tx.db
    .selectFrom("learnt_addresses")
    .select((select) => select.fn.max("position").as("position"))
    .where("port_id", "=", id)
    .executeTakeFirst();
  const position = (last?.position ?? -1) + 1;
  const row = { port_id: id, network_id: networkId, address, position, revision: tx.revision };
  await tx.db.insertInto("learnt_addresses").values(row).execute();
  const after = { portId: id, addresses: [...addresses, address], revision: tx.revision };
  tx.record({ resource: "learntAddresses", id, ...(before && { before }), after });
  return undefined;
}

/** Forgets all that was learnt of a port: its guest has left, or its addresses are told. */
export async function forgetAddresses(tx: Tx, portId: Uuid): Promise<void> {
  const before = await learntBy(tx.db, portId);
  if (before === undefined) return;
  await tx.db.deleteFrom("learnt_addresses").where("port_id", "=", portId).execute();
  tx.record({ resource: "learntAddresses", id: portId, before });
}

/** Forgets all that was learnt in a network: it learns no more. */
export async function forgetAddressesIn(tx: Tx, networkId: Uuid): Promise<void> {
  const rows = await tx.db
    .selectFrom("learnt_addresses")
    .select("port_id")
    .distinct()
    .where("network_id", "=", networkId)
    .execute();
  for (const { port_id: portId } of rows) await forgetAddresses(tx, portId as Uuid);
}

/** Lets intent have addresses that were learnt of other ports of the network. */
export async function yieldAddresses(tx: Tx, networkId: Uuid, addresses: readonly Ip[]): Promise<void> {
  if (addresses.length === 0) return;
  const rows = await learntAmong(tx.db, { networkId, addresses: JSON.stringify(addresses) });
  for (const { port_id: portId, address } of rows) {
    const before = await learntBy(tx.db, portId as Uuid);
    await tx.db.deleteFrom("learnt_addresses").where("port_id", "=", portId).where("address", "=", address).execute();
    if (before === undefined) continue;
    const rest = before.addresses.filter((one) => one !== address);
    const after = rest.length > 0 && { after: { ...before, addresses: rest, revision: tx.revision } };
    tx.record({ resource: "learntAddresses", id: before.portId, before, ...after });
  }
}

const learntAmong = keptQuery(
  (db, { networkId, addresses }: { readonly networkId: Uuid; readonly addresses: string }) =>
    db
      .selectFrom("learnt_addresses")
      .select(["port_id", "address"])
      .where("network_id", "=", networkId)
      .where("address", "in", sql<string>`(SELECT value FROM json_each(${addresses}))`),
);

async function learntBy(db: Kysely<Tables>, portId: Uuid): Promise<LearntAddresses | undefined> {
  const [learnt] = await listLearntAddresses(db, portId);
  return learnt;
}
