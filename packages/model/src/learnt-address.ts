/**
 * Addresses of ports that nobody told us: their guests showed them, or a DHCP server did. Like a binding this is
 * observed, and kept so that what every hypervisor should hold can be computed while some of them can't be seen. Intent
 * goes before it.
 */
import type { Ip, Revision, Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { ChangeOf } from "./change.ts";
import { keptQuery } from "./kept-query.ts";
import type { Port } from "./port.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** What shows addresses: ARP and neighbour discovery (ND) of the guest itself, and leases that a server gives it. */
export const addressSources = ["arp", "nd", "dhcp"] as const;
export type AddressSource = (typeof addressSources)[number];

export interface LearntAddress {
  readonly address: Ip;
  readonly source: AddressSource;
}

export interface LearntAddresses {
  readonly portId: Uuid;
  /** In the order in which they were learnt; at least one. */
  readonly addresses: readonly LearntAddress[];
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
    addresses: own.map(({ address, source }) => ({ address: address as Ip, source: source as AddressSource })),
    revision: Math.max(...own.map(({ revision }) => revision)) as Revision,
  }));
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
  for (const { port_id: portId, address } of rows) await forgetAddress(tx, portId as Uuid, address as Ip);
}

/**
 * Forgets one address of a port.
 *
 * @returns whether it was learnt of the port
 */
export async function forgetAddress(tx: Tx, portId: Uuid, address: Ip): Promise<boolean> {
  const before = await learntBy(tx.db, portId);
  const rest = before?.addresses.filter((one) => one.address !== address);
  if (before === undefined || rest === undefined || rest.length === before.addresses.length) return false;
  const ofPort = tx.db.deleteFrom("learnt_addresses").where("port_id", "=", portId);
  await ofPort.where("address", "=", address).execute();
  await tx.db.updateTable("learnt_addresses").set({ revision: tx.revision }).where("port_id", "=", portId).execute();
  const after = rest.length > 0 && { after: { portId, addresses: rest, revision: tx.revision } };
  tx.record({ resource: "learntAddresses", id: portId, before, ...after });
  return true;
}

/** Forgets the leases of a port. @returns what it has forgotten */
export async function forgetLeases(tx: Tx, portId: Uuid): Promise<readonly Ip[]> {
  const { addresses = [] } = (await learntBy(tx.db, portId)) ?? {};
  const leased = addresses.filter(({ source }) => source === "dhcp").map(({ address }) => address);
  for (const address of leased) await forgetAddress(tx, portId, address);
  return leased;
}

/** The addresses whose leases have ended. @param nowMs milliseconds since the epoch */
export async function listExpiredAddresses(
  db: Kysely<Tables>,
  nowMs: number,
): Promise<readonly { readonly portId: Uuid; readonly address: Ip }[]> {
  const ended = db.selectFrom("learnt_addresses").select(["port_id", "address"]).where("expires_at", "<=", nowMs);
  return (await ended.execute()).map((row) => ({ portId: row.port_id as Uuid, address: row.address as Ip }));
}

const learntAmong = keptQuery(
  (db, { networkId, addresses }: { readonly networkId: Uuid; readonly addresses: string }) =>
    db
      .selectFrom("learnt_addresses")
      .select(["port_id", "address"])
      .where("network_id", "=", networkId)
      .where("address", "in", sql<string>`(SELECT value FROM json_each(${addresses}))`),
);

/** What was learnt of a port, if anything. */
export async function learntBy(db: Kysely<Tables>, portId: Uuid): Promise<LearntAddresses | undefined> {
  const [learnt] = await listLearntAddresses(db, portId);
  return learnt;
}
