import { LoomstackError } from "@loomstack/core";
import type { ColumnSchema } from "../schema/schema.ts";
import { type Atom, decodeAtom, defaultAtom, encodeAtom } from "./atom.ts";
import { isJsonArray, type Json } from "./json.ts";
import { decodeMap, encodeMap, type MapType } from "./map.ts";
import { decodeSet, encodeSet } from "./set.ts";
import type { ResolveName } from "./uuid.ts";

/** What a column of a row holds: by the shape of the column an atom, an atom or nothing, a set, or a map. */
export type ColumnValue = Atom | undefined | ReadonlySet<Atom> | ReadonlyMap<Atom, Atom>;

/** How the value of a column appears in JavaScript. */
export type Shape = "scalar" | "optional" | "set" | "map";

export function shapeOf(column: ColumnSchema): Shape {
  if (column.value !== undefined) return "map";
  if (column.max !== 1) return "set";
  return column.min === 0 ? "optional" : "scalar";
}

/** The JSON of a column's value (RFC 7047, 5.1: `<value>`). @throws OVSDB__INVALID_VALUE */
export function encodeValue(column: ColumnSchema, value: unknown, label: string): Json {
  switch (shapeOf(column)) {
    case "scalar":
      return encodeAtom(column.key, value, label);
    case "optional":
      return value === undefined ? ["set", []] : encodeAtom(column.key, value, label);
    case "set":
      if (value instanceof Set) return encodeSet(column.key, value, label);
      throw new LoomstackError("OVSDB__INVALID_VALUE", { label, reason: "a Set was expected" });
    case "map":
      if (value instanceof Map) return encodeMap(mapType(column), value, label);
      throw new LoomstackError("OVSDB__INVALID_VALUE", { label, reason: "a Map was expected" });
  }
}

/**
 * The value in a column's JSON. How many elements a set or map may have isn't checked.
 *
 * @throws OVSDB__MALFORMED_VALUE
 */
export function decodeValue(
  column: ColumnSchema,
  json: Json | undefined,
  label: string,
  resolveName?: ResolveName,
): ColumnValue {
  switch (shapeOf(column)) {
    case "scalar":
      return decodeAtom(column.key, unwrapped(json), label, resolveName);
    case "optional":
      return isEmptySet(json) ? undefined : decodeAtom(column.key, unwrapped(json), label, resolveName);
    case "set":
      return decodeSet(column.key, json, label, resolveName);
    case "map":
      return decodeMap(mapType(column), json, label, resolveName);
  }
}

/**
 * What a new row holds in a column that nobody has set (RFC 7047, 5.2.1).
 *
 * @param min how many elements the server's column needs at least
 */
export function defaultValue(column: ColumnSchema, min: number = column.min): ColumnValue {
  switch (shapeOf(column)) {
    case "scalar":
      return defaultAtom(column.key);
    case "optional":
      return min === 0 ? undefined : defaultAtom(column.key);
    case "set":
      return new Set(min === 0 ? [] : [defaultAtom(column.key)]);
    case "map": {
      const { key, value } = mapType(column);
      return new Map(min === 0 ? [] : [[defaultAtom(key), defaultAtom(value)]]);
    }
  }
}

/** Whether two values of one column are the same; the order of elements doesn't count. */
export function valuesEqual(one: ColumnValue, other: ColumnValue): boolean {
  if (isAtomSet(one)) return isAtomSet(other) && one.size === other.size && one.isSubsetOf(other);
  if (!isAtomMap(one)) return one === other;
  if (!isAtomMap(other) || one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}

export function isAtomSet(value: ColumnValue): value is ReadonlySet<Atom> {
  return value instanceof Set;
}

export function isAtomMap(value: ColumnValue): value is ReadonlyMap<Atom, Atom> {
  return value instanceof Map;
}

function mapType({ key, value = key }: ColumnSchema): MapType {
  return { key, value };
}

function isEmptySet(json: Json | undefined): boolean {
  return isJsonArray(json) && json.length === 2 && json[0] === "set" && isJsonArray(json[1]) && json[1].length === 0;
}

/** A set of one element stands for that element. */
function unwrapped(json: Json | undefined): Json | undefined {
  if (!isJsonArray(json) || json[0] !== "set" || !isJsonArray(json[1]) || json[1].length !== 1) return json;
  return json[1][0];
}
