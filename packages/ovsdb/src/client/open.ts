import { isLoomstackError, Listeners, LoomstackError, messageOf } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { abortable } from "./abortable.ts";
import type { OvsdbClient, ResultsOf, TransactOptions } from "./client.ts";
import { Connection } from "./connection.ts";
import { CurrentLink, type Link } from "./current-link.ts";
import { Feeds } from "./feeds.ts";
import { HeldLocks } from "./held-locks.ts";
import type { Lock } from "./locks.ts";
import type {
  ConnectionEvent,
  OpenOvsdbOptions,
  ReconnectingOvsdb,
  ResumedLockOptions,
  ResumedMonitorOptions,
} from "./reconnecting.ts";
import { defaultRedial, failuresAfter, redialDelayMs } from "./redial.ts";
import { parseRemote } from "./remote.ts";
import { ServerWatch } from "./server-watch.ts";
import { openSocket } from "./socket.ts";
import { Subscription } from "./subscription.ts";
import { typedReplica } from "./typed-replica.ts";
import { UsedDatabases } from "./used-databases.ts";

/**
 * Starts connecting to the first of several servers that can be used, and keeps at it until it is disposed of.
 *
 * @throws OVSDB__INVALID_REMOTE, OVSDB__TLS_REQUIRED
 * @example await using ovsdb = openOvsdb({ remotes: ["tcp:10.9.0.1:6640"], clock, logger, random: Math.random });
 */
export function openOvsdb(options: OpenOvsdbOptions): ReconnectingOvsdb {
  if (options.remotes.length === 0) throw new LoomstackError("OVSDB__INVALID_REMOTE", { remote: "an empty list" });
  for (const remote of options.remotes) {
    const { kind } = parseRemote(remote);
    if (kind === "ssl" && options.tls === undefined) throw new LoomstackError("OVSDB__TLS_REQUIRED", { remote });
  }
  return new Reconnecting(options);
}

class Reconnecting implements ReconnectingOvsdb {
  readonly connections = new Listeners<ConnectionEvent>();
  readonly #options: OpenOvsdbOptions;
  readonly #disposed = new AbortController();
  readonly #current: CurrentLink;
  readonly #databases: UsedDatabases;
  readonly #feeds = new Feeds();
  readonly #locks: HeldLocks;
  readonly #running: Promise<void>;

  constructor(options: OpenOvsdbOptions) {
    const remotes = options.remotes.join(", ");
    this.#options = options;
    this.#current = new CurrentLink(remotes);
    this.#databases = new UsedDatabases(options.databases ?? [], options.leaderOnly ?? true);
    this.#locks = new HeldLocks(remotes);
    this.#running = this.#run();
  }

  get client(): OvsdbClient | undefined {
    return this.#current.connection;
  }

  async connected(signal?: AbortSignal): Promise<OvsdbClient> {
    return (await this.#current.next(signal)).connection;
  }

  async transact<const Operations extends readonly Operation[]>(
    database: string,
    operations: Operations,
    options: TransactOptions = {},
  ): Promise<ResultsOf<Operations>> {
    const { connection, server } = this.#current.demand("a transaction");
    if (!server.admits(database)) throw this.#current.notConnected("a transaction");
    try {
      return await connection.transact(database, operations, options);
    } catch (error) {
      // It was sent, so it isn't one that can't be done any more, but one that may have been done.
      if (this.#isDisposed() || !isLoomstackError(error, "OVSDB__CLOSED")) throw error;
      const reason = server.refusal?.message ?? "we closed it";
      throw new LoomstackError("OVSDB__CONNECTION_LOST", { remote: connection.remote, reason }, { cause: error });
    }
  }

  async monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    { where = {}, signal }: ResumedMonitorOptions<S, Tables> = {},
  ): Promise<Replica<S, Tables>> {
    const subscription = new Subscription({ schema, tables, where: where, isResumed: true });
    await this.#current.onFirst("the first contents of a replica", signal, {
      start: async ({ connection, server }) => {
        if (!server.admits(schema.name)) throw this.#current.notConnected("monitoring");
        return await connection.subscribe(subscription);
      },
      adopt: ({ connection }, id) => this.#feeds.add(subscription, connection, id),
      undo: ({ connection }, id) => connection.unsubscribe(id),
    });
    return typedReplica<S, Tables>(subscription, {
      changeConditions: async (conditions) => {
        const { connection } = this.#current.demand("changing conditions");
        const isDone = await this.#feeds.changeConditions(connection, subscription, conditions);
        if (!isDone) throw this.#current.notConnected("changing conditions");
      },
      end: () => this.#feeds.end(subscription, this.#current.closed("a replica")),
    });
  }

  async lock(name: string, { signal }: ResumedLockOptions = {}): Promise<Lock> {
    const lock = this.#locks.create(name);
    await this.#current.onFirst(`lock ${name}`, signal, {
      start: ({ connection }) => lock.take(connection),
      adopt: () => this.#locks.add(lock),
      undo: () => lock[Symbol.asyncDispose](),
    });
    return lock;
  }

  forgetClusters(): void {
    this.#databases.forgetSightings();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    this.#feeds.endAll(this.#current.closed("a replica"));
    this.#locks.endAll(this.#current.closed("a lock"));
    this.#current.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { remotes, backoff = defaultRedial, clock, random } = this.#options;
    let failures = 0;
    for (let attempt = 0; !this.#isDisposed(); attempt += 1) {
      const remote = remotes[attempt % remotes.length] ?? "";
      const startedMs = clock.now();
      const reason = await this.#connect(remote);
      if (this.#isDisposed()) return;
      failures = failuresAfter(backoff, failures, clock.now() - startedMs);
      const retryInMs = redialDelayMs(backoff, failures, remotes.length, random);
      this.#log(remote, reason, failures);
      this.connections.tell({ kind: "disconnected", remote, reason, retryInMs });
      await this.#pause(retryInMs);
    }
  }

  /** An outage is two lines in the log at most, however long it lasts. */
  #log(remote: string, { code, message: reason }: LoomstackError, failures: number): void {
    const { logger, remotes } = this.#options;
    if (failures === 1 && code === "OVSDB__NOT_LEADER") {
      logger.info({ remote, reason }, "looking for the leader of the cluster");
    } else if (failures === 1) {
      logger.warn({ remote, reason }, "no connection to the OVSDB server; retrying");
    } else if (failures === remotes.length + 1) {
      logger.warn({ remotes: remotes.join(", "), reason }, "no OVSDB server can be used; retrying");
    }
  }

  /** One connection from dialling to its end, and what ended it. */
  async #connect(remote: string): Promise<LoomstackError> {
    const { signal } = this.#disposed;
    let server: ServerWatch | undefined;
    try {
      const socket = await openSocket({ ...this.#options, remote, signal });
      await using connection = new Connection(socket, { ...this.#options, remote });
      const close = (): void => void connection[Symbol.asyncDispose]();
      signal.addEventListener("abort", close);
      using _closing = { [Symbol.dispose]: () => signal.removeEventListener("abort", close) };
      if (this.#isDisposed()) return this.#current.closed("connecting");
      server = new ServerWatch(connection, this.#databases);
      await server.start();
      await Promise.all([this.#feeds.resumeAll(connection), this.#locks.takeAll(connection)]);
      this.#announce({ connection, server });
      const reason = await connection.closed;
      // At once, and not only when its socket is gone: nobody shall be given this connection any more.
      this.#current.forget();
      return server.refusal ?? reason ?? this.#current.closed("keeping the connection");
    } catch (error) {
      if (server?.refusal !== undefined) return server.refusal;
      if (isLoomstackError(error)) return error;
      return new LoomstackError("CORE__UNREACHABLE", { what: messageOf(error) }, { cause: error });
    } finally {
      this.#current.forget();
    }
  }

  #announce(link: Link): void {
    if (!link.connection.isOpen) return;
    this.#current.set(link);
    this.#locks.showAll();
    this.connections.tell({ kind: "connected", client: link.connection });
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using _timer = this.#options.clock.after(delayMs, () => resolve(undefined));
    // Disposal is no error here: whoever runs looks itself.
    await abortable("a pause", promise, this.#disposed.signal).catch(() => undefined);
  }

  #isDisposed(): boolean {
    return this.#disposed.signal.aborted;
  }
}
