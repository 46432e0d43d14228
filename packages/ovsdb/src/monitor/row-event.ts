/** What a server tells of rows, read by itself: without the rows that were there before. */
import { isUuid, LoomstackError, type Uuid } from "@loomstack/core";
import type { Json, JsonObject } from "../notation/json.ts";
import { decodeValue } from "../notation/value.ts";
import { differenceOf } from "./difference.ts";
import { type AnyRow, expectObject, readRow } from "./row-update.ts";
import type { MonitoredColumn, MonitoredTable, Selection } from "./selection.ts";

/** An event whose types are known no more; see RowEvent. */
export type AnyRowEvent = { readonly table: string; readonly uuid: Uuid } & (
  | { readonly kind: "initial" | "insert"; readonly row: AnyRow }
  | { readonly kind: "modify"; readonly difference: AnyRow; readonly row?: AnyRow; readonly old?: AnyRow }
  | { readonly kind: "delete"; readonly old?: AnyRow }
);

interface Place {
  readonly table: string;
  readonly uuid: Uuid;
}

type ReadEvent = (table: MonitoredTable, place: Place, update: JsonObject) => AnyRowEvent;

/**
 * Reads `<table-updates>` (RFC 7047, 4.1.6).
 *
 * @param isInitial whether they answer the request, rather than tell of changes
 * @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE
 */
export function readEvents(json: Json | undefined, selection: Selection, isInitial: boolean): readonly AnyRowEvent[] {
  return readEach(json, selection, (table, place, update) => {
    const old = update["old"] === undefined ? undefined : expectObject(update["old"], table.name);
    const row = update["new"] === undefined ? undefined : readRow(table, expectObject(update["new"], table.name));
    if (row === undefined) {
      if (old === undefined) throw inconsistent(place, "neither old nor new is given");
      return { ...place, kind: "delete", old: readRow(table, old) };
    }
    if (old === undefined) return { ...place, kind: isInitial ? "initial" : "insert", row };
    const before = readGiven(table, old);
    return { ...place, kind: "modify", difference: differences(table, before, row), row, old: before };
  });
}

/** Reads `<table-updates2>` (ovsdb-server(7), 4.1.14). @throws as readEvents */
export function readEvents2(json: Json | undefined, selection: Selection): readonly AnyRowEvent[] {
  return readEach(json, selection, (table, place, update) => {
    if (Object.hasOwn(update, "delete")) return { ...place, kind: "delete" };
    const { initial, insert, modify } = update;
    if (modify !== undefined) {
      return { ...place, kind: "modify", difference: readGiven(table, expectObject(modify, table.name)) };
    }
    const whole = initial ?? insert;
    if (whole === undefined) throw inconsistent(place, "none of initial, insert, modify and delete is given");
    const row = readRow(table, expectObject(whole, table.name));
    return { ...place, kind: initial === undefined ? "insert" : "initial", row };
  });
}

function readEach(json: Json | undefined, selection: Selection, read: ReadEvent): readonly AnyRowEvent[] {
  return Object.entries(expectObject(json, "an update")).flatMap(([name, rows]) => {
    const table = selection.get(name);
    if (table === undefined) throw malformed(`an update of table ${name}`, "it isn't monitored");
    return Object.entries(expectObject(rows, name)).map(([uuid, update]) => {
      if (!isUuid(uuid)) throw malformed(`a row of ${name}`, "its id isn't a UUID");
      return read(table, { table: name, uuid }, expectObject(update, name));
    });
  });
}

/** The columns that are given, in the order of the selection. */
function readGiven(table: MonitoredTable, json: JsonObject): AnyRow {
  const given = table.columns.filter(
    ({ name, serverColumn }) => serverColumn !== undefined && Object.hasOwn(json, name),
  );
  return Object.fromEntries(given.map(({ name, column, label }) => [name, decodeValue(column, json[name], label)]));
}

/** As `update2` would have told it. */
function differences(table: MonitoredTable, before: AnyRow, row: AnyRow): AnyRow {
  const changed = table.columns.filter(({ name }) => Object.hasOwn(before, name));
  return Object.fromEntries(
    changed.map((column) => [column.name, differenceOf(declarationOf(column), before[column.name], row[column.name])]),
  );
}

function declarationOf({ column, serverColumn }: MonitoredColumn): MonitoredColumn["column"] {
  return serverColumn ?? column;
}

function inconsistent(place: Place, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__INCONSISTENT_UPDATE", { ...place, reason });
}

function malformed(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason });
}
