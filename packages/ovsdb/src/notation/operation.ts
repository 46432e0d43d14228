/**
 * The operations of a transaction (RFC 7047, 5.2), as values: nothing happens until a client transacts them. Each knows
 * what its result looks like. The functions check at compile time that tables, columns and values are of the schema,
 * and again when they run.
 *
 * All but `comment`, `assert`, `abort` and `commit` throw OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN and
 * OVSDB__INVALID_VALUE.
 */
import type { Uuid } from "@loomstack/core";
import { findColumn } from "../schema/lookup.ts";
import type { ColumnName, Row, RowInput, RowPatch, TableName } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { type Condition, encodeConditions } from "./condition.ts";
import type { JsonObject } from "./json.ts";
import { encodeMutations, type Mutation } from "./mutation.ts";
import {
  type CountResult,
  decodeCountResult,
  decodeEmptyResult,
  decodeInsertResult,
  decodeSelectResult,
  type EmptyResult,
  type InsertResult,
  type OperationResult,
  type SelectResult,
} from "./operation-result.ts";
import { encodeRow } from "./row.ts";
import type { NamedUuid } from "./uuid.ts";

export interface Operation<Result extends OperationResult = OperationResult> {
  /** What is sent. */
  readonly json: JsonObject;
  /** @throws OVSDB__MALFORMED_VALUE */
  readonly decodeResult: (result: JsonObject) => Result;
}

/**
 * Adds a row. `uuidName` makes it referable in the same transaction; `uuid` chooses its UUID (Open vSwitch 2.13 or
 * newer).
 */
export function insert<S extends DatabaseSchema, T extends TableName<S>>(
  schema: S,
  table: T,
  row: RowInput<S, T>,
  { uuidName, uuid }: { readonly uuidName?: NamedUuid; readonly uuid?: Uuid } = {},
): Operation<InsertResult> {
  const names = {
    ...(uuidName === undefined ? {} : { "uuid-name": uuidName }),
    ...(uuid === undefined ? {} : { uuid }),
  };
  return {
    json: { op: "insert", table, row: encodeRow(schema, table, row), ...names },
    decodeResult: decodeInsertResult,
  };
}

/** Gives columns new values in every row that satisfies all of `where`. */
export function update<S extends DatabaseSchema, T extends TableName<S>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  row: RowPatch<S, T>,
): Operation<CountResult> {
  const json = {
    op: "update",
    table,
    where: encodeConditions(schema, table, where),
    row: encodeRow(schema, table, row),
  };
  return { json, decodeResult: decodeCountResult };
}

/** Changes columns, depending on what they hold, in every row that satisfies all of `where`. */
export function mutate<S extends DatabaseSchema, T extends TableName<S>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  mutations: readonly Mutation<S, T>[],
): Operation<CountResult> {
  const conditions = encodeConditions(schema, table, where);
  return {
    json: { op: "mutate", table, where: conditions, mutations: encodeMutations(schema, table, mutations) },
    decodeResult: decodeCountResult,
  };
}

/** Deletes every row that satisfies all of `where`. */
export function remove<S extends DatabaseSchema, T extends TableName<S>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
): Operation<CountResult> {
  return {
    json: { op: "delete", table, where: encodeConditions(schema, table, where) },
    decodeResult: decodeCountResult,
  };
}

/** Reads columns of every row that satisfies all of `where`. */
export function select<S extends DatabaseSchema, T extends TableName<S>, const C extends ColumnName<S, T> | "_uuid">(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  columns: readonly C[],
): Operation<SelectResult<SelectedRow<S, T, C>>> {
  const selected = new Map(columns.map((column) => [column, findColumn(schema, table, column)]));
  return {
    json: { op: "select", table, where: encodeConditions(schema, table, where), columns },
    decodeResult: (result) => decodeSelectResult<SelectedRow<S, T, C>>(result, table, selected),
  };
}

export type SelectedRow<S extends DatabaseSchema, T extends TableName<S>, C extends string> = {
  readonly [N in C]: N extends ColumnName<S, T> ? Row<S, T>[N] : Uuid;
};

/**
 * Lets the transaction go on only when the rows that satisfy `where` are (`==`) or aren't (`!=`) exactly `rows`,
 * compared in `columns`. With `timeoutMs` 0 it fails at once otherwise, with OVSDB__TIMED_OUT.
 */
export function wait<S extends DatabaseSchema, T extends TableName<S>, const C extends ColumnName<S, T>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  columns: readonly C[],
  until: "==" | "!=",
  rows: readonly Pick<RowInput<S, T>, C>[],
  timeoutMs = 0,
): Operation<EmptyResult> {
  const conditions = encodeConditions(schema, table, where);
  const encoded = rows.map((row) => encodeRow(schema, table, row));
  return {
    json: { op: "wait", table, where: conditions, columns, until, rows: encoded, timeout: timeoutMs },
    decodeResult: decodeEmptyResult,
  };
}

/** Text for the server's own log of transactions. */
export function comment(text: string): Operation<EmptyResult> {
  return { json: { op: "comment", comment: text }, decodeResult: decodeEmptyResult };
}

/** Fails with OVSDB__NOT_OWNER unless this client holds the lock. */
export function assert(lock: string): Operation<EmptyResult> {
  return { json: { op: "assert", lock }, decodeResult: decodeEmptyResult };
}

/** Undoes the transaction, which fails with OVSDB__ABORTED. */
export function abort(): Operation<EmptyResult> {
  return { json: { op: "abort" }, decodeResult: decodeEmptyResult };
}

/** With `durable`, the transaction is answered only when it is on disk. */
export function commit(durable: boolean): Operation<EmptyResult> {
  return { json: { op: "commit", durable }, decodeResult: decodeEmptyResult };
}
