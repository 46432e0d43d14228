import type { Uuid } from "@loomstack/core";
import { findTable } from "../schema/lookup.ts";
import type { ColumnName, ColumnOf, InputOf, TableName } from "../schema/row-types.ts";
import type { ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import type { Json } from "./json.ts";
import { encodeColumn } from "./row.ts";
import type { NamedUuid } from "./uuid.ts";

/** What works on every type of column; `includes` and `excludes` compare a set or map with a part of it. */
export type SetFunction = "==" | "!=" | "includes" | "excludes";
export type OrderFunction = "<" | "<=" | ">=" | ">";

type FunctionOf<C extends ColumnSchema> =
  | SetFunction
  | (C extends { readonly key: { readonly type: "integer" | "real" }; readonly max: 1; readonly value?: never }
      ? OrderFunction
      : never);

/** What a row must satisfy (RFC 7047, 5.1: `<condition>`). @example ["_uuid", "==", uuid] */
export type Condition<S extends DatabaseSchema, T extends TableName<S>> =
  | readonly ["_uuid", SetFunction, Uuid | NamedUuid]
  | { [C in ColumnName<S, T>]: readonly [C, FunctionOf<ColumnOf<S, T, C>>, InputOf<ColumnOf<S, T, C>>] }[ColumnName<
      S,
      T
    >];

/** A condition whose types are known no more. */
export type AnyCondition = readonly [string, string, unknown];

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
export function encodeConditions(
  schema: DatabaseSchema,
  table: string,
  where: readonly AnyCondition[],
): readonly Json[] {
  findTable(schema, table);
  return where.map(([column, compare, value]) => [column, compare, encodeColumn(schema, table, column, value)]);
}
