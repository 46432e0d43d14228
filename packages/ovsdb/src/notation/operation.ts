/**
 * The operations of a transaction (RFC 7047, 5.2), as values: nothing happens until a client transacts them. Each knows
 * what its result looks like. The functions check at compile time that tables, columns and values are of the schema,
 * and again when they run.
 *
 * All but `comment`, `assert`, `abort` and `commit` throw OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN and
 * OVSDB__INVALID_VALUE.
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import { findColumn, findTable } from "../schema/lookup.ts";
import type { ColumnName, IdColumn, Row, RowInput, RowPatch, TableName, WholeRow } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { type AnyCondition, type Condition, encodeConditions } from "./condition.ts";
import type { JsonObject } from "./json.ts";
import { encodeMutations, type Mutation } from "./mutation.ts";
import {
  type CountResult,
  decodeCountResult,
  decodeEmptyResult,
  decodeInsertResult,
  decodeSelectResult,
  decodeWholeRows,
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

/**
 * Reads columns of every row that satisfies all of `where`. Without `columns` it reads all that the server has, and
 * tolerates that these aren't all of the schema's: the result's `missing` names the others.
 */
export function select<S extends DatabaseSchema, T extends TableName<S>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
): Operation<SelectResult<WholeRow<S, T>>>;
export function select<S extends DatabaseSchema, T extends TableName<S>, const C extends ColumnName<S, T> | IdColumn>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  columns: readonly C[],
): Operation<SelectResult<SelectedRow<S, T, C>>>;
export function select(
  schema: DatabaseSchema,
  table: string,
  where: readonly AnyCondition[],
  columns?: readonly string[],
): Operation<SelectResult> {
  const json = { op: "select", table, where: encodeConditions(schema, table, where) };
  const names = columns ?? ["_uuid", "_version", ...Object.keys(findTable(schema, table).columns)];
  const selected = new Map(names.map((column) => [column, findColumn(schema, table, column)]));
  return columns === undefined
    ? { json, decodeResult: (result) => decodeWholeRows(result, table, selected) }
    : { json: { ...json, columns }, decodeResult: (result) => decodeSelectResult(result, table, selected) };
}

export type SelectedRow<S extends DatabaseSchema, T extends TableName<S>, C extends string> = {
  readonly [N in C]: N extends ColumnName<S, T> ? Row<S, T>[N] : Uuid;
};

/**
 * Lets the transaction go on only when the rows that satisfy `where` are (`==`) or aren't (`!=`) exactly `rows`,
 * compared in `columns`. A column that a row doesn't give is compared with its default.
 *
 * @param timeoutMs how long to wait for that, then the transaction fails with OVSDB__TIMED_OUT; 0: at once; Infinity:
 * as long as the client does, see TransactOptions.timeLimitMs
 */
export function wait<S extends DatabaseSchema, T extends TableName<S>, const C extends ColumnName<S, T>>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  columns: readonly C[],
  until: "==" | "!=",
  rows: readonly Pick<RowInput<S, T>, C>[],
  timeoutMs?: number,
): Operation<EmptyResult>;
export function wait<S extends DatabaseSchema, T extends TableName<S>, const C extends ColumnName<S, T> | IdColumn>(
  schema: S,
  table: T,
  where: readonly Condition<S, T>[],
  columns: readonly C[],
  until: "==" | "!=",
  rows: readonly Pick<RowInput<S, T> & { readonly [N in IdColumn]?: Uuid }, C>[],
  timeoutMs?: number,
): Operation<EmptyResult>;
export function wait(
  schema: DatabaseSchema,
  table: string,
  where: readonly AnyCondition[],
  columns: readonly string[],
  until: "==" | "!=",
  rows: readonly object[],
  timeoutMs = 0,
): Operation<EmptyResult> {
  for (const column of columns) findColumn(schema, table, column);
  const json = {
    op: "wait",
    table,
    where: encodeConditions(schema, table, where),
    columns,
    until,
    rows: rows.map((row) => encodeRow(schema, table, { ...row })),
    ...timeoutMember(timeoutMs),
  };
  return { json, decodeResult: decodeEmptyResult };
}

/** A server that isn't told a timeout waits for ever. */
function timeoutMember(timeoutMs: number): { readonly timeout?: number } {
  if (timeoutMs === Infinity) return {};
  if (Number.isSafeInteger(timeoutMs) && timeoutMs >= 0) return { timeout: timeoutMs };
  const reason = "whole milliseconds or Infinity were expected";
  throw new LoomstackError("OVSDB__INVALID_VALUE", { label: "the timeout of a wait", reason });
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
