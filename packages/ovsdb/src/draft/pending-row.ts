/** What a draft writes to one row. */
import type { Uuid } from "@loomstack/core";
import type { AnyRow } from "../monitor/row-update.ts";
import type { MonitoredColumn } from "../monitor/selection.ts";
import type { AnyMutation } from "../notation/mutation.ts";
import type { Operation } from "../notation/operation.ts";
import { type ColumnValue, valuesEqual } from "../notation/value.ts";
import {
  assigned,
  type EffectiveMutation,
  mutated,
  type PendingColumn,
  valueAfter,
  writeOf,
} from "./pending-column.ts";
import { type InsertNames, insertRow, mutateRow, type TablePlace, updateRow } from "./row-operations.ts";

export interface PendingRow {
  assign(column: MonitoredColumn, value: ColumnValue): void;
  /** @throws OVSDB__INVALID_VALUE */
  mutate(column: MonitoredColumn, mutation: EffectiveMutation): void;
}

/** A row that the transaction inserts. */
export class InsertedRow implements PendingRow {
  readonly #written: Map<MonitoredColumn, ColumnValue>;
  #shown: AnyRow | undefined;

  constructor(written: ReadonlyMap<MonitoredColumn, ColumnValue> = new Map()) {
    this.#written = new Map(written);
  }

  copy(): InsertedRow {
    return new InsertedRow(this.#written);
  }

  assign(column: MonitoredColumn, value: ColumnValue): void {
    this.#written.set(column, value);
    this.#shown = undefined;
  }

  mutate(column: MonitoredColumn, { effect }: EffectiveMutation): void {
    this.assign(column, effect(this.#valueOf(column)));
  }

  /** The row as it will be, in the columns that are read. */
  show(columns: readonly MonitoredColumn[]): AnyRow {
    this.#shown ??= Object.fromEntries(columns.map((column) => [column.name, this.#valueOf(column)]));
    return this.#shown;
  }

  operation(place: TablePlace, names: InsertNames): Operation {
    const written = [...this.#written].filter(([column, value]) => !valuesEqual(value, column.defaultValue));
    return insertRow(place, Object.fromEntries(written.map(([{ name }, value]) => [name, value])), names);
  }

  #valueOf(column: MonitoredColumn): ColumnValue {
    return this.#written.has(column) ? this.#written.get(column) : column.defaultValue;
  }
}

/** A row that exists, and that the transaction changes. */
export class ChangedRow implements PendingRow {
  readonly #pending: Map<MonitoredColumn, PendingColumn>;
  /** The row of the replica as it is now; undefined when its table isn't replicated, or the row isn't there. */
  readonly #base: () => AnyRow | undefined;
  #shown: { readonly base: AnyRow; readonly row: AnyRow } | undefined;

  constructor(base: () => AnyRow | undefined, pending: ReadonlyMap<MonitoredColumn, PendingColumn> = new Map()) {
    this.#base = base;
    this.#pending = new Map(pending);
  }

  copy(): ChangedRow {
    return new ChangedRow(this.#base, this.#pending);
  }

  assign(column: MonitoredColumn, value: ColumnValue): void {
    this.#write(column, assigned(column, this.#pending.get(column), this.#shownValue(column), value));
  }

  mutate(column: MonitoredColumn, mutation: EffectiveMutation): void {
    this.#write(column, mutated(column, this.#pending.get(column), this.#shownValue(column), mutation));
  }

  /** The row as it will be, unless others change it; undefined when it isn't there. @throws OVSDB__INVALID_VALUE */
  show(): AnyRow | undefined {
    const base = this.#base();
    if (base === undefined) return undefined;
    if (this.#shown?.base === base) return this.#shown.row;
    const row: Record<string, ColumnValue> = { ...base };
    for (const [column, pending] of this.#pending) {
      if (Object.hasOwn(base, column.name)) row[column.name] = valueAfter(column, pending, base[column.name]);
    }
    this.#shown = { base, row };
    return row;
  }

  /** At most two: an `update` of whole values and a `mutate`. */
  operations(place: TablePlace, uuid: Uuid): readonly Operation[] {
    const row: Record<string, ColumnValue> = {};
    const mutations: AnyMutation[] = [];
    for (const [column, pending] of this.#pending) {
      const write = writeOf(column, pending, valueIn(this.#base(), column));
      if (write.kind === "update") row[column.name] = write.value;
      if (write.kind === "mutate") mutations.push(...write.mutations);
    }
    return [
      ...(Object.keys(row).length === 0 ? [] : [updateRow(place, uuid, row)]),
      ...(mutations.length === 0 ? [] : [mutateRow(place, uuid, mutations)]),
    ];
  }

  #write(column: MonitoredColumn, pending: PendingColumn): void {
    this.#pending.set(column, pending);
    this.#shown = undefined;
  }

  #shownValue(column: MonitoredColumn): { readonly value: ColumnValue } | undefined {
    return valueIn(this.show(), column);
  }
}

function valueIn(row: AnyRow | undefined, { name }: MonitoredColumn): { readonly value: ColumnValue } | undefined {
  return row !== undefined && Object.hasOwn(row, name) ? { value: row[name] } : undefined;
}
