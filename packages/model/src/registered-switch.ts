import { LoomstackError, type Revision } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { SwitchRow } from "./network-tables.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";
import { explainViolation } from "./violation.ts";

/** A plain OpenFlow switch that an administrator has added: it may be given flows. */
export interface RegisteredSwitch {
  /** Its datapath id, as 16 hexadecimal digits. */
  readonly dpid: string;
  /** For people; may be empty. */
  readonly name: string;
  /** The subject of the certificate that it has to show; null until it has shown one. */
  readonly certificate: string | null;
  readonly revision: Revision;
}

/** The id of a change of a switch is its datapath id. */
export type SwitchChange = ChangeOf<"switch", RegisteredSwitch, string>;

export async function listSwitches(db: Kysely<Tables>): Promise<RegisteredSwitch[]> {
  const rows = await db.selectFrom("switches").selectAll().orderBy("dpid").execute();
  return rows.map(switchFromRow);
}

export async function findSwitch(db: Kysely<Tables>, dpid: string): Promise<RegisteredSwitch | undefined> {
  const row = await db.selectFrom("switches").selectAll().where("dpid", "=", dpid).executeTakeFirst();
  return row && switchFromRow(row);
}

/** What is said of a switch; what is left out stays as it is. */
export interface SwitchTraits {
  readonly name?: string | undefined;
  /** The subject of the certificate that it has to show from now on; null: of the first that it shows. */
  readonly certificate?: string | null | undefined;
}

/** Adds a switch or changes what is said of it; records nothing when it says so already. */
export async function registerSwitch(tx: Tx, dpid: string, traits: SwitchTraits = {}): Promise<RegisteredSwitch> {
  const before = await findSwitch(tx.db, dpid);
  const name = traits.name ?? before?.name ?? "";
  const certificate = traits.certificate === undefined ? (before?.certificate ?? null) : traits.certificate;
  if (before !== undefined && name === before.name && certificate === before.certificate) return before;
  const after: RegisteredSwitch = { dpid, name, certificate, revision: tx.revision };
  await tx.db
    .insertInto("switches")
    .values({ ...after })
    .onConflict((conflict) => conflict.column("dpid").doUpdateSet({ ...after }))
    .execute();
  tx.record({ resource: "switch", id: dpid, ...(before && { before }), after });
  return after;
}

/** @throws MODEL__NOT_FOUND; MODEL__IN_USE while it has static flows */
export async function unregisterSwitch(tx: Tx, dpid: string): Promise<void> {
  const before = await findSwitch(tx.db, dpid);
  if (before === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "switch", id: dpid });
  await explainViolation(tx.db.deleteFrom("switches").where("dpid", "=", dpid).execute(), ({ kind }) =>
    kind === "reference"
      ? new LoomstackError("MODEL__IN_USE", { resource: "switch", id: dpid, user: "its static flows" })
      : undefined,
  );
  tx.record({ resource: "switch", id: dpid, before });
}

function switchFromRow({ dpid, name, certificate, revision }: SwitchRow): RegisteredSwitch {
  return { dpid, name, certificate, revision: revision as Revision };
}
