import type { BackoffPolicy, Clock, Listeners, Logger, LoomstackError, TlsIdentity } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { SessionLimits } from "../jsonrpc/session-limits.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { MonitorOptions, OvsdbClient, ResultsOf, TransactOptions } from "./client.ts";
import type { Lock } from "./locks.ts";

export interface OpenOvsdbOptions {
  /**
   * Servers with the same databases, such as those of a cluster. They are tried in their order, and again from the
   * first.
   */
  readonly remotes: readonly string[];
  /**
   * Databases that a server must be suitable for, besides those that are monitored or transacted on; a server without
   * one of them isn't used. Name those that are only transacted on, or the first transaction may find that another
   * server is needed.
   */
  readonly databases?: readonly string[];
  /**
   * Whether of a cluster only the leader is used, and no relay; default: true. What followers say can be a little old,
   * and locks are each server's own: who shares them has to meet at one server. Says nothing of databases that a server
   * has for itself.
   */
  readonly leaderOnly?: boolean;
  readonly tls?: TlsIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Spreads the delays: from 0 up to 1. */
  readonly random: () => number;
  /** How long to wait when all remotes have failed, before all are tried again; default: from 1 to 8 seconds. */
  readonly backoff?: BackoffPolicy;
  readonly limits?: Partial<SessionLimits>;
  /** Default: 10,000. */
  readonly connectTimeLimitMs?: number;
}

export type ConnectionEvent =
  /** All replicas are up to date again, and all locks asked for. */
  | { readonly kind: "connected"; readonly client: OvsdbClient }
  /**
   * An attempt or a connection has failed, or its server can't be used, any more: OVSDB__DATABASE_ABSENT,
   * OVSDB__NOT_IN_CLUSTER, OVSDB__NOT_LEADER, OVSDB__OTHER_CLUSTER, OVSDB__STALE. The next attempt follows.
   */
  | {
      readonly kind: "disconnected";
      readonly remote: string;
      readonly reason: LoomstackError;
      readonly retryInMs: number;
    };

export interface ResumedMonitorOptions<
  S extends DatabaseSchema,
  Tables extends TableSelection<S>,
> extends MonitorOptions<S, Tables> {
  /** Gives up waiting for the first contents. */
  readonly signal?: AbortSignal;
}

export interface ResumedLockOptions {
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal;
}

/**
 * A client that connects again whenever its connection ends, and whose replicas and locks outlive connections. It looks
 * at what servers say of the databases that are used (`_Server`, ovsdb-server(5)), and leaves a server at once that is
 * of no use any more.
 */
export interface ReconnectingOvsdb extends AsyncDisposable {
  /** The connection of now, undefined while there is none. What is done with it directly ends with it. */
  readonly client: OvsdbClient | undefined;
  /** Told of each connection, and of each failure. A listener must not throw. */
  readonly connections: Listeners<ConnectionEvent>;
  /** Resolves as soon as there is a connection. @throws CORE__ABORTED when the signal aborts; OVSDB__CLOSED */
  connected(signal?: AbortSignal): Promise<OvsdbClient>;
  /**
   * As `OvsdbClient.transact`, on the connection of now. It isn't repeated: one whose connection ends before the answer
   * may have been done. `isCertainlyNotDone` tells errors after which it can be repeated; `transactOnce` repeats.
   *
   * @throws OVSDB__NOT_CONNECTED while there is no connection to a server that can be used, then it wasn't sent;
   * OVSDB__CONNECTION_LOST also when the server was left because it can't be used any more; as OvsdbClient.transact
   */
  transact<const Operations extends readonly Operation[]>(
    database: string,
    operations: Operations,
    options?: TransactOptions,
  ): Promise<ResultsOf<Operations>>;
  /**
   * As `OvsdbClient.monitor`, and resolves when a server has given the first contents. The replica then outlives
   * connections: while there is none it stays as it is, and with the next one its listeners are told what has changed
   * meanwhile. Where the server remembers the last transaction that the replica contains, that alone is sent.
   *
   * @throws as OvsdbClient.monitor; CORE__ABORTED when the signal aborts
   */
  monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    options?: ResumedMonitorOptions<S, Tables>,
  ): Promise<Replica<S, Tables>>;
  /**
   * As `OvsdbClient.lock`, and resolves when a server has put us in line. Without a connection it isn't ours; with the
   * next one we stand in line again, at the end. `acquired` waits for that too. Locks are each server's own: a server
   * that we left for another may have given it to someone else.
   *
   * @throws as OvsdbClient.lock; CORE__ABORTED when the signal aborts
   */
  lock(name: string, options?: ResumedLockOptions): Promise<Lock>;
  /**
   * Takes what servers say from now on as right, even if they belong to another cluster or have older data than was
   * seen: after a cluster was made anew from a backup.
   */
  forgetClusters(): void;
  /** Ends the connection, all replicas and all locks. */
  [Symbol.asyncDispose](): Promise<void>;
}
