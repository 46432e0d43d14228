import { LoomstackError } from "@loomstack/core";
import type { ColumnName, ColumnOf, IfUndeclared, InputAtomOf, InputOf, TableName } from "../schema/row-types.ts";
import type { BaseType, ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import { findColumn } from "../schema/lookup.ts";
import { encodeAtom, type Integer } from "./atom.ts";
import type { Json } from "./json.ts";
import { encodeSet } from "./set.ts";
import { type ColumnValue, encodeValue } from "./value.ts";

export type Arithmetic = "+=" | "-=" | "*=" | "/=" | "%=";

/** What is added or multiplied need not satisfy the column's constraints: its result must. */
type ArithmeticMutation<Name, C extends ColumnSchema> = C extends { readonly value: BaseType }
  ? never
  : C["key"]["type"] extends "integer"
    ? readonly [Name, Arithmetic, Integer]
    : C["key"]["type"] extends "real"
      ? readonly [Name, Exclude<Arithmetic, "%=">, number]
      : never;

type ElementMutation<Name, C extends ColumnSchema> = C extends { readonly value: BaseType }
  ? readonly [Name, "insert", InputOf<C>] | readonly [Name, "delete", InputOf<C> | ReadonlySet<InputAtomOf<C["key"]>>]
  : C extends { readonly min: 1; readonly max: 1 }
    ? never
    : readonly [Name, "insert" | "delete", InputOf<C>];

type MutationOf<Name, C extends ColumnSchema> = C extends { readonly mutable: false }
  ? never
  : IfUndeclared<
      C,
      readonly [Name, Arithmetic | "insert" | "delete", ColumnValue],
      ArithmeticMutation<Name, C> | ElementMutation<Name, C>
    >;

/**
 * A change of a column that depends on what it holds (RFC 7047, 5.1: `<mutation>`). On a map, `insert` leaves keys that
 * are there as they are, and `delete` takes pairs, or keys alone as a Set.
 *
 * @example ["external_ids", "insert", new Map([["loomstack", "1"]])]
 */
export type Mutation<S extends DatabaseSchema, T extends TableName<S>> = {
  [C in ColumnName<S, T>]: MutationOf<C, ColumnOf<S, T, C>>;
}[ColumnName<S, T>];

/** A mutation whose types are known no more. */
export type AnyMutation = readonly [string, string, unknown];

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
export function encodeMutations(schema: DatabaseSchema, table: string, mutations: readonly AnyMutation[]): Json {
  return mutations.map(([column, mutator, value]) => [
    column,
    mutator,
    encodeArgument(findColumn(schema, table, column), mutator, value, `${table}.${column}`),
  ]);
}

function encodeArgument(column: ColumnSchema, mutator: string, value: unknown, label: string): Json {
  if (mutator !== "insert" && mutator !== "delete") {
    if (mutator === "*=" && column.key.type === "integer" && Number(value) === 0) throw multipliedByZero(label);
    return encodeAtom(column.key, value, label);
  }
  const isKeysOnly = column.value !== undefined && mutator === "delete" && value instanceof Set;
  return isKeysOnly ? encodeSet(column.key, value, label) : encodeValue(column, value, label);
}

/** Such a mutation of a negative integer makes ovsdb-server 3.1 divide by zero, and die. */
function multipliedByZero(label: string): LoomstackError {
  const reason = "an integer isn't multiplied by 0, for ovsdb-server may crash over it; write 0 with an update";
  return new LoomstackError("OVSDB__INVALID_VALUE", { label, reason });
}
