import type { Generated, Kysely } from "kysely";
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
  /** Grows from one event to the next. */
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

/** @throws MODEL__STORE_FAILED, MODEL__STORE_CLOSED */
export async function appendEvent(store: Store, event: Omit<Event, "id">): Promise<void> {
  const { result: id } = await store.observe(async ({ db }) => {
    const row = { ...event, hypervisor: event.hypervisor ?? null, object: event.object ?? null };
    const { id } = await db.insertInto("events").values(row).returning("id").executeTakeFirstOrThrow();
    await db
      .deleteFrom("events")
      .where("id", "<=", id - eventLimit)
      .execute();
    return id;
  });
  store.events.tell({ ...event, id });
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
