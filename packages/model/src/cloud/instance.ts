import type { Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { ChangeOf } from "../change.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { integer, text } from "./column.ts";
import { presentOf, resourceTable } from "./resource-table.ts";

/** CloudStack's states of a virtual machine, those that are passed through here. */
export type InstanceState = "Starting" | "Running" | "Stopping" | "Stopped" | "Destroyed" | "Expunging" | "Error";

/** A virtual machine as its user asked for it. Its id is the UUID of its domain. */
export interface Instance {
  readonly id: Uuid;
  /** Its host name. */
  readonly name: string;
  readonly displayName: string;
  /** Counts instances; never used twice. The domain's name is made of it. */
  readonly number: number;
  readonly account: string;
  readonly zoneId: Uuid;
  readonly serviceOfferingId: Uuid;
  readonly templateId: Uuid;
  readonly cpuNumber: number;
  readonly memoryMib: number;
  /** Where its domain is or may be; null when it is known to be nowhere. */
  readonly hostId: Uuid | null;
  /** Where it ran last. */
  readonly lastHostId: Uuid | null;
  readonly state: InstanceState;
  /** In words: why it is in this state, where there is something to say. */
  readonly stateReason: string;
  /** When it was destroyed; it is expunged some time after that. */
  readonly destroyedAt: number | null;
  readonly createdAt: number;
}

export type InstanceChange = ChangeOf<"instance", Instance, Uuid>;

export const instances = resourceTable<Instance>({
  resource: "instance",
  table: "instances",
  columns: {
    id: text<Uuid>(),
    name: text(),
    displayName: text(),
    number: integer(),
    account: text(),
    zoneId: text<Uuid>(),
    serviceOfferingId: text<Uuid>(),
    templateId: text<Uuid>(),
    cpuNumber: integer(),
    memoryMib: integer(),
    hostId: text<Uuid | null>(),
    lastHostId: text<Uuid | null>(),
    state: text<InstanceState>(),
    stateReason: text(),
    destroyedAt: integer<number | null>(),
    createdAt: integer(),
  },
  change: (id, before, after) => ({ resource: "instance", id, ...presentOf(before, after) }),
});

/** The next number for an instance; one that was given is never given again. */
export async function nextInstanceNumber(tx: Tx): Promise<number> {
  const { rows } = await sql<{
    number: number;
  }>`UPDATE instance_numbers SET number = number + 1 RETURNING number`.execute(tx.db);
  return rows[0]?.number ?? 1;
}

/** How many MiB the instances on each host have been promised. */
export async function allocatedMemoryMib(db: Kysely<Tables>): Promise<ReadonlyMap<Uuid, number>> {
  const rows = await db
    .selectFrom("instances")
    .select(({ fn }) => ["host_id", fn.sum<number>("memory_mib").as("memory")])
    .where("host_id", "is not", null)
    .groupBy("host_id")
    .execute();
  return new Map(rows.map((row) => [row.host_id as Uuid, row.memory]));
}
