import { LoomstackError, type Uuid } from "@loomstack/core";
import type { ColumnSchema } from "../schema/schema.ts";
import { isJsonArray, isJsonObject, type JsonObject } from "./json.ts";
import { decodeUuid } from "./uuid.ts";
import { decodeValue } from "./value.ts";

export interface InsertResult {
  /** The UUID of the new row. */
  readonly uuid: Uuid;
}
export interface CountResult {
  /** How many rows matched. */
  readonly count: number;
}
export interface SelectResult<SelectedRow = Readonly<Record<string, unknown>>> {
  readonly rows: readonly SelectedRow[];
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
  if (typeof count === "number") return { count };
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
  { rows }: JsonObject,
  table: string,
  columns: ReadonlyMap<string, ColumnSchema>,
): SelectResult<SelectedRow> {
  if (!isJsonArray(rows) || !rows.every(isJsonObject)) {
    throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
      label: `the result of a select from ${table}`,
      reason: "a list of rows was expected",
    });
  }
  return { rows: rows.map((row) => decodeSelectedRow(row, table, columns) as SelectedRow) };
}

function decodeSelectedRow(row: JsonObject, table: string, columns: ReadonlyMap<string, ColumnSchema>): unknown {
  return Object.fromEntries(
    Array.from(columns, ([name, column]) => [name, decodeValue(column, row[name], `${table}.${name}`)]),
  );
}
