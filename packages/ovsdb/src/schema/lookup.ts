import { LoomstackError } from "@loomstack/core";
import type { ColumnSchema, DatabaseSchema, TableSchema } from "./schema.ts";

const idColumn: ColumnSchema = { key: { type: "uuid" }, min: 1, max: 1, mutable: false };

/** @throws OVSDB__UNKNOWN_TABLE */
export function findTable(schema: DatabaseSchema, table: string): TableSchema {
  const found = Object.hasOwn(schema.tables, table) ? schema.tables[table] : undefined;
  if (found === undefined) throw new LoomstackError("OVSDB__UNKNOWN_TABLE", { schema: schema.name, table });
  return found;
}

/**
 * A column, also the ones that every table has: `_uuid` and `_version` (RFC 7047, 3.2).
 *
 * @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN
 */
export function findColumn(schema: DatabaseSchema, table: string, column: string): ColumnSchema {
  const { columns } = findTable(schema, table);
  if (column === "_uuid" || column === "_version") return idColumn;
  const found = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (found === undefined) throw new LoomstackError("OVSDB__UNKNOWN_COLUMN", { schema: schema.name, table, column });
  return found;
}
