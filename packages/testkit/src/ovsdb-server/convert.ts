import type { Uuid } from "@loomstack/core";
import { type ColumnSchema, type DatabaseSchema, decodeValue, defaultValue, encodeValue } from "@loomstack/ovsdb";
import type { StoredRow } from "./draft.ts";
import { elementsOf, valueOf } from "./elements.ts";

type Tables = ReadonlyMap<string, ReadonlyMap<Uuid, StoredRow>>;

/**
 * The rows as another schema has them: columns that it lacks are gone, new ones have their default.
 *
 * @throws OVSDB__OPERATION_FAILED, OVSDB__MALFORMED_VALUE when a value doesn't fit the new type of its column
 */
export function convertTables(
  tables: Tables,
  from: DatabaseSchema,
  to: DatabaseSchema,
): Map<string, Map<Uuid, StoredRow>> {
  return new Map(
    Object.entries(to.tables).map(([name, { columns }]) => {
      const old = from.tables[name]?.columns ?? {};
      const rows = [...(tables.get(name) ?? [])].map(
        ([uuid, row]) => [uuid, convertRow(row, name, old, columns)] as const,
      );
      return [name, new Map(rows)];
    }),
  );
}

type Columns = Readonly<Record<string, ColumnSchema>>;

function convertRow(row: StoredRow, table: string, from: Columns, to: Columns): StoredRow {
  const values = Object.entries(to).map(([name, column]) => {
    const old = from[name];
    if (old === undefined) return [name, defaultValue(column)] as const;
    const label = `${table}.${name}`;
    const value = decodeValue(column, encodeValue(old, row[name], label), label);
    return [name, valueOf(column, elementsOf(value), label)] as const;
  });
  return { ...Object.fromEntries(values), _uuid: row["_uuid"], _version: row["_version"] };
}
