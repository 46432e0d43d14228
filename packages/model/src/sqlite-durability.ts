import { open } from "node:fs/promises";
import type Database from "better-sqlite3";

/**
 * Whether commits wait for the disk. `synchronous=FULL` syncs the write-ahead log with each of them; with NORMAL they are
 * in the log, and safe from everything but a loss of power, until the log is synced: here at once, but beside other work,
 * or with the next commit that waits. (SQLite, PRAGMA synchronous)
 */
export class SqliteDurability implements AsyncDisposable {
  readonly #log: string;
  readonly #database: Database.Database;
  #mode: "FULL" | "NORMAL" | undefined;
  #syncing: Promise<void> | undefined;
  #isStale = false;

  /** @param file the database's, whose write-ahead log is beside it */
  constructor(file: string, database: Database.Database) {
    this.#log = `${file}-wal`;
    this.#database = database;
  }

  /** Commits from now on are on disk when they are done. Not to be called inside a transaction. */
  waitForDisk(): void {
    this.#become("FULL");
  }

  /** Commits from now on don't wait. Not to be called inside a transaction. */
  goAhead(): void {
    this.#become("NORMAL");
  }

  /** Brings to disk what was committed, soon: one sync at a time, and one more for what came during it. */
  sync(): void {
    this.#isStale = true;
    this.#syncing ??= this.#syncAll().finally(() => (this.#syncing = undefined));
  }

  /** Waits for the sync that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncing;
  }

  #become(mode: "FULL" | "NORMAL"): void {
    if (this.#mode === mode) return;
    this.#database.pragma(`synchronous = ${mode}`);
    this.#mode = mode;
  }

  async #syncAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await using log = await open(this.#log, "r+");
        await log.datasync();
      } catch {
        // A disk that fails is told of by the next commit that waits for it.
        return;
      }
    }
  }
}
