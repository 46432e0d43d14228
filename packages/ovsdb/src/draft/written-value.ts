import type { Uuid } from "@loomstack/core";
import type { ResolveName } from "../notation/uuid.ts";
import { type ColumnValue, decodeValue, encodeValue } from "../notation/value.ts";
import type { ColumnSchema } from "../schema/schema.ts";

/** A reference to a row that the same transaction inserts stays its uuid-name until the server gives it a UUID. */
export const keepName: ResolveName = (name) => name as Uuid;

/**
 * A value that a caller writes, as it would be read again: a copy, with each integer in its one form.
 *
 * @throws OVSDB__INVALID_VALUE
 */
export function writtenValue(column: ColumnSchema, value: unknown, label: string): ColumnValue {
  return decodeValue(column, encodeValue(column, value, label), label, keepName);
}
