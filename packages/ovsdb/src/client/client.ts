import type { LoomstackError, Uuid } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { MonitorConditions } from "../monitor/conditions.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Lock } from "./locks.ts";

/** The results of operations, in their order. */
export type ResultsOf<Operations extends readonly Operation[]> = {
  readonly [I in keyof Operations]: Operations[I] extends Operation<infer Result> ? Result : OperationResult;
};

export interface TransactOptions {
  /** Default: 30,000. When it is over the server is told to give up, but the transaction may have been done. */
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
 * Besides what they say, all requests throw OVSDB__REQUEST_REFUSED and OVSDB__REQUEST_TIMEOUT; what ended the connection
 * (OVSDB__CONNECTION_LOST, OVSDB__PEER_SILENT and others) while they waited; OVSDB__CLOSED after that; and
 * OVSDB__PENDING_EXCEEDED or OVSDB__SEND_BUFFER_EXCEEDED when the server takes too long over earlier ones.
 */
export interface OvsdbClient extends AsyncDisposable {
  /** The address of our end, as the server's machine can reach it; undefined for a unix socket. */
  readonly localAddress: string | undefined;
  readonly remote: string;
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
   * CORE__ABORTED when the signal aborts
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
   * Asks for a lock, and resolves when the server has put us in line; `owned` tells whether it is ours already. A name
   * that this connection holds or waits for can't be asked for again: the server refuses that.
   *
   * @throws OVSDB__MALFORMED_VALUE
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
   * doesn't; leave `ephemeral` out there. Without `setDatabaseChangeAware` the server closes its clients' connections, ours too.
   */
  convert(database: string, schema: DatabaseSchema, options?: TransactOptions): Promise<void>;
}
