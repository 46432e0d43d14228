import { LoomstackError, type Revision, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { StaticFlowRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/** A flow that an administrator wants on a switch, whether the switch is there or not. */
export interface StaticFlow {
  readonly id: Uuid;
  /** The switch's datapath id, as 16 hexadecimal digits. */
  readonly dpid: string;
  readonly tableId: number;
  /** 0 to 65535 */
  readonly priority: number;
  /** In ovs-ofctl's syntax: "in_port=1,dl_vlan=100"; empty for all packets. */
  readonly match: string;
  /** In ovs-ofctl's syntax: "output:2". */
  readonly actions: string;
  /** Table, priority and match in one form: of two flows with the same key a switch has only one. */
  readonly key: string;
  readonly revision: Revision;
}

export type NewStaticFlow = Omit<StaticFlow, "revision">;
export type StaticFlowChange = ChangeOf<"staticFlow", StaticFlow, Uuid>;

export async function listStaticFlows(db: Kysely<Tables>): Promise<StaticFlow[]> {
  const rows = await db.selectFrom("static_flows").selectAll().orderBy("id").execute();
  return rows.map(flowFromRow);
}

/** @throws MODEL__FLOW_EXISTS; MODEL__NOT_FOUND where the switch isn't added; MODEL__ALREADY_EXISTS */
export async function createStaticFlow(tx: Tx, wanted: NewStaticFlow): Promise<StaticFlow> {
  const after: StaticFlow = { ...wanted, revision: tx.revision };
  await explainViolation(tx.db.insertInto("static_flows").values(flowToRow(after)).execute(), (violation) => {
    if (violation.kind === "reference")
      return new LoomstackError("MODEL__NOT_FOUND", { resource: "switch", id: wanted.dpid });
    return violation.columns.includes("flow_key")
      ? flowExists(wanted)
      : new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "static flow", id: wanted.id });
  });
  tx.record({ resource: "staticFlow", id: wanted.id, after });
  return after;
}

/**
 * Puts another flow in the place of the one with its id; records nothing when it says so already. @throws
 * MODEL__NOT_FOUND, also for a flow of another switch; MODEL__FLOW_EXISTS
 */
export async function replaceStaticFlow(tx: Tx, wanted: NewStaticFlow): Promise<StaticFlow> {
  const { id, dpid } = wanted;
  const mine = tx.db.selectFrom("static_flows").selectAll().where("id", "=", id).where("dpid", "=", dpid);
  const row = await mine.executeTakeFirst();
  if (row === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "static flow", id });
  const before = flowFromRow(row);
  // The match may be said in another way, and the flow be the same to a switch; what was said is kept.
  if (before.key === wanted.key && before.match === wanted.match && before.actions === wanted.actions) return before;
  const after: StaticFlow = { ...wanted, revision: tx.revision };
  const update = tx.db.updateTable("static_flows").set(flowToRow(after)).where("id", "=", id).execute();
  await explainViolation(update, () => flowExists(wanted));
  tx.record({ resource: "staticFlow", id, before, after });
  return after;
}

function flowExists({ dpid, tableId, priority, match }: NewStaticFlow): LoomstackError {
  const context = { switch: dpid, table: tableId, priority, match: match || "all packets" };
  return new LoomstackError("MODEL__FLOW_EXISTS", context);
}

/** @throws MODEL__NOT_FOUND, also for a flow of another switch */
export async function deleteStaticFlow(tx: Tx, dpid: string, id: Uuid): Promise<void> {
  const row = await tx.db
    .deleteFrom("static_flows")
    .where("id", "=", id)
    .where("dpid", "=", dpid)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "static flow", id });
  tx.record({ resource: "staticFlow", id, before: flowFromRow(row) });
}

function flowFromRow({ id, dpid, table_id, priority, match, actions, flow_key, revision }: StaticFlowRow): StaticFlow {
  const about = { id: id as Uuid, dpid, tableId: table_id, priority, match, actions };
  return { ...about, key: flow_key, revision: revision as Revision };
}

function flowToRow({ id, dpid, tableId, priority, match, actions, key, revision }: StaticFlow): StaticFlowRow {
  return { id, dpid, table_id: tableId, priority, match, actions, flow_key: key, revision };
}
