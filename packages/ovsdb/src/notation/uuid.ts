import { type Brand, isUuid, LoomstackError, type Uuid } from "@loomstack/core";
import { isJsonArray, type Json } from "./json.ts";

/**
 * The name that an insert gives to its row, for use inside the same transaction (RFC 7047, 5.1: `<named-uuid>`). Never
 * looks like a UUID.
 */
export type NamedUuid = Brand<string, "NamedUuid">;

/** The UUID that OVSDB has for "none" (RFC 7047, 5.2.1: the default of a uuid column). */
export const zeroUuid = "00000000-0000-0000-0000-000000000000" as Uuid;

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A reference to the row that an `insert` of the same transaction makes.
 *
 * @throws OVSDB__INVALID_VALUE unless the name is an `<id>` of RFC 7047, 3.1: letters, digits and underscores, not
 * starting with a digit
 */
export function namedUuid(name: string): NamedUuid {
  if (!namePattern.test(name)) {
    throw new LoomstackError("OVSDB__INVALID_VALUE", {
      label: "uuid-name",
      reason: `${JSON.stringify(name)} is not letters, digits and _`,
    });
  }
  return name as NamedUuid;
}

/** `["uuid", …]` or `["named-uuid", …]`. @throws OVSDB__INVALID_VALUE when the text is neither */
export function encodeUuid(uuid: string, label: string): Json {
  if (isUuid(uuid)) return ["uuid", uuid];
  if (namePattern.test(uuid)) return ["named-uuid", uuid];
  throw new LoomstackError("OVSDB__INVALID_VALUE", {
    label,
    reason: `${JSON.stringify(uuid)} is neither a UUID nor a uuid-name`,
  });
}

/** Finds the row of a uuid-name; only a server does that. */
export type ResolveName = (name: string) => Uuid | undefined;

/** @throws OVSDB__MALFORMED_VALUE */
export function decodeUuid(json: Json | undefined, label: string, resolveName?: ResolveName): Uuid {
  if (isJsonArray(json) && json.length === 2 && typeof json[1] === "string") {
    if (json[0] === "uuid") {
      const text = json[1].toLowerCase();
      if (isUuid(text)) return text;
    }
    const named = json[0] === "named-uuid" ? resolveName?.(json[1]) : undefined;
    if (named !== undefined) return named;
  }
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason: "a UUID was expected" });
}
