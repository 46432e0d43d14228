import type { Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Store } from "../store.ts";
import type { Tables } from "../tables.ts";
import { integer, json, text } from "./column.ts";
import { resourceTable } from "./resource-table.ts";

/** `queued` and `running` jobs are taken up again by whoever opens the store next. */
export type JobState = "queued" | "running" | "succeeded" | "failed";

/** Work that goes on after its request was answered. Bookkeeping, no intent: it has no part in revisions. */
export interface Job {
  readonly id: Uuid;
  /** The kind of work, such as `deployVirtualMachine`; with `payload` it says all that is to be done. */
  readonly command: string;
  readonly account: string;
  readonly userId: Uuid;
  readonly payload: unknown;
  readonly state: JobState;
  /** How often it was begun; more than once when the process died meanwhile. */
  readonly attempts: number;
  /** What it led to, when it succeeded. */
  readonly result: unknown;
  /** The code and text of the error, when it failed. */
  readonly errorCode: string | null;
  readonly errorText: string | null;
  /** The object that it is about, in the client's terms: `VirtualMachine` and an id. */
  readonly subjectType: string | null;
  readonly subjectId: Uuid | null;
  readonly createdAt: number;
  readonly completedAt: number | null;
}

export const jobs = resourceTable<Job>({
  resource: "job",
  table: "jobs",
  columns: {
    id: text<Uuid>(),
    command: text(),
    account: text(),
    userId: text<Uuid>(),
    payload: json<unknown>(),
    state: text<JobState>(),
    attempts: integer(),
    result: json<unknown>(),
    errorCode: text<string | null>(),
    errorText: text<string | null>(),
    subjectType: text<string | null>(),
    subjectId: text<Uuid | null>(),
    createdAt: integer(),
    completedAt: integer<number | null>(),
  },
});

/** The jobs that haven't ended, oldest first. */
export async function unfinishedJobs(db: Kysely<Tables>): Promise<readonly Job[]> {
  const rows = await db
    .selectFrom("jobs")
    .selectAll()
    .where("state", "in", ["queued", "running"])
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(jobs.fromRow);
}

/** Forgets the jobs that ended before `endedBefore` (ms since the epoch). */
export async function forgetJobs(store: Store, endedBefore: number): Promise<void> {
  const isOld = await store.db
    .selectFrom("jobs")
    .select("id")
    .where("completed_at", "<", endedBefore)
    .limit(1)
    .executeTakeFirst();
  if (isOld === undefined) return;
  await store.transact(({ db }) => db.deleteFrom("jobs").where("completed_at", "<", endedBefore).execute());
}
