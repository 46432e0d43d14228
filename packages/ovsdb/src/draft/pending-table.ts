/** What a draft writes to one table. */
import { isUuid, LoomstackError, type Uuid } from "@loomstack/core";
import type { AnyRow } from "../monitor/row-update.ts";
import { type MonitoredColumn, selectTables } from "../monitor/selection.ts";
import type { AnyMutation } from "../notation/mutation.ts";
import type { Operation } from "../notation/operation.ts";
import { findColumn } from "../schema/lookup.ts";
import type { DraftSource, RowId } from "./draft.ts";
import { mutationEffect } from "./mutation-effect.ts";
import { ChangedRow, InsertedRow, type PendingRow } from "./pending-row.ts";
import { deleteRow, type TablePlace } from "./row-operations.ts";
import { VerifiedRows } from "./verified-rows.ts";
import { writtenValue } from "./written-value.ts";

/** A row to write, its types known no more. */
export type AnyInput = Readonly<Record<string, unknown>>;

export class PendingTable {
  readonly place: TablePlace;
  readonly inserted = new Map<RowId, InsertedRow>();
  readonly changed = new Map<Uuid, ChangedRow>();
  readonly deleted = new Set<Uuid>();
  readonly verified: VerifiedRows;
  /** The columns that are read. */
  readonly columns: readonly MonitoredColumn[];
  readonly #source: DraftSource;
  readonly #writable: ReadonlyMap<string, MonitoredColumn>;

  /** @throws OVSDB__UNKNOWN_TABLE */
  constructor(source: DraftSource, name: string) {
    const all = selectTables(source.schema, { [name]: "all" }, source.server).get(name)?.columns ?? [];
    this.place = { schema: source.schema, table: name };
    const read = new Set(source.selection.get(name)?.columns.map((column) => column.name));
    this.columns = all.filter((column) => read.has(column.name));
    this.verified = new VerifiedRows(this.place);
    this.#source = source;
    this.#writable = new Map(all.map((column) => [column.name, column]));
  }

  /** The rows of the replica as they are now; undefined when the table isn't replicated. */
  get base(): ReadonlyMap<Uuid, AnyRow> | undefined {
    return this.#source.table(this.place.table);
  }

  insert(id: RowId, row: AnyInput): void {
    if (!Object.hasOwn(this.#source.server.tables, this.place.table)) throw this.#lacking(this.place.table);
    const inserted = new InsertedRow();
    for (const [column, value] of this.#written(row)) inserted.assign(column, value);
    this.inserted.set(id, inserted);
  }

  update(id: RowId, row: AnyInput): void {
    const written = this.#written(row);
    for (const [column] of written) this.#requireMutable(column);
    this.#change(id, (pending) => written.forEach(([column, value]) => pending.assign(column, value)));
  }

  mutate(id: RowId, mutations: readonly AnyMutation[]): void {
    const effects = mutations.map((mutation) => {
      const column = this.#writableColumn(mutation[0]);
      this.#requireMutable(column);
      return { column, mutation, effect: mutationEffect(this.place.schema, this.place.table, column.column, mutation) };
    });
    this.#change(id, (pending) => effects.forEach(({ column, ...effective }) => pending.mutate(column, effective)));
  }

  delete(id: RowId): void {
    if (this.inserted.delete(id)) return;
    const uuid = this.#existing(id);
    this.changed.delete(uuid);
    this.deleted.add(uuid);
  }

  /** @throws OVSDB__NO_SUCH_ROW, OVSDB__UNKNOWN_COLUMN; OVSDB__INVALID_VALUE for a column that isn't read */
  verify(uuid: Uuid, columns: readonly string[]): void {
    const row = this.base?.get(uuid);
    if (row === undefined) throw this.#noSuchRow(uuid);
    const read = columns.map((name) => {
      findColumn(this.place.schema, this.place.table, name);
      const column = this.columns.find((candidate) => candidate.name === name);
      if (column !== undefined) return column;
      throw this.#invalid(name, "it isn't replicated, so that nothing was read that could be verified");
    });
    // What the server doesn't have doesn't change.
    this.verified.add(
      uuid,
      row,
      read.filter(({ serverColumn }) => serverColumn !== undefined),
    );
  }

  /** Updates, mutations and deletions. @throws OVSDB__NO_SUCH_ROW when others have deleted a row that is changed */
  changes(): readonly Operation[] {
    const changed = [...this.changed].flatMap(([uuid, row]) => {
      if (this.base?.has(uuid) === false) throw this.#noSuchRow(uuid);
      return row.operations(this.place, uuid);
    });
    const deleted = [...this.deleted].filter((uuid) => this.base?.has(uuid) ?? true);
    return [...changed, ...deleted.map((uuid) => deleteRow(this.place, uuid))];
  }

  /** Does all of it or, when a write is impossible, nothing. */
  #change(id: RowId, write: (pending: PendingRow) => void): void {
    const inserted = this.inserted.get(id);
    if (inserted !== undefined) {
      const copy = inserted.copy();
      write(copy);
      this.inserted.set(id, copy);
      return;
    }
    const uuid = this.#existing(id);
    const copy = this.changed.get(uuid)?.copy() ?? new ChangedRow(() => this.base?.get(uuid));
    write(copy);
    this.changed.set(uuid, copy);
  }

  /** @throws OVSDB__NO_SUCH_ROW */
  #existing(id: RowId): Uuid {
    if (!isUuid(id) || this.deleted.has(id) || this.base?.has(id) === false) throw this.#noSuchRow(id);
    return id;
  }

  #written(row: AnyInput): readonly (readonly [MonitoredColumn, ReturnType<typeof writtenValue>])[] {
    return Object.entries(row).map(([name, value]) => {
      const column = this.#writableColumn(name);
      return [column, writtenValue(column.column, value, column.label)];
    });
  }

  /** @throws OVSDB__UNKNOWN_COLUMN, OVSDB__NOT_ON_SERVER */
  #writableColumn(name: string): MonitoredColumn {
    findColumn(this.place.schema, this.place.table, name);
    const column = this.#writable.get(name);
    if (column === undefined) throw this.#invalid(name, "every row has it from its insert");
    if (column.serverColumn === undefined) throw this.#lacking(column.label);
    return column;
  }

  #requireMutable({ name, column }: MonitoredColumn): void {
    if (column.mutable === false) throw this.#invalid(name, "it can be set by the insert of its row only");
  }

  #invalid(column: string, reason: string): LoomstackError {
    return new LoomstackError("OVSDB__INVALID_VALUE", { label: `${this.place.table}.${column}`, reason });
  }

  #lacking(label: string): LoomstackError {
    const { name, version } = this.#source.server;
    return new LoomstackError("OVSDB__NOT_ON_SERVER", { label, schema: name, version });
  }

  #noSuchRow(uuid: RowId): LoomstackError {
    return new LoomstackError("OVSDB__NO_SUCH_ROW", { table: this.place.table, uuid });
  }
}
