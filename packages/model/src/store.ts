import type { HistogramReading, Listeners, Revision } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Change } from "./change.ts";
import type { Event } from "./event.ts";
import type { Tables } from "./tables.ts";

/** One transaction that changed intent, as those who follow the store are told it. */
export interface Commit {
  readonly revision: Revision;
  /** In the order in which they were made; an object may occur more than once. */
  readonly changes: readonly Change[];
}

/**
 * A transaction under way. It can be used until the work that it was given to ends, and every query has to be awaited.
 */
export interface Tx {
  /** Reads and writes inside this transaction. */
  readonly db: Kysely<Tables>;
  /** The revision that this transaction gets if it records anything. */
  readonly revision: Revision;
  /** When it began, in milliseconds since the epoch. */
  readonly now: number;
  /** Notes a change of intent. Listeners are told after the commit, and never if there is none. */
  record(change: Change): void;
}

/**
 * Where intent is kept. What `transact` has acknowledged is on disk.
 *
 * Transactions run one after another, in the order of the calls; so one must not be started and awaited inside another.
 */
export interface Store extends AsyncDisposable {
  /** Reads what is committed; it can't write. Inside a transaction use the transaction's own `db`. */
  readonly db: Kysely<Tables>;

  /**
   * Runs `work` in one SQL transaction: all of it or, when it throws, nothing; resolves when it is on disk. Others run
   * while the disk is waited for, and share that.
   * The revision grows by one if anything was recorded, and stays otherwise.
   *
   * @throws what `work` throws; MODEL__STORE_FAILED; MODEL__STORE_CLOSED
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<{ readonly result: T; readonly revision: Revision }>;

  /**
   * As `transact`, for what was seen and would be seen again, such as where a port is: it doesn't wait for the
   * disk, which the commit reaches as soon as the disk is ready. A process that dies loses nothing;
   * a machine that loses its power may lose the last of it.
   *
   * @throws as `transact`
   */
  observe<T>(work: (tx: Tx) => Promise<T>): Promise<{ readonly result: T; readonly revision: Revision }>;

  /** The revision of the last commit. */
  revision(): Revision;

  /** Told of every commit that changed intent, in order, before `transact` resolves. */
  readonly commits: Listeners<Commit>;

  /** Told of every event that was recorded, some time after it was. */
  readonly events: Listeners<Event>;

  /** What it has done since it was opened. */
  reading(): StoreReading;
}

export interface StoreReading {
  /** Transactions that were committed, and how long each took, without the time that it waited for its turn. */
  readonly committed: HistogramReading;
  /** Transactions that were rolled back: their work, or the disk, has failed. */
  readonly rolledBack: number;
  /** Transactions that wait for their turn or are under way. */
  readonly pending: number;
}
