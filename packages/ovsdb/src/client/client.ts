import { LoomstackError, type Logger } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import { ReplicaTables } from "../cache/tables.ts";
import type { Session } from "../jsonrpc/session.ts";
import { type KnownTables, missingOf, selectTables, type TableSelection } from "../monitor/selection.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Monitors } from "./monitors.ts";
import { readResults } from "./transaction.ts";

/** The results of operations, in their order. */
export type ResultsOf<Operations extends readonly Operation[]> = {
  readonly [I in keyof Operations]: Operations[I] extends Operation<infer Result> ? Result : OperationResult;
};

export interface TransactOptions {
  /** Default: 30,000. When it is over the server is told to give up, but the transaction may have been done. */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal;
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
   * @throws OVSDB__MALFORMED_VALUE, OVSDB__MALFORMED_SCHEMA
   */
  monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
  ): Promise<Replica<S, Tables>>;
}

export interface ClientOptions {
  readonly session: Session;
  readonly monitors: Monitors;
  readonly localAddress: string | undefined;
  readonly remote: string;
  readonly logger: Logger;
}

/** The client on a session that hands its notifications to `monitors`. */
export function createClient({ session, monitors, localAddress, remote, logger }: ClientOptions): OvsdbClient {
  const closedError = (): LoomstackError => new LoomstackError("OVSDB__CLOSED", { remote, what: "monitoring" });
  void session.closed.then((error) => monitors.endAll(error ?? closedError()));
  const getSchema = (database: string): Promise<DatabaseSchema> =>
    session.request("get_schema", [database], parseSchema);

  return {
    localAddress,
    remote,
    closed: session.closed,
    getSchema,
    listDatabases: () => session.request("list_dbs", [], readNames),

    async transact<const Operations extends readonly Operation[]>(
      database: string,
      operations: Operations,
      options: TransactOptions = {},
    ) {
      const params = [database, ...operations.map((operation) => operation.json)];
      const results = await session.request("transact", params, (json) => readResults(remote, operations, json), {
        ...options,
        onAbandon: (id) => session.notify("cancel", [id]),
      });
      return results as ResultsOf<Operations>;
    },

    async monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
      schema: S,
      tables: Tables & KnownTables<S, Tables>,
    ) {
      const selection = selectTables(schema, tables, await getSchema(schema.name));
      const missing = missingOf(selection);
      if (missing.length > 0) logger.info({ remote, missing }, "the server's schema lacks some of what is replicated");
      const rows = new ReplicaTables(selection);
      const id = await monitors.start(session, schema.name, selection, rows);
      return createReplica<S, Tables>(rows, missing, async () => {
        rows.end(closedError());
        await monitors.end(session, id);
      });
    },

    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** The typed view of a replica's tables: the selection that made them is the one of the types. */
function createReplica<S extends DatabaseSchema, Tables extends TableSelection<S>>(
  tables: ReplicaTables,
  missing: readonly string[],
  end: () => Promise<void>,
): Replica<S, Tables> {
  const untyped = {
    table: (name: string) => tables.table(name),
    changes: tables.changes,
    missing,
    until: (predicate: () => boolean, signal?: AbortSignal) => tables.until(predicate, signal),
    [Symbol.asyncDispose]: end,
  };
  return untyped as unknown as Replica<S, Tables>;
}

function readNames(json: unknown): readonly string[] {
  if (Array.isArray(json) && json.every((name) => typeof name === "string")) return json;
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
    label: "the list of databases",
    reason: "a list of names was expected",
  });
}
