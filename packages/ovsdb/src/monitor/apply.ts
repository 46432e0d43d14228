import { LoomstackError, type Uuid } from "@loomstack/core";
import { type ColumnValue, valuesEqual } from "../notation/value.ts";
import { applyDifference } from "./difference.ts";
import type { AnyRow, ColumnDifference, RowUpdate } from "./row-update.ts";

/** A change of one row; `before` is absent for a new row, `after` for a deleted one. */
export interface AnyRowChange {
  readonly table: string;
  readonly uuid: Uuid;
  readonly before?: AnyRow;
  readonly after?: AnyRow;
}

/** The rows that are there, by table. */
export type AnyTables = ReadonlyMap<string, ReadonlyMap<Uuid, AnyRow>>;

/**
 * What the updates change in `tables`, which stay as they are.
 *
 * @throws OVSDB__INCONSISTENT_UPDATE when an update doesn't fit what is there
 */
export function changesOf(tables: AnyTables, updates: readonly RowUpdate[]): readonly AnyRowChange[] {
  return updates.map((update) => changeOf(tables.get(update.table)?.get(update.uuid), update));
}

/**
 * What is different from `tables` in the contents that the updates give anew: rows that are the same aren't changes.
 *
 * @throws OVSDB__INCONSISTENT_UPDATE unless all of the updates are whole rows
 */
export function differencesTo(tables: AnyTables, updates: readonly RowUpdate[]): readonly AnyRowChange[] {
  const gone = new Map([...tables].map(([table, rows]) => [table, new Set(rows.keys())]));
  const changes: AnyRowChange[] = [];
  for (const update of updates) {
    gone.get(update.table)?.delete(update.uuid);
    const before = tables.get(update.table)?.get(update.uuid);
    if (before === undefined || update.kind !== "insert") changes.push(changeOf(before, update));
    else if (!rowsEqual(before, update.row)) changes.push({ ...placeOf(update), before, after: update.row });
  }
  const deletions = [...gone].flatMap(([table, uuids]) =>
    Array.from(uuids, (uuid) => changeOf(tables.get(table)?.get(uuid), { table, uuid, kind: "delete" })),
  );
  return [...deletions, ...changes];
}

function placeOf({ table, uuid }: RowUpdate): { readonly table: string; readonly uuid: Uuid } {
  return { table, uuid };
}

function rowsEqual(one: AnyRow, other: AnyRow): boolean {
  return Object.keys(other).every((column) => valuesEqual(one[column], other[column]));
}

function changeOf(before: AnyRow | undefined, update: RowUpdate): AnyRowChange {
  const place = placeOf(update);
  if (update.kind === "insert") {
    if (before !== undefined) {
      throw new LoomstackError("OVSDB__INCONSISTENT_UPDATE", { ...place, reason: "the row is there already" });
    }
    return { ...place, after: update.row };
  }
  if (before === undefined) {
    throw new LoomstackError("OVSDB__INCONSISTENT_UPDATE", { ...place, reason: "there is no such row" });
  }
  if (update.kind === "delete") return { ...place, before };
  return { ...place, before, after: update.kind === "replace" ? update.row : modified(before, update.differences) };
}

function modified(before: AnyRow, differences: readonly ColumnDifference[]): AnyRow {
  const after: Record<string, ColumnValue> = { ...before };
  for (const { column, difference } of differences) {
    after[column.name] = applyDifference(column.serverColumn ?? column.column, before[column.name], difference);
  }
  return after;
}
