import type { Uuid } from "@loomstack/core";
import type { AnyRowChange } from "../monitor/apply.ts";
import type { AnyRow } from "../monitor/row-update.ts";
import { type ColumnValue, valuesEqual } from "../notation/value.ts";

/** What to do about the changes of one table's rows. */
export interface RowHandlers<ReplicatedRow> {
  readonly insert?: (uuid: Uuid, row: ReplicatedRow) => void;
  /** @param changed the columns in which `row` and `before` differ */
  readonly modify?: (
    uuid: Uuid,
    row: ReplicatedRow,
    before: ReplicatedRow,
    changed: readonly (keyof ReplicatedRow & string)[],
  ) => void;
  readonly delete?: (uuid: Uuid, before: ReplicatedRow) => void;
}

/**
 * The columns in which two versions of a row differ; the order of elements doesn't count.
 *
 * @example
 * for (const { table, before, after } of changes)
 *   if (table === "Bridge" && before && after && changedColumns(before, after).includes("ports")) …
 */
export function changedColumns<ReplicatedRow extends object>(
  before: ReplicatedRow,
  after: ReplicatedRow,
): readonly (keyof ReplicatedRow & string)[] {
  const names = Object.keys(after) as (keyof ReplicatedRow & string)[];
  return names.filter((name) => !valuesEqual(before[name] as ColumnValue, after[name] as ColumnValue));
}

/** Tells each change of a table's rows to the handler of its kind. */
export function tellOfRows(changes: readonly AnyRowChange[], table: string, handlers: RowHandlers<AnyRow>): void {
  for (const { table: changed, uuid, before, after } of changes) {
    if (changed !== table) continue;
    if (before === undefined && after !== undefined) handlers.insert?.(uuid, after);
    if (before !== undefined && after === undefined) handlers.delete?.(uuid, before);
    if (before === undefined || after === undefined) continue;
    handlers.modify?.(uuid, after, before, changedColumns(before, after));
  }
}
