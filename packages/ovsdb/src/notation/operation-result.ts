import { LoomstackError, type Uuid } from "@loomstack/core";
import type { ColumnSchema } from "../schema/schema.ts";
import { isJsonArray, isJsonObject, type JsonObject } from "./json.ts";
import { decodeUuid } from "./uuid.ts";
import { decodeValue, defaultValue } from "./value.ts";

export interface InsertResult {
  /** The UUID of the new row. */
  readonly uuid: Uuid;
}
export interface CountResult {
  /** How many rows matched. */
  readonly count: number;
}
export interface SelectResult<SelectedRow = Readonly<Record<string, unknown>>> {
  /** Rows that are the same in all selected columns are one. */
  readonly rows: readonly SelectedRow[];
  /**
   * Present when all columns were asked for and the server's schema lacks some: their labels, such as
   * `Bridge.flood_vlans`. In the rows they have their default.
   */
  readonly missing?: readonly string[];
}
/** Nothing but that it went well. */
export type EmptyResult = Readonly<Record<string, never>>;
export type OperationResult = InsertResult | CountResult | SelectResult<unknown> | EmptyResult;

/** @throws OVSDB__MALFORMED_VALUE */
export function decodeInsertResult(result: JsonObject): InsertResult {
  return { uuid: decodeUuid(result["uuid"], "the result of an insert") };
}

/** @throws OVSDB__MALFORMED_VALUE */
export function decodeCountResult({ count }: JsonObject): CountResult {
  if (Number.isSafeInteger(count) && typeof count === "number") return { count };
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
    label: "the result of an operation",
    reason: "a count of rows was expected",
  });
}

export function decodeEmptyResult(): EmptyResult {
  return {};
}

/** The caller says what type of row the columns make. @throws OVSDB__MALFORMED_VALUE */
export function decodeSelectResult<SelectedRow>(
  result: JsonObject,
  table: string,
  columns: ReadonlyMap<string, ColumnSchema>,
): SelectResult<SelectedRow> {
  return { rows: rowsOf(result, table).map((row) => decodeSelectedRow(row, table, columns) as SelectedRow) };
}

/** As decodeSelectResult, when the server has chosen the columns: all of its own. @throws OVSDB__MALFORMED_VALUE */
export function decodeWholeRows<SelectedRow>(
  result: JsonObject,
  table: string,
  columns: ReadonlyMap<string, ColumnSchema>,
): SelectResult<SelectedRow> {
  const rows = rowsOf(result, table);
  const [first = {}] = rows;
  const isThere = ([name]: readonly [string, ColumnSchema]): boolean => rows.length === 0 || Object.hasOwn(first, name);
  const there = new Map([...columns].filter(isThere));
  const missing = [...columns].filter((column) => !isThere(column));
  if (missing.length === 0) return decodeSelectResult(result, table, columns);
  const defaults = Object.fromEntries(missing.map(([name, column]) => [name, defaultValue(column)]));
  return {
    rows: rows.map((row) => ({ ...decodeSelectedRow(row, table, there), ...defaults }) as SelectedRow),
    missing: missing.map(([name]) => `${table}.${name}`),
  };
}

function rowsOf({ rows }: JsonObject, table: string): readonly JsonObject[] {
  if (isJsonArray(rows) && rows.every(isJsonObject)) return rows;
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
    label: `the result of a select from ${table}`,
    reason: "a list of rows was expected",
  });
}

function decodeSelectedRow(row: JsonObject, table: string, columns: ReadonlyMap<string, ColumnSchema>): object {
  return Object.fromEntries(
    Array.from(columns, ([name, column]) => [name, decodeValue(column, row[name], `${table}.${name}`)]),
  );
}
