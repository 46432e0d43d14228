import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Json, JsonObject } from "../notation/json.ts";
import { decodeValue } from "../notation/value.ts";
import { type ColumnDifference, expectObject, readRow, readTableUpdates, type RowUpdate } from "./row-update.ts";
import type { MonitoredTable, Selection } from "./selection.ts";

/**
 * Reads `<table-updates2>` (ovsdb-server(7), 4.1.14), which `update2` and `update3` carry.
 *
 * @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE
 */
export function readUpdate2(json: Json | undefined, selection: Selection): readonly RowUpdate[] {
  return readTableUpdates(json, selection, readRowUpdate);
}

function readRowUpdate(table: MonitoredTable, uuid: Uuid, update: JsonObject): RowUpdate {
  const place = { table: table.name, uuid };
  const whole = update["initial"] ?? update["insert"];
  if (whole !== undefined) return { ...place, kind: "insert", row: readRow(table, expectObject(whole, table.name)) };
  if (update["modify"] !== undefined) {
    return {
      ...place,
      kind: "modify",
      differences: readDifferences(table, expectObject(update["modify"], table.name)),
    };
  }
  if (Object.hasOwn(update, "delete")) return { ...place, kind: "delete" };
  throw new LoomstackError("OVSDB__INCONSISTENT_UPDATE", {
    ...place,
    reason: "none of initial, insert, modify and delete is given",
  });
}

function readDifferences(table: MonitoredTable, row: JsonObject): readonly ColumnDifference[] {
  const differences: ColumnDifference[] = [];
  for (const name of Object.keys(row)) {
    const column = table.serverColumns.get(name);
    if (column !== undefined) {
      differences.push({ column, difference: decodeValue(column.column, row[name], column.label) });
    }
  }
  return differences;
}
