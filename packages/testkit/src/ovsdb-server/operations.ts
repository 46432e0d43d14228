/** Carries out the operations of a transaction (RFC 7047, 5.2) on a draft. */
import { randomUUID } from "node:crypto";
import { parseUuid, type Uuid } from "@loomstack/core";
import {
  type ColumnValue,
  type DatabaseSchema,
  decodeValue,
  defaultValue,
  encodeValue,
  findColumn,
  findTable,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type ResolveName,
  valuesEqual,
} from "@loomstack/ovsdb";
import { readConditions } from "./conditions.ts";
import type { Draft, StoredRow } from "./draft.ts";
import { elementsOf, expectMembers, failure, valueOf } from "./elements.ts";
import { readMutations } from "./mutations.ts";

export interface OperationScope {
  readonly schema: DatabaseSchema;
  readonly draft: Draft;
  /** The UUIDs of the rows that the transaction inserts under a name. */
  readonly names: ReadonlyMap<string, Uuid>;
  /** Since when the transaction waits; undefined for one that can't wait. */
  readonly waitedMs: number;
  /** Whether the client owns a lock. */
  readonly ownsLock: (name: string) => boolean;
}

/** A `wait` doesn't hold yet, and its time isn't over. */
export interface Unmet {
  /** How long it may wait in all; Infinity without a limit. */
  readonly timeoutMs: number;
}

/** What operations consist of (RFC 7047, 5.2), besides `op`. */
const members: Readonly<Record<string, readonly string[]>> = {
  insert: ["table", "row", "uuid-name", "uuid"],
  select: ["table", "where", "columns"],
  update: ["table", "where", "row"],
  mutate: ["table", "where", "mutations"],
  delete: ["table", "where"],
  wait: ["table", "where", "columns", "until", "rows", "timeout"],
  comment: ["comment"],
  commit: ["durable"],
  abort: [],
  assert: ["lock"],
};

/** @returns the result of the operation. @throws OVSDB__… */
export function runOperation(scope: OperationScope, operation: JsonObject): JsonObject | Unmet {
  const { op } = operation;
  expectMembers(operation, ["op", ...(typeof op === "string" ? (members[op] ?? Object.keys(operation)) : [])]);
  switch (op) {
    case "insert":
      return runInsert(scope, operation);
    case "select":
      return { rows: Array.from(matching(scope, operation).values(), (row) => encodeColumns(scope, operation, row)) };
    case "update":
      return runUpdate(scope, operation);
    case "mutate":
      return replaceRows(
        scope,
        operation,
        readMutations(scope.schema, tableOf(operation), operation["mutations"], resolver(scope)),
      );
    case "delete":
      return runDelete(scope, operation);
    case "wait":
      return runWait(scope, operation);
    case "comment":
    case "commit":
      return {};
    case "abort":
      throw failure("aborted", "aborted by request");
    case "assert":
      if (typeof operation["lock"] === "string" && scope.ownsLock(operation["lock"])) return {};
      throw failure("not owner", `the client doesn't own lock ${JSON.stringify(operation["lock"])}`);
    default:
      throw failure("syntax error", "unknown operation");
  }
}

function runInsert(scope: OperationScope, operation: JsonObject): JsonObject {
  const { schema, draft, names } = scope;
  const table = tableOf(operation);
  const name = operation["uuid-name"];
  const given = operation["uuid"];
  const uuid = typeof name === "string" ? names.get(name) : typeof given === "string" ? parseUuid(given) : newUuid();
  if (uuid === undefined || draft.rows(table).has(uuid)) {
    const isNamed = typeof name === "string";
    throw failure(isNamed ? "duplicate uuid-name" : "duplicate uuid", "it stands for two rows");
  }
  const defaults = Object.entries(findTable(schema, table).columns).map(
    ([column, type]) => [column, defaultValue(type)] as const,
  );
  const row = { ...Object.fromEntries(defaults), ...readRow(scope, table, operation["row"]) };
  draft.put(table, uuid, { ...row, _uuid: uuid, _version: newUuid() });
  return { uuid: ["uuid", uuid] };
}

function runUpdate(scope: OperationScope, operation: JsonObject): JsonObject {
  const table = tableOf(operation);
  const values = readRow(scope, table, operation["row"]);
  const immutable = Object.keys(values).find((column) => findColumn(scope.schema, table, column).mutable === false);
  if (immutable !== undefined) throw failure("constraint violation", `${table}.${immutable} can't be changed`);
  return replaceRows(scope, operation, (row) => ({ ...row, ...values }));
}

function runDelete(scope: OperationScope, operation: JsonObject): JsonObject {
  const rows = [...matching(scope, operation).keys()];
  for (const uuid of rows) scope.draft.delete(tableOf(operation), uuid);
  return { count: rows.length };
}

function replaceRows(scope: OperationScope, operation: JsonObject, change: (row: StoredRow) => StoredRow): JsonObject {
  const rows = [...matching(scope, operation)];
  for (const [uuid, row] of rows) scope.draft.put(tableOf(operation), uuid, { ...change(row), _version: newUuid() });
  return { count: rows.length };
}

function runWait(scope: OperationScope, operation: JsonObject): JsonObject | Unmet {
  const { columns = [], until, timeout, rows } = operation;
  if (!isJsonArray(columns) || !isJsonArray(rows) || (until !== "==" && until !== "!=")) {
    throw failure("syntax error", "a wait without columns, until or rows");
  }
  const table = tableOf(operation);
  const names = columns.filter((column) => typeof column === "string");
  const wanted = rows.map((row) => readRow(scope, table, row));
  const held = [...matching(scope, operation).values()];
  const isSame = (one: StoredRow, other: StoredRow): boolean =>
    names.every((name) => valuesEqual(one[name], other[name]));
  const isEqual =
    held.every((row) => wanted.some((other) => isSame(row, other))) &&
    wanted.every((row) => held.some((other) => isSame(row, other)));
  if (isEqual === (until === "==")) return {};
  const timeoutMs = typeof timeout === "number" ? timeout : Infinity;
  if (scope.waitedMs >= timeoutMs) throw failure("timed out", `the wait took more than ${timeoutMs} ms`);
  return { timeoutMs };
}

function matching(scope: OperationScope, operation: JsonObject): ReadonlyMap<Uuid, StoredRow> {
  const { schema, draft } = scope;
  const table = tableOf(operation);
  findTable(schema, table);
  const holds = readConditions(schema, table, operation["where"], resolver(scope));
  return new Map([...draft.rows(table)].filter(([, row]) => holds(row)));
}

function encodeColumns({ schema }: OperationScope, operation: JsonObject, row: StoredRow): JsonObject {
  const table = tableOf(operation);
  const { columns } = operation;
  const names = isJsonArray(columns) ? columns.filter((column) => typeof column === "string") : Object.keys(row);
  return Object.fromEntries(
    names.map((name) => [name, encodeValue(findColumn(schema, table, name), row[name], `${table}.${name}`)]),
  );
}

function readRow(scope: OperationScope, table: string, json: Json | undefined): Readonly<Record<string, ColumnValue>> {
  if (!isJsonObject(json)) throw failure("syntax error", "a row isn't an object");
  const values = Object.entries(json).map(([name, value]) => {
    const label = `${table}.${name}`;
    const column = findColumn(scope.schema, table, name);
    const elements = elementsOf(decodeValue(column, value, label, resolver(scope)));
    return [name, valueOf(column, elements, label, "syntax error")] as const;
  });
  return Object.fromEntries(values);
}

function resolver({ names }: OperationScope): ResolveName {
  return (name) => names.get(name);
}

function tableOf({ table }: JsonObject): string {
  if (typeof table !== "string") throw failure("syntax error", "an operation without a table");
  return table;
}

export function newUuid(): Uuid {
  return parseUuid(randomUUID());
}
