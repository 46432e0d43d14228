import { isLoomstackError, Listeners, LoomstackError, messageOf } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { abortable } from "./abortable.ts";
import type { OvsdbClient, ResultsOf, TransactOptions } from "./client.ts";
import { Connection } from "./connection.ts";
import type { ConnectionEvent, OpenOvsdbOptions, ReconnectingOvsdb, ResumedMonitorOptions } from "./reconnecting.ts";
import { defaultRedial, failuresAfter, redialDelayMs } from "./redial.ts";
import { parseRemote } from "./remote.ts";
import { openSocket } from "./socket.ts";
import { Subscription } from "./subscription.ts";
import { typedReplica } from "./typed-replica.ts";

/**
 * Starts connecting to the first of several servers that works, and keeps at it until it is disposed of.
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

/** The monitor that keeps a subscription up to date, on the connection that has it. */
interface Feed {
  readonly connection: Connection;
  readonly id: string;
}

class Reconnecting implements ReconnectingOvsdb {
  readonly connections = new Listeners<ConnectionEvent>();
  readonly #options: OpenOvsdbOptions;
  readonly #disposed = new AbortController();
  readonly #feeds = new Map<Subscription, Feed>();
  readonly #running: Promise<void>;
  #connected = newExpectation();
  #connection: Connection | undefined;

  constructor(options: OpenOvsdbOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  get client(): OvsdbClient | undefined {
    return this.#connection;
  }

  connected(signal?: AbortSignal): Promise<OvsdbClient> {
    return this.#whenConnected(signal);
  }

  async transact<const Operations extends readonly Operation[]>(
    database: string,
    operations: Operations,
    options: TransactOptions = {},
  ): Promise<ResultsOf<Operations>> {
    return await this.#current("a transaction").transact(database, operations, options);
  }

  async monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    { where = {}, signal }: ResumedMonitorOptions<S, Tables> = {},
  ): Promise<Replica<S, Tables>> {
    const subscription = new Subscription({ schema, tables, where: where, isResumed: true });
    await this.#startFeed(subscription, signal);
    return typedReplica<S, Tables>(subscription, {
      changeConditions: async (conditions) => {
        const feed = this.#feeds.get(subscription);
        if (feed?.connection !== this.#current("changing conditions")) throw this.#notConnected("changing conditions");
        await feed.connection.changeConditions(feed.id, conditions);
      },
      end: () => this.#end(subscription),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    const error = this.#closed("a replica");
    for (const subscription of this.#feeds.keys()) subscription.end(error);
    this.#feeds.clear();
    this.#connected.reject(this.#closed("waiting for a connection"));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { remotes, backoff = defaultRedial, clock, random, logger } = this.#options;
    let failures = 0;
    for (let attempt = 0; !this.#isDisposed(); attempt += 1) {
      const remote = remotes[attempt % remotes.length] ?? "";
      const startedMs = clock.now();
      const reason = await this.#connect(remote);
      if (this.#isDisposed()) return;
      failures = failuresAfter(backoff, failures, clock.now() - startedMs);
      const retryInMs = redialDelayMs(backoff, failures, remotes.length, random);
      // An outage is one line in the log, however long it lasts.
      if (failures === 1)
        logger.warn({ remote, reason: reason.message }, "no connection to the OVSDB server; retrying");
      this.connections.tell({ kind: "disconnected", remote, reason, retryInMs });
      await this.#pause(retryInMs);
    }
  }

  /** One connection from dialling to its end, and what ended it. */
  async #connect(remote: string): Promise<LoomstackError> {
    const { signal } = this.#disposed;
    try {
      const socket = await openSocket({ ...this.#options, remote, signal });
      await using connection = new Connection(socket, { ...this.#options, remote });
      const close = (): void => void connection[Symbol.asyncDispose]();
      signal.addEventListener("abort", close);
      using _closing = { [Symbol.dispose]: () => signal.removeEventListener("abort", close) };
      if (this.#isDisposed()) return this.#closed("connecting");
      await Promise.all(Array.from(this.#feeds.keys(), (subscription) => this.#resume(connection, subscription)));
      this.#announce(connection);
      const reason = await connection.closed;
      // At once, and not only when its socket is gone: nobody shall be given this connection any more.
      this.#forget();
      return reason ?? this.#closed("keeping the connection");
    } catch (error) {
      if (isLoomstackError(error)) return error;
      return new LoomstackError("CORE__UNREACHABLE", { what: messageOf(error) }, { cause: error });
    } finally {
      this.#forget();
    }
  }

  #forget(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.#connected = newExpectation();
    if (this.#isDisposed()) this.#connected.reject(this.#closed("waiting for a connection"));
  }

  #announce(connection: Connection): void {
    if (!connection.isOpen) return;
    this.#connection = connection;
    this.#connected.resolve(connection);
    this.connections.tell({ kind: "connected", client: connection });
  }

  async #resume(connection: Connection, subscription: Subscription): Promise<void> {
    const id = await connection.subscribe(subscription);
    if (this.#feeds.has(subscription)) this.#feeds.set(subscription, { connection, id });
    else await connection.unsubscribe(id);
  }

  /** On the first connection that lives long enough. What a living server refuses is the caller's to know. */
  async #startFeed(subscription: Subscription, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const connection = await this.#whenConnected(signal);
      const starting = connection.subscribe(subscription);
      try {
        const id = await abortable("the first contents of a replica", starting, signal);
        if (this.#isDisposed()) throw this.#closed("a replica");
        this.#feeds.set(subscription, { connection, id });
        return;
      } catch (error) {
        void starting.then((id) => connection.unsubscribe(id)).catch(() => undefined);
        if (this.#isDisposed()) throw this.#closed("a replica");
        if (connection.isOpen || signal?.aborted === true) throw error;
        await connection.closed;
      }
    }
  }

  async #end(subscription: Subscription): Promise<void> {
    const feed = this.#feeds.get(subscription);
    this.#feeds.delete(subscription);
    subscription.end(this.#closed("a replica"));
    await feed?.connection.unsubscribe(feed.id);
  }

  #whenConnected(signal: AbortSignal | undefined): Promise<Connection> {
    return abortable("waiting for a connection", this.#connected.promise, signal);
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using _timer = this.#options.clock.after(delayMs, () => resolve(undefined));
    // Disposal is no error here: whoever runs looks itself.
    await abortable("a pause", promise, this.#disposed.signal).catch(() => undefined);
  }

  #current(what: string): Connection {
    if (this.#isDisposed()) throw this.#closed(what);
    if (this.#connection === undefined) throw this.#notConnected(what);
    return this.#connection;
  }

  #isDisposed(): boolean {
    return this.#disposed.signal.aborted;
  }

  #closed(what: string): LoomstackError {
    return new LoomstackError("OVSDB__CLOSED", { remote: this.#options.remotes.join(", "), what });
  }

  #notConnected(what: string): LoomstackError {
    return new LoomstackError("OVSDB__NOT_CONNECTED", { remotes: this.#options.remotes.join(", "), what });
  }
}

/** The next connection. Nobody has to wait for it. */
function newExpectation(): PromiseWithResolvers<Connection> {
  const expectation = Promise.withResolvers<Connection>();
  expectation.promise.catch(() => undefined);
  return expectation;
}
