import { type Ipv4, LoomstackError, type Revision } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { NodeRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** A hypervisor that a client asked to connect. */
export interface Node {
  /** "OVS" */
  readonly type: string;
  /** As the client names it. */
  readonly id: string;
  readonly address: Ipv4;
  /** TCP port of its ovsdb-server. */
  readonly port: number;
  /** Its identity, once it has told it. */
  readonly systemId: string | null;
  readonly revision: Revision;
}

/** The id of a change of a node is its key. */
export type NodeChange = ChangeOf<"node", Node, string>;

/** How a node is called in intent, in status and in logs: "OVS/<id>". */
export function nodeKey(node: { readonly type: string; readonly id: string }): string {
  return `${node.type}/${node.id}`;
}

export async function listNodes(db: Kysely<Tables>): Promise<Node[]> {
  const rows = await db.selectFrom("nodes").selectAll().orderBy("type").orderBy("id").execute();
  return rows.map(nodeFromRow);
}

export async function findNode(db: Kysely<Tables>, type: string, id: string): Promise<Node | undefined> {
  const row = await db.selectFrom("nodes").selectAll().where("type", "=", type).where("id", "=", id).executeTakeFirst();
  return row && nodeFromRow(row);
}

/** Makes a node or changes the one of that type and id; records nothing when it says so already. */
export async function upsertNode(tx: Tx, wanted: Omit<Node, "revision">): Promise<Node> {
  const before = await findNode(tx.db, wanted.type, wanted.id);
  if (before && before.address === wanted.address && before.port === wanted.port && before.systemId === wanted.systemId)
    return before;
  const after: Node = { ...wanted, revision: tx.revision };
  const row = nodeToRow(after);
  await tx.db
    .insertInto("nodes")
    .values(row)
    .onConflict((conflict) => conflict.columns(["type", "id"]).doUpdateSet(row))
    .execute();
  tx.record({ resource: "node", id: nodeKey(after), ...(before && { before }), after });
  return after;
}

/** @throws MODEL__NOT_FOUND */
export async function deleteNode(tx: Tx, type: string, id: string): Promise<void> {
  const before = await findNode(tx.db, type, id);
  if (!before) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "node", id: nodeKey({ type, id }) });
  await tx.db.deleteFrom("nodes").where("type", "=", type).where("id", "=", id).execute();
  tx.record({ resource: "node", id: nodeKey(before), before });
}

function nodeFromRow(row: NodeRow): Node {
  return {
    type: row.type,
    id: row.id,
    address: row.address as Ipv4,
    port: row.port,
    systemId: row.system_id,
    revision: row.revision as Revision,
  };
}

function nodeToRow(node: Node): NodeRow {
  return {
    type: node.type,
    id: node.id,
    address: node.address,
    port: node.port,
    system_id: node.systemId,
    revision: node.revision,
  };
}
