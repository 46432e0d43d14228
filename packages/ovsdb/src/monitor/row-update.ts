import { isUuid, LoomstackError, type Uuid } from "@loomstack/core";
import { isJsonObject, type Json, type JsonObject } from "../notation/json.ts";
import { type ColumnValue, decodeValue } from "../notation/value.ts";
import type { MonitoredColumn, MonitoredTable, Selection } from "./selection.ts";

/** A row whose types are known no more: its replicated columns by name. */
export type AnyRow = Readonly<Record<string, ColumnValue>>;

/** What one notification says of one row. */
export type RowUpdate = { readonly table: string; readonly uuid: Uuid } & (
  | { readonly kind: "insert"; readonly row: AnyRow }
  | { readonly kind: "replace"; readonly row: AnyRow }
  | { readonly kind: "modify"; readonly differences: readonly ColumnDifference[] }
  | { readonly kind: "delete" }
);

export interface ColumnDifference {
  readonly column: MonitoredColumn;
  readonly difference: ColumnValue;
}

/**
 * Reads the two upper levels, tables and rows, that all forms of `<table-updates>` share.
 *
 * @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE
 */
export function readTableUpdates(
  json: Json | undefined,
  selection: Selection,
  readRow: (table: MonitoredTable, uuid: Uuid, update: JsonObject) => RowUpdate,
): readonly RowUpdate[] {
  const updates: RowUpdate[] = [];
  for (const [name, rows] of Object.entries(expectObject(json, "an update"))) {
    const table = selection.get(name);
    if (table === undefined) {
      throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
        label: `an update of table ${name}`,
        reason: "it isn't monitored",
      });
    }
    for (const [uuid, update] of Object.entries(expectObject(rows, name))) {
      if (!isUuid(uuid)) {
        throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
          label: `a row of ${name}`,
          reason: "its id isn't a UUID",
        });
      }
      updates.push(readRow(table, uuid, expectObject(update, name)));
    }
  }
  return updates;
}

/** A whole row. A column that isn't given has its default. @throws OVSDB__MALFORMED_VALUE */
export function readRow(table: MonitoredTable, json: JsonObject): AnyRow {
  const row: Record<string, ColumnValue> = { ...table.defaultRow };
  for (const name of Object.keys(json)) {
    const column = table.serverColumns.get(name);
    if (column !== undefined) row[name] = decodeValue(column.column, json[name], column.label);
  }
  return row;
}

/** @throws OVSDB__MALFORMED_VALUE */
export function expectObject(json: Json | undefined, label: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason: "an object was expected" });
}
