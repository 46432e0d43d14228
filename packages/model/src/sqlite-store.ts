/**
 * The store in one SQLite file: write-ahead log, foreign keys; what `transact` acknowledges is on disk
 * (sqlite-durability.ts).
 *
 *     transact ──► one writing connection, one transaction at a time ──► commit ──► listeners ──► on disk ──► caller
 *     db       ──► one reading connection: sees what is committed, never waits for the writer
 *     <file>.lock  held locked as long as the store is open; the kernel frees it when the process dies, however it dies
 */
import { chmodSync, closeSync, existsSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type Clock,
  DurationHistogram,
  isLoomstackError,
  Listeners,
  LoomstackError,
  messageOf,
  type Revision,
  systemClock,
} from "@loomstack/core";
import Database from "better-sqlite3";
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import type { Change } from "./change.ts";
import { type Event, leaveOutEventIds } from "./event.ts";
import { migrations } from "./migrations/index.ts";
import { SqliteDurability, type SyncedFile } from "./sqlite-durability.ts";
import { TransactionalSqliteDialect } from "./sqlite-dialect.ts";
import type { Commit, Store, StoreReading, Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/**
 * Opens the store, makes it if there is none, and brings its tables up to date. The file can be read by its owner only.
 *
 * @param openLog for tests: what is synced in place of the write-ahead log
 * @throws MODEL__STORE_LOCKED while another store, in this process or another, has the file open
 * @throws MODEL__STORE_UNUSABLE
 */
export async function openSqliteStore(
  file: string,
  clock: Clock = systemClock,
  openLog?: () => Promise<SyncedFile>,
): Promise<Store> {
  try {
    await using stack = new AsyncDisposableStack();
    const path = canonicalPath(file);
    stack.adopt(takeLock(path), close);
    const database = stack.adopt(openForWriting(path), close);
    const writer = kyselyOf(database);
    await migrate(writer, path);
    await leaveOutEventIds(writer);
    const reader = kyselyOf(stack.adopt(new Database(path, { readonly: true }), close));
    const { revision } = await reader.selectFrom("store_revision").select("revision").executeTakeFirstOrThrow();
    const known = { file: path, clock, revision: revision as Revision };
    database.pragma("synchronous = NORMAL");
    const durability = stack.use(new SqliteDurability(path, openLog));
    return new SqliteStore({ ...known, writer, reader, durability, resources: stack.move() });
  } catch (error) {
    if (isLoomstackError(error)) throw error;
    throw new LoomstackError("MODEL__STORE_UNUSABLE", { file, reason: messageOf(error) }, { cause: error });
  }
}

interface SqliteStoreOptions {
  readonly file: string;
  /** Says when transactions begin and how long they take. */
  readonly clock: Clock;
  readonly writer: Kysely<Tables>;
  readonly reader: Kysely<Tables>;
  readonly revision: Revision;
  readonly durability: SqliteDurability;
  /** What is closed with the store. */
  readonly resources: AsyncDisposableStack;
}

class SqliteStore implements Store {
  readonly db: Kysely<Tables>;
  readonly commits = new Listeners<Commit>();
  readonly events = new Listeners<Event>();
  readonly #file: string;
  readonly #clock: Clock;
  readonly #writer: Kysely<Tables>;
  readonly #durability: SqliteDurability;
  readonly #resources: AsyncDisposableStack;
  #revision: Revision;
  /** Resolves when every transaction asked for so far has ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #committed = new DurationHistogram();
  #rolledBack = 0;
  #pending = 0;

  constructor(options: SqliteStoreOptions) {
    this.db = options.reader;
    this.#file = options.file;
    this.#clock = options.clock;
    this.#writer = options.writer;
    this.#durability = options.durability;
    this.#resources = options.resources;
    this.#revision = options.revision;
  }

  revision(): Revision {
    return this.#revision;
  }

  async transact<T>(work: (tx: Tx) => Promise<T>): Promise<{ result: T; revision: Revision }> {
    const { done, synced } = await this.#commit(work);
    await synced;
    return done;
  }

  async observe<T>(work: (tx: Tx) => Promise<T>): Promise<{ result: T; revision: Revision }> {
    return (await this.#commit(work)).done;
  }

  /** Commits in turn, where the store can't be closed before the disk was asked for. */
  async #commit<T>(
    work: (tx: Tx) => Promise<T>,
  ): Promise<{ done: { result: T; revision: Revision }; synced: Promise<void> }> {
    return this.#inTurn(async () => {
      const done = await this.#run(work);
      const synced = this.#durability.synced();
      // A disk that fails is told of by whoever waits for it.
      synced.catch(() => undefined);
      return { done, synced };
    });
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new LoomstackError("MODEL__STORE_CLOSED", { file: this.#file });
    this.#pending += 1;
    const mine = this.#turn.then(run).finally(() => (this.#pending -= 1));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  reading(): StoreReading {
    return { committed: this.#committed.read(), rolledBack: this.#rolledBack, pending: this.#pending };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#resources.disposeAsync();
  }

  async #run<T>(work: (tx: Tx) => Promise<T>): Promise<{ result: T; revision: Revision }> {
    if (this.#durability.failure !== undefined) throw this.#durability.failure;
    const changes: Change[] = [];
    const next = (this.#revision + 1) as Revision;
    const result = await this.#inTransaction(async (db) => {
      const value = await work({
        db,
        revision: next,
        now: this.#clock.now(),
        record: (change) => void changes.push(change),
      });
      if (changes.length > 0) await db.updateTable("store_revision").set({ revision: next }).execute();
      return value;
    });
    if (changes.length > 0) {
      this.#revision = next;
      this.commits.tell({ revision: next, changes });
    }
    return { result, revision: this.#revision };
  }

  /** Controlled by hand because a transaction that has ended must refuse queries that its work forgot to await. */
  async #inTransaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.now();
    const transaction = await this.#writer.startTransaction().execute();
    try {
      const result = await work(transaction);
      await transaction.commit().execute();
      this.#committed.observe(this.#clock.now() - startedAtMs);
      return result;
    } catch (error) {
      this.#rolledBack += 1;
      // After a full disk SQLite may have rolled back by itself, and says so; what matters is the first error.
      await transaction
        .rollback()
        .execute()
        .catch(() => undefined);
      throw error instanceof Database.SqliteError
        ? new LoomstackError("MODEL__STORE_FAILED", { file: this.#file, reason: error.message }, { cause: error })
        : error;
    }
  }
}

/** One name for one file, however it is reached. */
function canonicalPath(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}

function takeLock(path: string): Database.Database {
  makePrivate(`${path}.lock`);
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Database.SqliteError && error.code === "SQLITE_BUSY")) throw error;
    throw new LoomstackError("MODEL__STORE_LOCKED", { file: path }, { cause: error });
  }
}

function openForWriting(path: string): Database.Database {
  makePrivate(path);
  const database = new Database(path);
  try {
    database.pragma("journal_mode = WAL");
    // What is done before the store is given away is on disk when it is done.
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Makes the file if there is none, for its owner alone. SQLite gives its journal, its log and its shared memory the mode
 * of the file they belong to, so this comes before SQLite opens it. A file that is there isn't opened: to close it again
 * would free the locks that another store of this process has on it (fcntl(2)).
 */
function makePrivate(file: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  else closeSync(openSync(file, "wx", 0o600));
}

function kyselyOf(database: Database.Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new TransactionalSqliteDialect(database) });
}

function close(database: Database.Database): void {
  database.close();
}

async function migrate(db: Kysely<Tables>, file: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const reason = `its tables can't be brought up to date: ${messageOf(error)}`;
  throw new LoomstackError("MODEL__STORE_UNUSABLE", { file, reason }, { cause: error });
}
