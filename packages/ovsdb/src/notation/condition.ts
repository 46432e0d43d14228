import type { Uuid } from "@loomstack/core";
import { findColumn, findTable } from "../schema/lookup.ts";
import type {
  ColumnName,
  ColumnOf,
  IdColumn,
  IfUndeclared,
  InputAtomOf,
  InputOf,
  TableName,
} from "../schema/row-types.ts";
import type { ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import type { Json } from "./json.ts";
import { encodeSet } from "./set.ts";
import type { NamedUuid } from "./uuid.ts";
import { type ColumnValue, encodeValue } from "./value.ts";

/** What works on every type of column; `includes` and `excludes` compare a set or map with a part of it. */
export type SetFunction = "==" | "!=" | "includes" | "excludes";
export type OrderFunction = "<" | "<=" | ">=" | ">";

/** A column that holds at most one number: RFC 7047 orders columns of one, Open vSwitch 2.4 optional ones too. */
interface OrderedColumn {
  readonly key: { readonly type: "integer" | "real" };
  readonly max: 1;
  readonly value?: never;
}

/** An optional column, which may be asked to exclude several values. */
interface OptionalColumn {
  readonly min: 0;
  readonly max: 1;
  readonly value?: never;
}

type ConditionOn<Name, C extends ColumnSchema> = IfUndeclared<
  C,
  readonly [Name, SetFunction | OrderFunction, ColumnValue],
  DeclaredConditionOn<Name, C>
>;

type DeclaredConditionOn<Name, C extends ColumnSchema> =
  | readonly [Name, SetFunction, InputOf<C>]
  | (C extends OrderedColumn ? readonly [Name, OrderFunction, InputAtomOf<C["key"]>] : never)
  | (C extends OptionalColumn ? readonly [Name, "excludes", ReadonlySet<InputAtomOf<C["key"]>>] : never);

/**
 * What a row must satisfy (RFC 7047, 5.1: `<condition>`; ovsdb-server(7), 5.1). `<` and its like don't hold for an empty
 * column. `true` and `false` hold for every row and for none; servers older than Open vSwitch 2.6 don't know them.
 *
 * @example ["_uuid", "==", uuid]
 */
export type Condition<S extends DatabaseSchema, T extends TableName<S>> =
  | boolean
  | readonly [IdColumn, SetFunction, Uuid | NamedUuid]
  | { [C in ColumnName<S, T>]: ConditionOn<C, ColumnOf<S, T, C>> }[ColumnName<S, T>];

/** A condition whose types are known no more. */
export type AnyCondition = boolean | readonly [string, string, unknown];

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
export function encodeConditions(
  schema: DatabaseSchema,
  table: string,
  where: readonly AnyCondition[],
): readonly Json[] {
  findTable(schema, table);
  return where.map((condition) =>
    typeof condition === "boolean" ? condition : encodeCondition(schema, table, ...condition),
  );
}

function encodeCondition(schema: DatabaseSchema, table: string, name: string, compare: string, value: unknown): Json {
  const column = findColumn(schema, table, name);
  const label = `${table}.${name}`;
  const areSeveral = compare === "excludes" && column.value === undefined && value instanceof Set;
  return [name, compare, areSeveral ? encodeSet(column.key, value, label) : encodeValue(column, value, label)];
}
