import type { Revision, Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/**
 * Which hypervisor a port was last seen on. It is kept so that what every hypervisor should hold can be computed while
 * some of them can't be seen.
 */
export interface Binding {
  readonly portId: Uuid;
  /** Key of the hypervisor: "OVS/<id>". */
  readonly nodeKey: string;
  readonly revision: Revision;
}

export type BindingChange = ChangeOf<"binding", Binding, Uuid>;

export async function listBindings(db: Kysely<Tables>): Promise<Binding[]> {
  const rows = await db.selectFrom("port_bindings").selectAll().execute();
  return rows.map((row) => ({
    portId: row.port_id as Uuid,
    nodeKey: row.node_key,
    revision: row.revision as Revision,
  }));
}

/**
 * Binds a port that exists to a hypervisor, or with undefined to none. One that does not exist (any more) is passed
 * over.
 */
export async function setBinding(tx: Tx, portId: Uuid, nodeKey: string | undefined): Promise<void> {
  const row = await tx.db.selectFrom("port_bindings").selectAll().where("port_id", "=", portId).executeTakeFirst();
  const before: Binding | undefined = row && { portId, nodeKey: row.node_key, revision: row.revision as Revision };
  if (before?.nodeKey === nodeKey) return;
  if (nodeKey === undefined) {
    await tx.db.deleteFrom("port_bindings").where("port_id", "=", portId).execute();
  } else {
    const port = await tx.db.selectFrom("ports").select("id").where("id", "=", portId).executeTakeFirst();
    if (port === undefined) return;
    const values = { port_id: portId, node_key: nodeKey, revision: tx.revision };
    await tx.db
      .insertInto("port_bindings")
      .values(values)
      .onConflict((conflict) => conflict.column("port_id").doUpdateSet(values))
      .execute();
  }
  const after: Binding | undefined = nodeKey === undefined ? undefined : { portId, nodeKey, revision: tx.revision };
  tx.record({ resource: "binding", id: portId, ...(before && { before }), ...(after && { after }) });
}
