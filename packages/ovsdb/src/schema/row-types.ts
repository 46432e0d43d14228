/**
 * The types of rows, derived from a schema that is declared as constants.
 *
 * | column                         | read as                | written as                          |
 * |--------------------------------|------------------------|-------------------------------------|
 * | one value (min 1, max 1)       | `T`                    | `T`                                 |
 * | at most one (min 0, max 1)     | `T \| undefined`       | `T \| undefined`                    |
 * | several                        | `ReadonlySet<T>`       | `ReadonlySet<T>`                    |
 * | key-value pairs                | `ReadonlyMap<K, V>`    | `ReadonlyMap<K, V>`                 |
 *
 * `T` is `string` (a union of literals where the schema lists the values), `boolean`, `number` for reals and for
 * integers with bounds, `Integer` for integers without, `Uuid` for references; where a `Uuid` is written, a `NamedUuid`
 * may be. A server with a newer schema may hold a literal that this union doesn't know; it is passed on as it is. A
 * schema that is known only when the program runs (`DatabaseSchema`) has any `ColumnValue` in every column.
 */
import type { Uuid } from "@loomstack/core";
import type { Integer } from "../notation/atom.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import type { ColumnValue } from "../notation/value.ts";
import type { BaseType, ColumnSchema, DatabaseSchema } from "./schema.ts";

export type TableName<S extends DatabaseSchema> = keyof S["tables"] & string;

type ColumnsOf<S extends DatabaseSchema, T extends TableName<S>> = S["tables"][T]["columns"];

export type ColumnName<S extends DatabaseSchema, T extends TableName<S>> = keyof ColumnsOf<S, T> & string;

/** The columns that every table has besides those of its schema (RFC 7047, 3.2). */
export type IdColumn = "_uuid" | "_version";

/** The declaration of one column. */
export type ColumnOf<S extends DatabaseSchema, T extends TableName<S>, C extends ColumnName<S, T>> = ColumnsOf<S, T>[C];

interface AtomsByType {
  readonly integer: Integer;
  readonly real: number;
  readonly boolean: boolean;
  readonly string: string;
  readonly uuid: Uuid;
}

/** What an atom of a base type is read as. */
export type AtomOf<B extends BaseType> = B extends { readonly enum: readonly (infer Literal)[] }
  ? B["type"] extends "uuid"
    ? Uuid
    : Literal
  : B extends { readonly minInteger: number; readonly maxInteger: number }
    ? number
    : AtomsByType[B["type"]];

/** What an atom of a base type is written as. */
export type InputAtomOf<B extends BaseType> = AtomOf<B> | (B["type"] extends "uuid" ? NamedUuid : never);

/** `Then` for a column of a schema that is read when the program runs: its `min` isn't known to be 0 or 1. */
export type IfUndeclared<C extends ColumnSchema, Then, Else> = number extends C["min"] ? Then : Else;

type Shaped<C extends ColumnSchema, Key, Value> = IfUndeclared<C, ColumnValue, DeclaredShape<C, Key, Value>>;

type DeclaredShape<C extends ColumnSchema, Key, Value> = C extends { readonly value: BaseType }
  ? ReadonlyMap<Key, Value>
  : C extends { readonly max: 1 }
    ? C extends { readonly min: 0 }
      ? Key | undefined
      : Key
    : ReadonlySet<Key>;

type MapValueType<C extends ColumnSchema> = C extends { readonly value: infer V extends BaseType } ? V : never;

/** What a column is read as. */
export type ValueOf<C extends ColumnSchema> = Shaped<C, AtomOf<C["key"]>, AtomOf<MapValueType<C>>>;

/** What a column is written as. */
export type InputOf<C extends ColumnSchema> = Shaped<C, InputAtomOf<C["key"]>, InputAtomOf<MapValueType<C>>>;

/** A row, all of its columns. */
export type Row<S extends DatabaseSchema, T extends TableName<S>> = {
  readonly [C in ColumnName<S, T>]: ValueOf<ColumnOf<S, T, C>>;
};

/** A row as the server has it: all of its columns, its UUID, and its version, which each change makes another. */
export type WholeRow<S extends DatabaseSchema, T extends TableName<S>> = Row<S, T> & Readonly<Record<IdColumn, Uuid>>;

/** What an insert takes: a column that isn't given gets its default. */
export type RowInput<S extends DatabaseSchema, T extends TableName<S>> = {
  readonly [C in ColumnName<S, T>]?: InputOf<ColumnOf<S, T, C>>;
};

/** What an update takes: not the columns that only an insert may set. */
export type RowPatch<S extends DatabaseSchema, T extends TableName<S>> = {
  readonly [C in ColumnName<S, T> as ColumnOf<S, T, C> extends { readonly mutable: false } ? never : C]?: InputOf<
    ColumnOf<S, T, C>
  >;
};
