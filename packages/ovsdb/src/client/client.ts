import type { LoomstackError, Uuid } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { MonitorConditions } from "../monitor/conditions.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { Json } from "../notation/json.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Lock } from "./locks.ts";
import type { Watch, WatchOptions } from "./watch.ts";

/** The results of operations, in their order. */
export type ResultsOf<Operations extends readonly Operation[]> = {
  readonly [I in keyof Operations]: Operations[I] extends Operation<infer Result> ? Result : OperationResult;
};

export interface TransactOptions {
  /**
   * Default: 30,000; Infinity: none, for a transaction with a `wait` that may take long. When it is over the server is
   * told to give up, but the transaction may have been done.
   */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal;
}

export interface MonitorOptions<S extends DatabaseSchema, Tables extends TableSelection<S>> {
  /** Which rows; default: all. A row is replicated when it satisfies any of its table's conditions. */
  readonly where?: MonitorConditions<S, Tables>;
}

/**
 * One connection to an OVSDB server. It doesn't reconnect: when `closed` resolves, connect anew.
 *
 * Besides what they say, all requests throw OVSDB__UNKNOWN_METHOD, OVSDB__REQUEST_NOT_PERMITTED,
 * OVSDB__UNKNOWN_DATABASE and OVSDB__DATABASE_UNAVAILABLE, OVSDB__REQUEST_REFUSED for whatever else the server says; and
 * OVSDB__REQUEST_TIMEOUT; what ended the connection (OVSDB__CONNECTION_LOST, OVSDB__PEER_SILENT and others) while they
 * waited; OVSDB__CLOSED after that; OVSDB__PENDING_EXCEEDED or OVSDB__SEND_BUFFER_EXCEEDED when the server takes too
 * long over earlier ones.
 */
export interface OvsdbClient extends AsyncDisposable {
  /** The address of our end, as the server's machine can reach it; undefined for a unix socket. */
  readonly localAddress: string | undefined;
  readonly remote: string;
  /** Who has connected, where TLS was spoken: the subject of the server's certificate, "CN=hypervisor-1, O=Example". */
  readonly peerSubject: string | undefined;
  /** Resolves with what ended the connection, or with undefined when it was disposed of. Never rejects. */
  readonly closed: Promise<LoomstackError | undefined>;
  /** The names of the server's databases. @throws OVSDB__MALFORMED_VALUE */
  listDatabases(): Promise<readonly string[]>;
  /** @throws OVSDB__MALFORMED_SCHEMA */
  getSchema(database: string): Promise<DatabaseSchema>;
  /**
   * Carries out all of the operations or none. Replicas of this connection show the changes when it resolves.
   *
   * @throws OVSDB__CONSTRAINT_VIOLATION and the other codes of operations, with the operation and its index;
   * OVSDB__CANCELED when the server has stopped watching it, as its database was removed or converted; CORE__ABORTED
   * when the signal aborts
   */
  transact<const Operations extends readonly Operation[]>(
    database: string,
    operations: Operations,
    options?: TransactOptions,
  ): Promise<ResultsOf<Operations>>;
  /**
   * Replicates tables. What the server's schema doesn't have is in the replica's `missing`.
   *
   * @throws OVSDB__MALFORMED_VALUE, OVSDB__MALFORMED_SCHEMA; OVSDB__CONDITIONS_UNSUPPORTED when there is a `where` and
   * the server is older than Open vSwitch 2.6
   */
  monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    options?: MonitorOptions<S, Tables>,
  ): Promise<Replica<S, Tables>>;
  /**
   * Tells of the changes of rows without replicating them.
   *
   * @throws as `monitor`; OVSDB__INVALID_VALUE when both old values and conditions are asked for
   * @example
   * await using watch = await client.watch(openVswitch, { Bridge: ["name"] }, { select: { Bridge: { initial: false } } });
   * for await (const { events } of watch) for (const event of events) console.log(event.kind, event.table, event.uuid);
   */
  watch<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    options?: WatchOptions<S, Tables>,
  ): Promise<Watch<S, Tables>>;
  /**
   * Asks for a lock, and resolves when the server has put us in line; `owned` tells whether it is ours already. A name
   * that this connection holds or waits for can't be asked for again.
   *
   * @throws OVSDB__LOCK_REQUESTED_TWICE, OVSDB__MALFORMED_VALUE
   * @example
   * await using lock = await client.lock("leader");
   * await lock.acquired();
   * await client.transact("Open_vSwitch", [assert("leader"), ...operations]);
   */
  lock(name: string): Promise<Lock>;
  /**
   * Takes a lock, whoever owns it; that client is told, and stands first in line. @throws OVSDB__MALFORMED_VALUE
   */
  steal(name: string): Promise<Lock>;
  /** Resolves with what was sent, when the server has answered (RFC 7047, 4.1.11). @throws OVSDB__MALFORMED_VALUE */
  echo(params?: readonly Json[]): Promise<readonly Json[]>;
  /** The UUID of the running server: another after each of its starts. @throws OVSDB__MALFORMED_VALUE */
  getServerId(): Promise<Uuid>;
  /**
   * Whether databases may appear, vanish and be converted without the server closing the connection (ovsdb-server(7),
   * 4.1.18). Replicas of a database that vanishes or is converted end with OVSDB__MONITOR_CANCELED.
   */
  setDatabaseChangeAware(isAware: boolean): Promise<void>;
  /**
   * Gives a database another schema, converting its rows (ovsdb-server(7), 4.1.19). Columns that the new schema lacks
   * are lost. A cluster has no ephemeral columns: asked for some, Open vSwitch 3.1 answers that it has converted and
   * doesn't; leave `ephemeral` out there. Without `setDatabaseChangeAware` the server closes its clients' connections,
   * ours too.
   *
   * @throws OVSDB__REQUEST_REFUSED when rows don't fit the new schema; OVSDB__CANCELED
   */
  convert(database: string, schema: DatabaseSchema, options?: TransactOptions): Promise<void>;
}
