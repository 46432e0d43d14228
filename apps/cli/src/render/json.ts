import {
  type ColumnValue,
  isAtomMap,
  isAtomSet,
  isJsonArray,
  isJsonObject,
  type Json,
  stringifyJson,
} from "@loomstack/ovsdb";
import { escapeControls } from "./control-characters.ts";
import { sortedAtoms, sortedPairs } from "./value.ts";

/** One JSON document and the end of its line; integers keep all of their digits. */
export function formatJson(json: Json, isPretty: boolean): string {
  if (!isPretty) return `${escapeControls(stringifyJson(json))}\n`;
  // Line ends are ours here, and none is inside of a string.
  return `${indent(json, "").split("\n").map(escapeControls).join("\n")}\n`;
}

/** A column's value as plain JSON: a set is an array, a map an object, no value is null. */
export function plainValue(value: ColumnValue): Json {
  if (value === undefined) return null;
  if (isAtomSet(value)) return sortedAtoms(value);
  if (isAtomMap(value)) return Object.fromEntries(sortedPairs(value).map(([key, of]) => [String(key), of]));
  return value;
}

function indent(json: Json, margin: string): string {
  const inner = `${margin}  `;
  if (isJsonArray(json) && json.length > 0) {
    return `[\n${json.map((item) => `${inner}${indent(item, inner)}`).join(",\n")}\n${margin}]`;
  }
  if (isJsonObject(json) && Object.keys(json).length > 0) {
    const members = Object.entries(json).map(
      ([name, item]) => `${inner}${JSON.stringify(name)}: ${indent(item, inner)}`,
    );
    return `{\n${members.join(",\n")}\n${margin}}`;
  }
  return stringifyJson(json);
}
