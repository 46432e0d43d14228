import type { BackoffPolicy, Clock, Listeners, Logger, LoomstackError } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { SessionLimits } from "../jsonrpc/session-limits.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import type { Operation } from "../notation/operation.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { MonitorOptions, OvsdbClient, ResultsOf, TransactOptions } from "./client.ts";
import type { TlsIdentity } from "./socket.ts";

export interface OpenOvsdbOptions {
  /**
   * Servers with the same databases, such as those of a cluster. They are tried in their order, and again from the
   * first.
   */
  readonly remotes: readonly string[];
  readonly tls?: TlsIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Spreads the delays: from 0 up to 1. */
  readonly random: () => number;
  /** How long to wait between attempts once each remote has failed; default: from 1 to 8 seconds. */
  readonly backoff?: BackoffPolicy;
  readonly limits?: Partial<SessionLimits>;
  /** Default: 10,000. */
  readonly connectTimeLimitMs?: number;
}

export type ConnectionEvent =
  /** All replicas are up to date again. */
  | { readonly kind: "connected"; readonly client: OvsdbClient }
  /** An attempt or a connection has failed; the next attempt follows. */
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

/** A client that connects again whenever its connection ends, and whose replicas outlive connections. */
export interface ReconnectingOvsdb extends AsyncDisposable {
  /** The connection of now, undefined while there is none. What is done with it directly ends with it. */
  readonly client: OvsdbClient | undefined;
  /** Told of each connection, and of each failure. A listener must not throw. */
  readonly connections: Listeners<ConnectionEvent>;
  /** Resolves as soon as there is a connection. @throws CORE__ABORTED when the signal aborts; OVSDB__CLOSED */
  connected(signal?: AbortSignal): Promise<OvsdbClient>;
  /**
   * As `OvsdbClient.transact`, on the connection of now. It isn't repeated: one whose connection ends before the answer
   * may have been done.
   *
   * @throws OVSDB__NOT_CONNECTED while there is no connection; as OvsdbClient.transact
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
  /** Ends the connection and all replicas. */
  [Symbol.asyncDispose](): Promise<void>;
}
