import { encodeSet } from "../notation/set.ts";
import type { Json, JsonObject } from "../notation/json.ts";
import type { BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "./schema.ts";

/** The `<database-schema>` of a schema (RFC 7047, 3.2): what a server answers to `get_schema`. */
export function formatSchema(schema: DatabaseSchema): JsonObject {
  return { name: schema.name, version: schema.version, tables: mapValues(schema.tables, formatTable) };
}

function formatTable({ columns, isRoot, maxRows, indexes }: TableSchema): JsonObject {
  return {
    columns: mapValues(columns, formatColumn),
    isRoot,
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(indexes === undefined ? {} : { indexes }),
  };
}

function formatColumn({ key, value, min, max, ...traits }: ColumnSchema): JsonObject {
  return {
    type: { key: formatBaseType(key), ...(value === undefined ? {} : { value: formatBaseType(value) }), min, max },
    ...traits,
  };
}

function formatBaseType({ enum: values, ...rest }: BaseType): JsonObject {
  return { ...rest, ...(values === undefined ? {} : { enum: encodeSet({ type: rest.type }, values, "enum") }) };
}

function mapValues<Value>(object: { readonly [name: string]: Value }, format: (value: Value) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, format(value)]));
}
