import type { Listeners, Uuid } from "@loomstack/core";
import type { Draft } from "../draft/draft.ts";
import type { MonitorConditions } from "../monitor/conditions.ts";
import type { TableSelection } from "../monitor/selection.ts";
import type { ColumnName, Row, TableName } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { RowHandlers } from "./row-events.ts";
import type { KeysOf, RowIndex } from "./row-index.ts";

/** The columns that a selection takes of a table. */
export type SelectedColumns<
  S extends DatabaseSchema,
  Tables extends TableSelection<S>,
  T extends TableName<S>,
> = Tables[T] extends readonly (infer C)[] ? C & ColumnName<S, T> : ColumnName<S, T>;

/** A replicated row: the selected columns. */
export type ReplicaRow<S extends DatabaseSchema, Tables extends TableSelection<S>, T extends TableName<S>> = Pick<
  Row<S, T>,
  SelectedColumns<S, Tables, T>
>;

/** The tables of a selection. */
export type SelectedTable<S extends DatabaseSchema, Tables extends TableSelection<S>> = keyof Tables & TableName<S>;

/**
 * A change of one row; `before` is absent for a new row, `after` for a deleted one. Rows aren't changed but replaced.
 */
export type RowChange<S extends DatabaseSchema, Tables extends TableSelection<S>> = {
  [T in SelectedTable<S, Tables>]: {
    readonly table: T;
    readonly uuid: Uuid;
    readonly before?: ReplicaRow<S, Tables, T>;
    readonly after?: ReplicaRow<S, Tables, T>;
  };
}[SelectedTable<S, Tables>];

/**
 * A copy of tables of a database, kept current by the server. Each notification is applied as a whole, before anyone is
 * told. After the connection has ended it stays as it was.
 */
export interface Replica<S extends DatabaseSchema, Tables extends TableSelection<S>> extends AsyncDisposable {
  /** The rows of a table by UUID; the map itself changes with the table. */
  table<T extends SelectedTable<S, Tables>>(name: T): ReadonlyMap<Uuid, ReplicaRow<S, Tables, T>>;
  /**
   * The rows of a table by a key, so that finding them doesn't take a search. It is current whenever the table is.
   *
   * @param keyOf what rows are found by, undefined for a row that isn't to be found; must not throw
   * @example
   * using byName = replica.index("Bridge", ({ name }) => name);
   * byName.get("br-int"); // the bridges of that name, by UUID
   */
  index<T extends SelectedTable<S, Tables>, Key>(
    table: T,
    keyOf: (row: ReplicaRow<S, Tables, T>, uuid: Uuid) => Key | undefined,
  ): RowIndex<Key, ReplicaRow<S, Tables, T>, T>;
  /**
   * As `index`, for rows that are found by each of several keys, such as those that refer to a row.
   *
   * @param keysOf must not throw
   * @example
   * using byPort = replica.indexByEach("Bridge", ({ ports }) => ports);
   * byPort.get(port); // the bridge that holds the port
   */
  indexByEach<T extends SelectedTable<S, Tables>, Key>(
    table: T,
    keysOf: KeysOf<Key, ReplicaRow<S, Tables, T>>,
  ): RowIndex<Key, ReplicaRow<S, Tables, T>, T>;
  /**
   * Told after each notification of the server. The initial contents aren't told. A listener must not throw: that ends
   * the connection.
   */
  readonly changes: Listeners<readonly RowChange<S, Tables>[]>;
  /** As `changes`, for the rows of one table, by what has become of them. Handlers must not throw. */
  watch<T extends SelectedTable<S, Tables>>(table: T, handlers: RowHandlers<ReplicaRow<S, Tables, T>>): Disposable;
  /**
   * What was selected but isn't in the server's schema, such as `Bridge.flood_vlans`; such tables are empty, such
   * columns have their default.
   */
  readonly missing: readonly string[];
  /**
   * Resolves as soon as `predicate` holds; it is asked at once and after each change.
   *
   * @throws what `predicate` throws; CORE__ABORTED when the signal aborts; what ended the connection, or OVSDB__CLOSED
   */
  until(predicate: () => boolean, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves with a row as soon as it satisfies `predicate`, which is asked at once and whenever that row has changed: a
   * change of others costs nothing. A row that need not be there yet is waited for with the `until` of an index.
   *
   * @throws OVSDB__NO_SUCH_ROW when the row isn't there or is deleted; as `until`
   * @example await replica.untilRow("Interface", uuid, ({ ofport }) => ofport !== undefined);
   */
  untilRow<T extends SelectedTable<S, Tables>>(
    table: T,
    uuid: Uuid,
    predicate: (row: ReplicaRow<S, Tables, T>) => boolean,
    signal?: AbortSignal,
  ): Promise<ReplicaRow<S, Tables, T>>;
  /** A transaction that reads its own writes. */
  draft(): Draft<S, Tables>;
  /**
   * Changes the conditions of tables; those of tables that aren't named stay. When it resolves, the replica has the rows
   * that satisfy them; when it rejects, the conditions that it had count.
   *
   * @throws OVSDB__CONDITIONS_UNSUPPORTED when the server is older than Open vSwitch 2.6; as all requests
   */
  changeConditions(where: MonitorConditions<S, Tables>): Promise<void>;
  /** Ends the monitor. */
  [Symbol.asyncDispose](): Promise<void>;
}
