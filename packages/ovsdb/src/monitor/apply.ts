import { LoomstackError, type Uuid } from "@loomstack/core";
import type { ColumnValue } from "../notation/value.ts";
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

function changeOf(before: AnyRow | undefined, update: RowUpdate): AnyRowChange {
  const place = { table: update.table, uuid: update.uuid };
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
