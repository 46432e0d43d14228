import type { Revision, Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import { keptQuery } from "./kept-query.ts";
import { forgetAddresses } from "./learnt-address.ts";
import type { PortBindingRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Where a port's interface is. */
export interface PortLocation {
  /** Key of the hypervisor: its system-id. */
  readonly nodeKey: string;
  /** Another hypervisor that has the interface as well: the guest is on its way there (live migration). */
  readonly arrivingAt?: string | undefined;
}

/**
 * Which hypervisor a port was last seen on. It is kept so that what every hypervisor should hold can be computed while
 * some of them can't be seen.
 */
export interface Binding extends PortLocation {
  readonly portId: Uuid;
  readonly revision: Revision;
}

export type BindingChange = ChangeOf<"binding", Binding, Uuid>;

export async function listBindings(db: Kysely<Tables>): Promise<Binding[]> {
  const rows = await db.selectFrom("port_bindings").selectAll().execute();
  return rows.map(bindingFrom);
}

/**
 * Says where a port that exists is, or with undefined that it is nowhere. One that does not exist (any more) is passed
 * over.
 */
export async function setBinding(tx: Tx, portId: Uuid, location: PortLocation | undefined): Promise<void> {
  const [row] = await bindingRow(tx.db, { portId });
  const before = row && bindingFrom(row);
  if (isSameLocation(before, location)) return;
  if (location === undefined) {
    await tx.db.deleteFrom("port_bindings").where("port_id", "=", portId).execute();
    await forgetAddresses(tx, portId);
  } else {
    if ((await portIdRow(tx.db, { portId })).length === 0) return;
    const { nodeKey: node_key, arrivingAt: arriving_at = null } = location;
    await putBindingRow(tx.db, { port_id: portId, node_key, arriving_at, revision: tx.revision });
  }
  const after = location && bindingOf(portId, location, tx.revision);
  tx.record({ resource: "binding", id: portId, ...(before && { before }), ...(after && { after }) });
}

const bindingRow = keptQuery((db, { portId }: Pick<Binding, "portId">) =>
  db.selectFrom("port_bindings").selectAll().where("port_id", "=", portId),
);
const portIdRow = keptQuery((db, { portId }: Pick<Binding, "portId">) =>
  db.selectFrom("ports").select("id").where("id", "=", portId),
);
const putBindingRow = keptQuery((db, row: PortBindingRow) =>
  db
    .insertInto("port_bindings")
    .values(row)
    .onConflict((conflict) => conflict.column("port_id").doUpdateSet(row)),
);

export function isSameLocation(a: PortLocation | undefined, b: PortLocation | undefined): boolean {
  return a?.nodeKey === b?.nodeKey && a?.arrivingAt === b?.arrivingAt;
}

function bindingFrom(row: PortBindingRow): Binding {
  const location = { nodeKey: row.node_key, arrivingAt: row.arriving_at ?? undefined };
  return bindingOf(row.port_id as Uuid, location, row.revision as Revision);
}

function bindingOf(portId: Uuid, { nodeKey, arrivingAt }: PortLocation, revision: Revision): Binding {
  return { portId, nodeKey, ...(arrivingAt !== undefined && { arrivingAt }), revision };
}
