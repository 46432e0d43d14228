import { LoomstackError } from "@loomstack/core";
import type { BaseType } from "../schema/schema.ts";
import type { Json } from "./json.ts";
import { decodeUuid, encodeUuid, type ResolveName, zeroUuid } from "./uuid.ts";

/**
 * An OVSDB integer, 64 bits: a `number` where that is exact (within ±2^53), otherwise a `bigint`. So equal integers are
 * `===`.
 */
export type Integer = number | bigint;

/** A value of a base type (RFC 7047, 5.1: `<atom>`). UUIDs and uuid-names are strings. */
export type Atom = string | Integer | boolean;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/**
 * The JSON of an atom.
 *
 * @throws OVSDB__INVALID_VALUE when it isn't of that type, or is text that a server would refuse to read
 */
export function encodeAtom(type: BaseType, atom: unknown, label: string): Json {
  switch (type.type) {
    case "integer":
      return encodeInteger(atom, label);
    case "real":
      if (typeof atom !== "number" || !Number.isFinite(atom)) throw invalid(label, "a finite number was expected");
      return atom;
    case "boolean":
      if (typeof atom !== "boolean") throw invalid(label, "true or false was expected");
      return atom;
    case "string":
      return encodeString(atom, label);
    case "uuid":
      if (typeof atom !== "string") throw invalid(label, "a UUID was expected");
      return encodeUuid(atom, label);
  }
}

/**
 * The atom of a JSON value. Constraints of the schema aren't checked: a newer server may have wider ones.
 *
 * @throws OVSDB__MALFORMED_VALUE
 */
export function decodeAtom(type: BaseType, json: Json | undefined, label: string, resolveName?: ResolveName): Atom {
  switch (type.type) {
    case "integer":
      return decodeInteger(json, label);
    case "real":
      if (typeof json === "number" || typeof json === "bigint") return Number(json);
      throw malformed(label, "a number was expected");
    case "boolean":
      if (typeof json === "boolean") return json;
      throw malformed(label, "true or false was expected");
    case "string":
      if (typeof json === "string") return json;
      throw malformed(label, "a string was expected");
    case "uuid":
      return decodeUuid(json, label, resolveName);
  }
}

/** The value that a column has when nobody has set it (RFC 7047, 5.2.1). */
export function defaultAtom(type: BaseType): Atom {
  return { integer: 0, real: 0, boolean: false, string: "", uuid: zeroUuid }[type.type];
}

/** The one form that an integer has here. */
export function canonicalInteger(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function encodeInteger(atom: unknown, label: string): Json {
  if (typeof atom === "bigint" && atom >= minInt64 && atom <= maxInt64) return canonicalInteger(atom);
  // An unsafe `number` has lost digits already: its sender meant some other integer.
  if (typeof atom === "number" && Number.isSafeInteger(atom)) return atom;
  throw invalid(label, "a 64-bit integer was expected (as a bigint when it is beyond 2^53)");
}

function decodeInteger(json: Json | undefined, label: string): Integer {
  if (typeof json === "number" && Number.isSafeInteger(json)) return json;
  if (typeof json === "bigint" && json >= minInt64 && json <= maxInt64) return canonicalInteger(json);
  throw malformed(label, "a 64-bit integer was expected");
}

function encodeString(atom: unknown, label: string): string {
  if (typeof atom !== "string") throw invalid(label, "a string was expected");
  // ovsdb-server answers such a text by dropping the connection, and every other request with it.
  if (atom.includes("\0") || !atom.isWellFormed()) {
    throw invalid(label, "the text holds a zero byte or half a surrogate pair");
  }
  return atom;
}

function invalid(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__INVALID_VALUE", { label, reason });
}

function malformed(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason });
}
