import { type Ipv4, LoomstackError, type Revision } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { NodeName } from "./controller-port.ts";
import type { NodeRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** A hypervisor that a client asked to manage. */
export interface Node extends NodeName {
  /** Its identity, whatever its name and its address, and its key everywhere: `external_ids:system-id`. */
  readonly systemId: string;
  /** Where its ovsdb-server listens; null for one that only dials in. */
  readonly address: Ipv4 | null;
  /** TCP port of its ovsdb-server; null for one that only dials in. */
  readonly port: number | null;
  /** The subject of the certificate that it has to show; null until it has shown one. */
  readonly certificate: string | null;
  readonly revision: Revision;
}

/** The id of a change of a node is its system-id. */
export type NodeChange = ChangeOf<"node", Node, string>;

/** How a client calls a node: "OVS/<id>". */
export function nodeName({ type, id }: NodeName): string {
  return `${type}/${id}`;
}

export async function listNodes(db: Kysely<Tables>): Promise<Node[]> {
  const rows = await db.selectFrom("nodes").selectAll().orderBy("type").orderBy("id").execute();
  return rows.map(nodeFromRow);
}

/** The node that a client calls so. */
export async function findNode(db: Kysely<Tables>, { type, id }: NodeName): Promise<Node | undefined> {
  const row = await db.selectFrom("nodes").selectAll().where("type", "=", type).where("id", "=", id).executeTakeFirst();
  return row && nodeFromRow(row);
}

/**
 * Makes a node or changes the one of that identity; records nothing when it says so already.
 *
 * @throws MODEL__IN_USE when another node is called so
 */
export async function upsertNode(tx: Tx, wanted: Omit<Node, "revision">): Promise<Node> {
  const namesake = await findNode(tx.db, wanted);
  if (namesake !== undefined && namesake.systemId !== wanted.systemId)
    throw new LoomstackError("MODEL__IN_USE", {
      resource: "node",
      id: nodeName(wanted),
      user: `hypervisor ${namesake.systemId}`,
    });
  const before = await findIdentity(tx, wanted.systemId);
  if (before && isSameNode(before, wanted)) return before;
  const after: Node = { ...wanted, revision: tx.revision };
  const row = nodeToRow(after);
  await tx.db
    .insertInto("nodes")
    .values(row)
    .onConflict((conflict) => conflict.column("system_id").doUpdateSet(row))
    .execute();
  tx.record({ resource: "node", id: after.systemId, ...(before && { before }), after });
  return after;
}

/** @throws MODEL__NOT_FOUND */
export async function deleteNode(tx: Tx, systemId: string): Promise<void> {
  const before = await findIdentity(tx, systemId);
  if (!before) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "hypervisor", id: systemId });
  await tx.db.deleteFrom("nodes").where("system_id", "=", systemId).execute();
  tx.record({ resource: "node", id: systemId, before });
}

async function findIdentity({ db }: Tx, systemId: string): Promise<Node | undefined> {
  const row = await db.selectFrom("nodes").selectAll().where("system_id", "=", systemId).executeTakeFirst();
  return row && nodeFromRow(row);
}

function isSameNode(before: Node, { type, id, address, port, certificate }: Omit<Node, "revision">): boolean {
  return (
    before.type === type &&
    before.id === id &&
    before.address === address &&
    before.port === port &&
    before.certificate === certificate
  );
}

function nodeFromRow(row: NodeRow): Node {
  return {
    systemId: row.system_id,
    type: row.type,
    id: row.id,
    address: row.address as Ipv4 | null,
    port: row.port,
    certificate: row.certificate,
    revision: row.revision as Revision,
  };
}

function nodeToRow({ systemId, type, id, address, port, certificate, revision }: Node): NodeRow {
  return { system_id: systemId, type, id, address, port, certificate, revision };
}
