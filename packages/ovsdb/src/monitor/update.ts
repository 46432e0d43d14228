import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Json, JsonObject } from "../notation/json.ts";
import { expectObject, readRow, readTableUpdates, type RowUpdate } from "./row-update.ts";
import type { MonitoredTable, Selection } from "./selection.ts";

/**
 * Reads `<table-updates>` (RFC 7047, 4.1.6): `new` holds all columns, `old` those that changed.
 *
 * @throws OVSDB__MALFORMED_VALUE
 */
export function readUpdate(json: Json | undefined, selection: Selection): readonly RowUpdate[] {
  return readTableUpdates(json, selection, readRowUpdate);
}

function readRowUpdate(table: MonitoredTable, uuid: Uuid, update: JsonObject): RowUpdate {
  const place = { table: table.name, uuid };
  if (update["new"] === undefined) {
    if (update["old"] === undefined) {
      throw new LoomstackError("OVSDB__INCONSISTENT_UPDATE", { ...place, reason: "neither old nor new is given" });
    }
    return { ...place, kind: "delete" };
  }
  return {
    ...place,
    kind: update["old"] === undefined ? "insert" : "replace",
    row: readRow(table, expectObject(update["new"], table.name)),
  };
}
