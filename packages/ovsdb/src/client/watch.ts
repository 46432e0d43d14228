import type { Uuid } from "@loomstack/core";
import type { ReplicaRow, SelectedTable } from "../cache/replica.ts";
import type { MonitorConditions } from "../monitor/conditions.ts";
import type { MonitorSelect, TableSelection } from "../monitor/selection.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

/**
 * What has become of one row.
 *
 * In a `modify`, `difference` has the columns that changed (ovsdb-server(7), 4.1.14): of a column that holds at most one
 * element the new value; of a set the elements that came or went; of a map the pairs that came, went, or have another
 * value, then the new one. `old`, and the `row` of a `modify`, are there when the server tells them: always with
 * `oldValues`, and by servers that know nothing but RFC 7047. Then `old` has the columns that changed, as they were.
 */
export type RowEvent<S extends DatabaseSchema, Tables extends TableSelection<S>> = {
  [T in SelectedTable<S, Tables>]: { readonly table: T; readonly uuid: Uuid } & (
    | { readonly kind: "initial" | "insert"; readonly row: ReplicaRow<S, Tables, T> }
    | {
        readonly kind: "modify";
        readonly difference: Partial<ReplicaRow<S, Tables, T>>;
        readonly row?: ReplicaRow<S, Tables, T>;
        readonly old?: Partial<ReplicaRow<S, Tables, T>>;
      }
    | { readonly kind: "delete"; readonly old?: ReplicaRow<S, Tables, T> }
  );
}[SelectedTable<S, Tables>];

/** What a server has told at once: a transaction, or several one after the other. */
export interface RowEvents<S extends DatabaseSchema, Tables extends TableSelection<S>> {
  readonly events: readonly RowEvent<S, Tables>[];
  /** The last transaction that they contain; undefined of a server that has no ids for transactions. */
  readonly transactionId: Uuid | undefined;
}

/**
 * The changes of rows as they come, without a copy of the rows: `for await (const { events } of watch)`. The first batch
 * has the rows that are there; it comes also when there are none. To be iterated over once; leaving the loop ends the
 * watch.
 *
 * What ends the connection is thrown after the batches that came before it; so are OVSDB__MONITOR_CANCELED, and
 * OVSDB__EVENTS_EXCEEDED when events come faster than they are read. Disposing of the watch ends the loop.
 */
export interface Watch<S extends DatabaseSchema, Tables extends TableSelection<S>> extends AsyncDisposable {
  [Symbol.asyncIterator](): AsyncGenerator<RowEvents<S, Tables>, undefined>;
  /** What was selected but isn't in the server's schema: nothing is told of such tables, such columns have defaults. */
  readonly missing: readonly string[];
}

export interface WatchOptions<S extends DatabaseSchema, Tables extends TableSelection<S>> {
  /** Which rows, as in MonitorOptions; default: all. */
  readonly where?: MonitorConditions<S, Tables>;
  /** By table which kinds of events; default: all. */
  readonly select?: { readonly [T in SelectedTable<S, Tables>]?: MonitorSelect };
  /** Whether events tell what was before, for which there can be no `where`; default: false. */
  readonly oldValues?: boolean;
  /**
   * The `transactionId` of an earlier watch: when the server still knows that transaction (clustered databases
   * remember some), only what has changed since is told, as `insert`, `modify` and `delete`.
   */
  readonly since?: Uuid;
  /** How many events may wait to be read, besides the first batch; default: 100,000. */
  readonly waitingEventLimit?: number;
}
