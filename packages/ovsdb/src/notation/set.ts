import { LoomstackError } from "@loomstack/core";
import type { BaseType } from "../schema/schema.ts";
import { type Atom, decodeAtom, encodeAtom } from "./atom.ts";
import { isJsonArray, type Json } from "./json.ts";
import type { ResolveName } from "./uuid.ts";

/** `["set", [<atom>*]]` (RFC 7047, 5.1). @throws OVSDB__INVALID_VALUE */
export function encodeSet(type: BaseType, atoms: Iterable<unknown>, label: string): Json {
  const elements: Json[] = [];
  for (const atom of atoms) elements.push(encodeAtom(type, atom, label));
  return ["set", elements];
}

/** The elements of a `<set>`; an atom alone stands for the set that holds just it. @throws OVSDB__MALFORMED_VALUE */
export function decodeSet(
  type: BaseType,
  json: Json | undefined,
  label: string,
  resolveName?: ResolveName,
): ReadonlySet<Atom> {
  if (!isJsonArray(json) || json[0] !== "set") return new Set([decodeAtom(type, json, label, resolveName)]);
  const elements = json[1];
  if (json.length !== 2 || !isJsonArray(elements)) {
    throw new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason: "a set was expected" });
  }
  const set = new Set<Atom>();
  for (const element of elements) set.add(decodeAtom(type, element, label, resolveName));
  return set;
}
