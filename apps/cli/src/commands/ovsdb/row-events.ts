import type { Uuid } from "@loomstack/core";
import { changedColumns, type ColumnSchema, type ColumnValue, type JsonObject } from "@loomstack/ovsdb";
import { plainValue } from "../../render/json.ts";
import type { Sheet } from "../../render/sheet.ts";
import { formatValue } from "../../render/value.ts";

export const actions = ["initial", "insert", "delete", "modify"] as const;
export type Action = (typeof actions)[number];

export type MonitoredRow = Readonly<Record<string, ColumnValue>>;

/** What `monitor` tells of one row. */
export interface RowEvent {
  readonly table: string;
  readonly uuid: Uuid;
  readonly action: Action;
  /** Of a modified row only the columns that have changed. */
  readonly old?: MonitoredRow;
  readonly new?: MonitoredRow;
}

/** A row before and after a change; one of them is absent when it was inserted or deleted. */
export interface RowVersions {
  readonly table: string;
  readonly uuid: Uuid;
  readonly before?: MonitoredRow;
  readonly after?: MonitoredRow;
}

export function rowEvent({ table, uuid, before, after }: RowVersions): RowEvent {
  if (before === undefined) return { table, uuid, action: "insert", ...(after === undefined ? {} : { new: after }) };
  if (after === undefined) return { table, uuid, action: "delete", old: before };
  const old = Object.fromEntries(changedColumns(before, after).map((column) => [column, before[column]]));
  return { table, uuid, action: "modify", old, new: after };
}

/** @param time undefined: no time is told */
export function eventJson(event: RowEvent, time: string | undefined): JsonObject {
  return {
    ...(time === undefined ? {} : { time }),
    table: event.table,
    uuid: event.uuid,
    action: event.action,
    ...(event.old === undefined ? {} : { old: plainRow(event.old) }),
    ...(event.new === undefined ? {} : { new: plainRow(event.new) }),
  };
}

/** The events of one table as ovsdb-client(1) shows them: a modified row has a line `old` and a line `new`. */
export function eventSheet(
  caption: string,
  columns: ReadonlyMap<string, ColumnSchema>,
  events: readonly RowEvent[],
): Sheet {
  const cells = (row: MonitoredRow | undefined): readonly string[] =>
    Array.from(columns, ([name, column]) =>
      row !== undefined && Object.hasOwn(row, name) ? formatValue(column, row[name]) : "",
    );
  const lines = events.flatMap(({ uuid, action, old, new: current }) =>
    action === "modify"
      ? [
          [uuid, "old", ...cells(old)],
          ["", "new", ...cells(current)],
        ]
      : [[uuid, action, ...cells(current ?? old)]],
  );
  return { caption, headings: ["row", "action", ...columns.keys()], rows: lines };
}

function plainRow(row: MonitoredRow): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}
