import { type FileHandle, open } from "node:fs/promises";
import { LoomstackError, messageOf } from "@loomstack/core";

/** As much of a file as bringing it to disk needs. */
export type SyncedFile = Pick<FileHandle, "datasync" | typeof Symbol.asyncDispose>;

/**
 * Brings commits to disk. With `synchronous=NORMAL` a commit is in the write-ahead log, and safe from everything but a
 * loss of power, until the log is synced (SQLite, PRAGMA synchronous). That is done here, beside other work, and once
 * for all commits that have come meanwhile.
 */
export class SqliteDurability implements AsyncDisposable {
  readonly #file: string;
  readonly #openLog: () => Promise<SyncedFile>;
  #log: SyncedFile | undefined;
  #syncing: Promise<void> = Promise.resolve();
  /** The sync that begins when that is over. */
  #next: Promise<void> | undefined;
  #failure: LoomstackError | undefined;

  /** @param file the database's, whose write-ahead log is beside it */
  constructor(file: string, openLog = (): Promise<SyncedFile> => open(`${file}-wal`, "r+")) {
    this.#file = file;
    this.#openLog = openLog;
  }

  /**
   * Why nothing can be brought to disk any more. When a sync has failed, the kernel may have forgotten what it was to
   * write (fsync(2)): another one proves nothing.
   */
  get failure(): LoomstackError | undefined {
    return this.#failure;
  }

  /** Resolves when all that has been committed by now is on disk. @throws MODEL__STORE_FAILED */
  synced(): Promise<void> {
    this.#next ??= this.#syncing.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  /** Waits for the syncs that were asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#next ?? this.#syncing).catch(() => undefined);
    await this.#log?.[Symbol.asyncDispose]();
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#syncing = this.#sync();
    return this.#syncing;
  }

  async #sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#log ??= await this.#openLog();
      await this.#log.datasync();
    } catch (cause) {
      const reason = `what was written may not be on disk: ${messageOf(cause)}; the process has to be started anew`;
      this.#failure = new LoomstackError("MODEL__STORE_FAILED", { file: this.#file, reason }, { cause });
      throw this.#failure;
    }
  }
}
