import { LoomstackError } from "@loomstack/core";
import type { BaseType } from "../schema/schema.ts";
import { type Atom, decodeAtom, encodeAtom } from "./atom.ts";
import { isJsonArray, type Json } from "./json.ts";
import type { ResolveName } from "./uuid.ts";

/** The base types of a map's keys and values. */
export interface MapType {
  readonly key: BaseType;
  readonly value: BaseType;
}

/** `["map", [[<atom>, <atom>]*]]` (RFC 7047, 5.1). @throws OVSDB__INVALID_VALUE */
export function encodeMap(type: MapType, entries: Iterable<readonly [unknown, unknown]>, label: string): Json {
  const pairs: Json[] = [];
  for (const [key, value] of entries) {
    pairs.push([encodeAtom(type.key, key, label), encodeAtom(type.value, value, label)]);
  }
  return ["map", pairs];
}

/** @throws OVSDB__MALFORMED_VALUE */
export function decodeMap(
  type: MapType,
  json: Json | undefined,
  label: string,
  resolveName?: ResolveName,
): ReadonlyMap<Atom, Atom> {
  const pairs = isJsonArray(json) && json.length === 2 && json[0] === "map" ? json[1] : undefined;
  if (!isJsonArray(pairs)) throw malformed(label);
  const map = new Map<Atom, Atom>();
  for (const pair of pairs) {
    if (!isJsonArray(pair) || pair.length !== 2) throw malformed(label);
    map.set(decodeAtom(type.key, pair[0], label, resolveName), decodeAtom(type.value, pair[1], label, resolveName));
  }
  return map;
}

function malformed(label: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason: "a map was expected" });
}
