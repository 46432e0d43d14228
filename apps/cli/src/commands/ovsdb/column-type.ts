import { type DatabaseSchema, findTable, formatSchema, isJsonObject, type Json } from "@loomstack/ovsdb";

/** A column of a table, and its `<type>` (RFC 7047, 3.2). */
export interface TypedColumn {
  readonly table: string;
  readonly column: string;
  readonly type: Json;
}

/**
 * The columns of a table with their types, also the two that every table has.
 *
 * @throws OVSDB__UNKNOWN_TABLE
 */
export function typedColumns(schema: DatabaseSchema, table: string): readonly TypedColumn[] {
  const json = formatSchema({ ...schema, tables: { [table]: findTable(schema, table) } });
  const columns = Object.entries(memberOf(memberOf(memberOf(json, "tables"), table), "columns") ?? {});
  const declared = columns.map(([column, declaration]) => ({ table, column, type: briefType(declaration) }));
  return ["_uuid", "_version"].map((column): TypedColumn => ({ table, column, type: "uuid" })).concat(declared);
}

/** Without what goes without saying: `min` and `max` of 1, and the object around a type that is only a name. */
function briefType(declaration: Json): Json {
  const { key, value, min, max } = memberOf(declaration, "type") ?? {};
  const brief = {
    key: briefBase(key),
    ...(max === 1 || max === undefined ? {} : { max }),
    ...(min === 1 || min === undefined ? {} : { min }),
    ...(value === undefined ? {} : { value: briefBase(value) }),
  };
  return Object.keys(brief).length === 1 && typeof brief.key === "string" ? brief.key : brief;
}

function briefBase(base: Json | undefined): Json {
  if (!isJsonObject(base)) return base ?? null;
  const names = Object.keys(base).sort();
  return names.length === 1
    ? (base["type"] ?? null)
    : Object.fromEntries(names.map((name) => [name, base[name] ?? null]));
}

function memberOf(json: Json | undefined, name: string): { readonly [name: string]: Json } | undefined {
  const member = isJsonObject(json) ? json[name] : undefined;
  return isJsonObject(member) ? member : undefined;
}
