/**
 * A transaction that reads its own writes: it is drafted over a replica, and shows at every moment what the replica will
 * show when the transaction has been carried out. It does no I/O and changes nothing: its operations are values, which a
 * client transacts, and the replica changes when the server says so.
 */
import type { Uuid } from "@loomstack/core";
import type { ReplicaRow, SelectedColumns, SelectedTable } from "../cache/replica.ts";
import type { RowIndex } from "../cache/row-index.ts";
import type { AnyRow } from "../monitor/row-update.ts";
import type { Selection, TableSelection } from "../monitor/selection.ts";
import type { Mutation } from "../notation/mutation.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import type { ColumnOf, InputOf, RowInput, RowPatch, TableName } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

/** What a draft is made over. */
export interface DraftSource {
  readonly schema: DatabaseSchema;
  /** As the server has it: what it lacks can't be written. */
  readonly server: DatabaseSchema;
  readonly selection: Selection;
  /** The rows of now; undefined when the table isn't replicated. */
  readonly table: (name: string) => ReadonlyMap<Uuid, AnyRow> | undefined;
}

/** A row of a draft: one that exists, or one that the draft inserts. */
export type RowId = Uuid | NamedUuid;

/** A row as a draft shows it: the selected columns, whose references may be to rows that the draft inserts. */
export type DraftRow<S extends DatabaseSchema, Tables extends TableSelection<S>, T extends TableName<S>> = {
  readonly [C in SelectedColumns<S, Tables, T>]: InputOf<ColumnOf<S, T, C>>;
};

/** A key of an index, or what stands for it until a row has its UUID. */
export type DraftKey<Key> = Key extends Uuid ? Key | NamedUuid : Key;

/**
 * What can be written is any table and column of the schema that the server has; what can be read is what the replica
 * selects. A draft is over when its operations have been transacted: make a new one then.
 *
 * Rows show the changes that others make while the draft lasts. What it does to a set or a map that is selected counts
 * for the elements that it writes or takes out; others' elements stay. Of a scalar the draft's value counts, and
 * arithmetic is done by the server. Where that isn't enough, `verify` makes the transaction fail instead.
 *
 * What the server does at commit isn't shown: rows that nothing refers to vanish from tables that aren't roots, and weak
 * references to rows that are deleted vanish (RFC 7047, 3.2).
 *
 * All writes throw OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN and OVSDB__INVALID_VALUE as operations do, and
 * OVSDB__NOT_ON_SERVER for a table or column that the server lacks; then they have changed nothing.
 */
export interface Draft<S extends DatabaseSchema, Tables extends TableSelection<S>> {
  /**
   * Adds a row, and gives what refers to it in this draft.
   *
   * @param options a name for the row, or the UUID that it shall get (Open vSwitch 2.13 or newer); default: a name that
   * is free
   */
  insert<T extends TableName<S>>(table: T, row: RowInput<S, T>, options: { readonly uuid: Uuid }): Uuid;
  insert<T extends TableName<S>>(table: T, row: RowInput<S, T>, options?: { readonly uuidName?: NamedUuid }): NamedUuid;
  /**
   * Gives columns new values. Of a set or a map that is selected the elements that differ are inserted and deleted.
   *
   * @throws OVSDB__NO_SUCH_ROW when the row is deleted or isn't in the replica; the rows of tables that aren't replicated
   * are taken to exist
   */
  update<T extends TableName<S>>(table: T, row: RowId, columns: RowPatch<S, T>): void;
  /** Changes columns, depending on what they hold. @throws OVSDB__NO_SUCH_ROW as `update` */
  mutate<T extends TableName<S>>(table: T, row: RowId, mutations: readonly Mutation<S, T>[]): void;
  /** Deletes a row, or takes its insert back. @throws OVSDB__NO_SUCH_ROW as `update` */
  delete(table: TableName<S>, row: RowId): void;
  /**
   * Makes the transaction fail with OVSDB__TIMED_OUT when the row is not there, or doesn't hold in these columns what the
   * replica holds now; what the draft itself has written doesn't count.
   *
   * @param columns none: that the row is there is enough
   * @throws OVSDB__NO_SUCH_ROW, OVSDB__INVALID_VALUE for a column that isn't selected
   */
  verify<T extends SelectedTable<S, Tables>>(
    table: T,
    row: Uuid,
    columns: readonly SelectedColumns<S, Tables, T>[],
  ): void;
  /** The rows of a table, as they will be. */
  table<T extends SelectedTable<S, Tables>>(name: T): ReadonlyMap<RowId, DraftRow<S, Tables, T>>;
  /**
   * The rows that will have a key, by an index of the replica: the cost is that of the rows found and of those that the
   * draft has written to.
   */
  find<T extends SelectedTable<S, Tables>, Key>(
    index: RowIndex<Key, ReplicaRow<S, Tables, T>, T>,
    key: DraftKey<NoInfer<Key>>,
  ): ReadonlyMap<RowId, DraftRow<S, Tables, T>>;
  /**
   * The least that makes of the replica, as it is now, what the draft shows: verifications, inserts, changes (for a row
   * at most an `update` and a `mutate`), deletions. Empty when nothing is to be changed.
   *
   * @throws OVSDB__NO_SUCH_ROW when others have deleted a row that the draft changes
   */
  readonly operations: readonly Operation[];
  /**
   * The UUIDs of the inserted rows, by what `insert` gave for them.
   *
   * @param results those of `operations`, which may be followed by others
   * @throws OVSDB__INVALID_VALUE when they are not the results of this draft's operations
   */
  uuidsOf(results: readonly OperationResult[]): ReadonlyMap<RowId, Uuid>;
}
