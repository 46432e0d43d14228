import { findColumn, findTable } from "../schema/lookup.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Json, JsonObject } from "./json.ts";
import { encodeValue } from "./value.ts";

/**
 * The JSON of a row or of part of one (RFC 7047, 5.1: `<row>`). A column that is given as undefined is written as the
 * empty set.
 *
 * @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE
 */
export function encodeRow(schema: DatabaseSchema, table: string, row: Readonly<Record<string, unknown>>): JsonObject {
  findTable(schema, table);
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, encodeColumn(schema, table, column, value)]),
  );
}

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
export function encodeColumn(schema: DatabaseSchema, table: string, column: string, value: unknown): Json {
  return encodeValue(findColumn(schema, table, column), value, `${table}.${column}`);
}
