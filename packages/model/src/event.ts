import { type Generated, type Kysely, sql } from "kysely";
import type { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

export interface EventTables {
  events: EventRow;
}

export interface EventRow {
  id: Generated<number>;
  at: number;
  severity: string;
  kind: string;
  hypervisor: string | null;
  object: string | null;
  message: string;
}

/** Something that an operator may want to know happened. Events are no part of intent: they change no revision. */
export interface Event {
  /** Grows from one event to the next, and is never that of another one, whatever was lost with the power. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly severity: "info" | "warning" | "error";
  /** For programs: "drift-repaired". */
  readonly kind: string;
  /** Its system-id. */
  readonly hypervisor?: string;
  /** The object concerned: "port 3f2a…". */
  readonly object?: string;
  /** In words. */
  readonly message: string;
}

/** How many events are kept; the oldest go first. */
export const eventLimit = 10_000;

/** More events than may be on their way to the disk when a machine loses its power. */
const idsLeftOut = 1_000;

/**
 * Leaves ids out, to be called whenever a store is opened: events aren't waited for, so that the last ones may be
 * missing, and a client that has seen them would take others under their ids for them.
 */
export async function leaveOutEventIds(db: Kysely<Tables>): Promise<void> {
  const sequence = sql.table("sqlite_sequence");
  await db.transaction().execute(async (tx) => {
    const { numAffectedRows } =
      await sql`UPDATE ${sequence} SET seq = (seq / ${idsLeftOut} + 1) * ${idsLeftOut} WHERE name = 'events'`.execute(
        tx,
      );
    if (numAffectedRows === 0n) await sql`INSERT INTO ${sequence} (name, seq) VALUES ('events', 0)`.execute(tx);
  });
}

/** @throws MODEL__STORE_FAILED, MODEL__STORE_CLOSED */
export async function appendEvent(store: Store, event: Omit<Event, "id">): Promise<void> {
  const { result: id } = await store.observe(async ({ db }) => {
    const row = { ...event, hypervisor: event.hypervisor ?? null, object: event.object ?? null };
    const { id } = await db.insertInto("events").values(row).returning("id").executeTakeFirstOrThrow();
    const oldest = db.selectFrom("events").select("id").orderBy("id", "desc").offset(eventLimit).limit(1);
    await db.deleteFrom("events").where("id", "<=", oldest).execute();
    return id;
  });
  store.events.tell({ ...event, id });
}

/** The id of the oldest event that is kept; 0 where there is none. */
export async function firstEventId(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("events").select("id").orderBy("id").limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

/** The id of the newest event; 0 where there is none. */
export async function lastEventId(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("events").select("id").orderBy("id", "desc").limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

/** The events after the one with the id `since`, oldest first. */
export async function listEvents(
  db: Kysely<Tables>,
  { since, limit }: { since: number; limit: number },
): Promise<Event[]> {
  const rows = await db.selectFrom("events").selectAll().where("id", ">", since).orderBy("id").limit(limit).execute();
  return rows.map(({ id, at, severity, kind, hypervisor, object, message }) => ({
    id,
    at,
    severity: severity as Event["severity"],
    kind,
    ...(hypervisor !== null && { hypervisor }),
    ...(object !== null && { object }),
    message,
  }));
}
