import { isLoomstackError, LoomstackError } from "@loomstack/core";
import { decodeAtom } from "../notation/atom.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../notation/json.ts";
import { decodeSet } from "../notation/set.ts";
import type { BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "./schema.ts";

/**
 * Reads a `<database-schema>` (RFC 7047, 3.2). Members that it doesn't know are ignored.
 *
 * @throws OVSDB__MALFORMED_SCHEMA
 */
export function parseSchema(json: Json): DatabaseSchema {
  const schema = expectObject(json, "schema");
  const tables = Object.entries(expectObject(schema["tables"], "tables"));
  // Servers older than the notion of root tables had only such (RFC 7047, 3.2: isRoot).
  const allRoot = tables.every(([, table]) => isJsonObject(table) && table["isRoot"] !== true);
  return {
    name: expectString(schema["name"], "name"),
    version: typeof schema["version"] === "string" ? schema["version"] : "",
    tables: Object.fromEntries(
      tables.map(([name, table]) => [name, parseTable(expectObject(table, name), name, allRoot)]),
    ),
  };
}

function parseTable(table: JsonObject, path: string, allRoot: boolean): TableSchema {
  const columns = Object.entries(expectObject(table["columns"], `${path}.columns`));
  const indexes = table["indexes"] === undefined ? [] : expectArray(table["indexes"], `${path}.indexes`);
  return {
    columns: Object.fromEntries(columns.map(([name, column]) => [name, parseColumn(column, `${path}.${name}`)])),
    isRoot: allRoot || table["isRoot"] === true,
    ...(typeof table["maxRows"] === "number" ? { maxRows: table["maxRows"] } : {}),
    ...(indexes.length > 0 ? { indexes: indexes.map((index) => parseIndex(index, `${path}.indexes`)) } : {}),
  };
}

function parseIndex(json: Json, path: string): readonly string[] {
  return expectArray(json, path).map((name) => expectString(name, path));
}

function parseColumn(json: Json, path: string): ColumnSchema {
  const column = expectObject(json, path);
  return {
    ...parseType(column["type"], path),
    ...(column["mutable"] === false ? { mutable: false } : {}),
    ...(column["ephemeral"] === true ? { ephemeral: true } : {}),
  };
}

/** `<type>`: the name of an atomic type alone, or an object with key, value, min and max. */
function parseType(json: Json | undefined, path: string): Pick<ColumnSchema, "key" | "value" | "min" | "max"> {
  if (typeof json === "string") return { key: parseBaseType(json, path), min: 1, max: 1 };
  const { key, value, min = 1, max = 1 } = expectObject(json, path);
  if (min !== 0 && min !== 1) throw malformed(path, "min is not 0 or 1");
  if (max !== "unlimited" && (typeof max !== "number" || !Number.isSafeInteger(max) || max < 1)) {
    throw malformed(path, 'max is neither a positive integer nor "unlimited"');
  }
  return {
    key: parseBaseType(key, path),
    ...(value === undefined ? {} : { value: parseBaseType(value, path) }),
    min,
    max,
  };
}

const typeNames: ReadonlySet<string> = new Set<BaseType["type"]>(["integer", "real", "boolean", "string", "uuid"]);

function parseBaseType(json: Json | undefined, path: string): BaseType {
  const { type, ...constraints } = typeof json === "string" ? { type: json } : expectObject(json, path);
  if (typeof type !== "string" || !typeNames.has(type)) throw malformed(path, "an atomic type was expected");
  const base: BaseType = { type: type as BaseType["type"] };
  return { ...base, ...parseConstraints(base, constraints, path) };
}

function parseConstraints(base: BaseType, json: JsonObject, path: string): Partial<BaseType> {
  const bounds = ["minInteger", "maxInteger", "minReal", "maxReal", "minLength", "maxLength"] as const;
  return {
    ...(json["enum"] === undefined ? {} : { enum: parseEnum(base, json["enum"], path) }),
    ...Object.fromEntries(
      bounds
        .filter((name) => json[name] !== undefined)
        .map((name) => [name, parseBound(json[name], `${path}.${name}`)]),
    ),
    ...(json["refTable"] === undefined ? {} : { refTable: expectString(json["refTable"], `${path}.refTable`) }),
    ...(json["refType"] === "weak" ? { refType: "weak" } : {}),
  };
}

function parseEnum(base: BaseType, json: Json, path: string): NonNullable<BaseType["enum"]> {
  try {
    return [...decodeSet(base, json, path)];
  } catch (error) {
    if (isLoomstackError(error)) throw malformed(`${path}.enum`, error.message);
    throw error;
  }
}

function parseBound(json: Json | undefined, path: string): number | bigint {
  try {
    return decodeAtom({ type: "integer" }, json, path) as number | bigint;
  } catch {
    if (typeof json === "number") return json;
    throw malformed(path, "a number was expected");
  }
}

function expectObject(json: Json | undefined, path: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw malformed(path, "an object was expected");
}

function expectArray(json: Json | undefined, path: string): readonly Json[] {
  if (isJsonArray(json)) return json;
  throw malformed(path, "an array was expected");
}

function expectString(json: Json | undefined, path: string): string {
  if (typeof json === "string") return json;
  throw malformed(path, "a string was expected");
}

function malformed(path: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_SCHEMA", { path, reason });
}
