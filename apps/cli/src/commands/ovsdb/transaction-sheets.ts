import {
  type DatabaseSchema,
  decodeValue,
  findColumn,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "@loomstack/ovsdb";
import type { Sheet } from "../../render/sheet.ts";
import { formatValue } from "../../render/value.ts";

/**
 * A sheet with a line for each operation, and one for the rows of each select.
 *
 * @throws OVSDB__MALFORMED_VALUE
 */
export function resultSheets(
  schema: DatabaseSchema,
  operations: readonly JsonObject[],
  results: readonly JsonObject[],
): readonly Sheet[] {
  const lines = operations.map((operation, index) => [
    String(index),
    text(operation["op"]),
    text(operation["table"]),
    outcome(results[index] ?? {}),
  ]);
  const selected = operations.flatMap((operation, index) => {
    const rows = results[index]?.["rows"];
    return isJsonArray(rows) ? [rowsSheet(schema, index, operation, rows)] : [];
  });
  return [{ headings: ["operation", "op", "table", "result"], rows: lines }, ...selected];
}

/** Whether the operations' results need the schema to be understood. */
export function haveRows(results: readonly JsonObject[]): boolean {
  return results.some(({ rows }) => rows !== undefined);
}

function outcome({ uuid, count, rows }: JsonObject): string {
  if (isJsonArray(uuid)) return text(uuid[1]);
  const rowCount = isJsonArray(rows) ? rows.length : count;
  if (typeof rowCount !== "number") return "done";
  return `${rowCount} ${rowCount === 1 ? "row" : "rows"}`;
}

/** Columns in the order that was asked for, or by name. */
function rowsSheet(
  schema: DatabaseSchema,
  index: number,
  { table: name, columns }: JsonObject,
  rows: readonly Json[],
): Sheet {
  const table = text(name);
  const objects = rows.filter(isJsonObject);
  const found = [...new Set(objects.flatMap((row) => Object.keys(row)))].sort();
  const headings = isJsonArray(columns) ? columns.map(text) : found;
  const cell = (row: JsonObject, column: string): string => {
    const type = findColumn(schema, table, column);
    return formatValue(type, decodeValue(type, row[column], `${table}.${column}`));
  };
  return {
    caption: `${table} table (operation ${index})`,
    headings,
    rows: objects.map((row) => headings.map((column) => cell(row, column))),
  };
}

function text(json: Json | undefined): string {
  return typeof json === "string" ? json : "";
}
