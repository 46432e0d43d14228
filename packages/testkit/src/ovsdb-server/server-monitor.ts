/**
 * One client's monitor: which changes it is told, and in which of the three forms (RFC 7047, 4.1.6; ovsdb-server(7),
 * 4.1.12 to 4.1.16).
 */
import {
  type ColumnSchema,
  defaultValue,
  differenceOf,
  encodeValue,
  findColumn,
  findTable,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type Message,
  valuesEqual,
} from "@loomstack/ovsdb";
import { readConditions } from "./conditions.ts";
import type { Commit, Database } from "./database.ts";
import type { StoredChange, StoredRow } from "./draft.ts";
import { expectMembers, failure } from "./elements.ts";

export const monitorMethods = ["monitor", "monitor_cond", "monitor_cond_since"] as const;
export type MonitorMethod = (typeof monitorMethods)[number];

type Columns = ReadonlyMap<string, ColumnSchema>;

/** What can happen to a row, and what a monitor request can `select` (RFC 7047, 4.1.5). */
const kinds = ["initial", "insert", "modify", "delete"] as const;
type Kind = (typeof kinds)[number];

/** What is told of one table. */
interface MonitoredTable {
  /** By what happens to a row, the columns that are told then; no entry where nothing is told. */
  readonly columnsOf: ReadonlyMap<Kind, Columns>;
  /** Those that are told of at all: a row in which others change hasn't changed. */
  readonly columns: Columns;
  /** Whether a row is told of at all. */
  readonly holds: (row: StoredRow) => boolean;
}

export class ServerMonitor {
  readonly #id: Json;
  readonly #method: MonitorMethod;
  readonly #database: Database;
  #tables: ReadonlyMap<string, MonitoredTable>;

  /** @throws OVSDB__OPERATION_FAILED, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN */
  constructor(method: MonitorMethod, database: Database, id: Json, requests: Json | undefined) {
    if (!isJsonObject(requests)) throw failure("syntax error", "monitor requests aren't an object");
    this.#id = id;
    this.#method = method;
    this.#database = database;
    this.#tables = new Map(
      Object.entries(requests).map(([table, request]) => [
        table,
        { ...readColumns(database, table, request, method), holds: readWhere(database, table, request) },
      ]),
    );
  }

  get id(): Json {
    return this.#id;
  }

  /** The answer to the request: what there is now or, if it can be told, what has changed since a transaction. */
  initial(since: Json | undefined): Json {
    const { lastTransactionId } = this.#database;
    const difference = this.#method === "monitor_cond_since" ? this.#database.changesSince(since) : undefined;
    if (difference !== undefined) return [true, lastTransactionId, this.#tableUpdates(difference, "insert")];
    const changes = [...this.#tables.keys()].flatMap((table) =>
      Array.from(this.#database.rows(table), ([uuid, after]): StoredChange => ({
        table,
        uuid,
        before: undefined,
        after,
      })),
    );
    const updates = this.#tableUpdates(changes, "initial");
    return this.#method === "monitor_cond_since" ? [false, lastTransactionId, updates] : updates;
  }

  /**
   * Changes the conditions of the tables that are named.
   *
   * @returns what the client is told: the rows that satisfy only the old or only the new ones
   * @throws OVSDB__OPERATION_FAILED, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN
   */
  changeConditions(requests: Json | undefined): Message | undefined {
    if (!isJsonObject(requests) || this.#method === "monitor") throw failure("syntax error", "no conditions to change");
    const old = this.#tables;
    const next = Object.entries(requests).map(([name, request]) => {
      const table = old.get(name);
      if (table === undefined) throw failure("syntax error", `${name} isn't monitored`);
      return [name, { ...table, holds: readWhere(this.#database, name, request) }] as const;
    });
    const changes = next.flatMap(([table, { holds }]) =>
      Array.from(this.#database.rows(table), ([uuid, row]): StoredChange => ({
        table,
        uuid,
        before: old.get(table)?.holds(row) === true ? row : undefined,
        after: holds(row) ? row : undefined,
      })),
    );
    this.#tables = new Map([...old, ...next.map(([name, table]) => [name, { ...table, holds: () => true }] as const)]);
    const message = this.notification({ transactionId: this.#database.lastTransactionId, changes });
    this.#tables = new Map([...old, ...next]);
    return message;
  }

  /** What the client is told of a transaction; undefined when it changed nothing that is monitored. */
  notification({ transactionId, changes }: Commit): Message | undefined {
    const updates = this.#tableUpdates(changes, "insert");
    if (Object.keys(updates).length === 0) return undefined;
    if (this.#method === "monitor") return { kind: "notification", method: "update", params: [this.#id, updates] };
    if (this.#method === "monitor_cond") {
      return { kind: "notification", method: "update2", params: [this.#id, updates] };
    }
    return { kind: "notification", method: "update3", params: [this.#id, transactionId, updates] };
  }

  #tableUpdates(changes: readonly StoredChange[], newRows: "initial" | "insert"): JsonObject {
    const tables: Record<string, Record<string, Json>> = {};
    for (const change of changes) {
      const table = this.#tables.get(change.table);
      const update = table === undefined ? undefined : this.#rowUpdate(table, change, newRows);
      if (update !== undefined) (tables[change.table] ??= {})[change.uuid] = update;
    }
    return tables;
  }

  #rowUpdate(
    { columns, columnsOf, holds }: MonitoredTable,
    change: StoredChange,
    newRows: "initial" | "insert",
  ): JsonObject | undefined {
    const [before, after] = [change.before, change.after].map((row) =>
      row !== undefined && holds(row) ? row : undefined,
    );
    if (before === undefined && after === undefined) return undefined;
    const kind = before === undefined ? newRows : after === undefined ? "delete" : "modify";
    const told = columnsOf.get(kind);
    if (told === undefined) return undefined;
    const isChanged = (name: string): boolean => !valuesEqual(before?.[name], after?.[name]);
    if (kind === "modify" && ![...columns.keys()].some(isChanged)) return undefined;
    const changed = kind === "modify" ? new Map([...told].filter(([name]) => isChanged(name))) : told;
    return this.#method === "monitor"
      ? encodeUpdate(told, changed, before, after)
      : encodeUpdate2(kind, changed, before, after);
  }
}

/** RFC 7047, 4.1.6 */
function encodeUpdate(
  told: Columns,
  changed: Columns,
  before: StoredRow | undefined,
  after: StoredRow | undefined,
): JsonObject {
  return {
    ...(before === undefined ? {} : { old: encodeColumns(changed, before) }),
    ...(after === undefined ? {} : { new: encodeColumns(told, after) }),
  };
}

/** ovsdb-server(7), 4.1.14 */
function encodeUpdate2(
  kind: Kind,
  changed: Columns,
  before: StoredRow | undefined,
  after: StoredRow | undefined,
): JsonObject {
  if (after === undefined) return { delete: null };
  if (before === undefined) return { [kind]: encodeColumns(withoutDefaults(changed, after), after) };
  const differences = Array.from(
    changed,
    ([name, column]) => [name, differenceOf(column, before[name], after[name])] as const,
  );
  return { modify: encodeColumns(changed, Object.fromEntries(differences)) };
}

function withoutDefaults(columns: Columns, row: StoredRow): Columns {
  return new Map([...columns].filter(([name, column]) => !valuesEqual(row[name], defaultValue(column))));
}

function encodeColumns(columns: Columns, row: StoredRow): JsonObject {
  return Object.fromEntries(Array.from(columns, ([name, column]) => [name, encodeValue(column, row[name], name)]));
}

/** A `<monitor-request>` or a list of them. */
function readColumns(
  database: Database,
  table: string,
  json: Json,
  method: MonitorMethod,
): Pick<MonitoredTable, "columns" | "columnsOf"> {
  const all = new Map<string, ColumnSchema>();
  const columnsOf = new Map<Kind, Map<string, ColumnSchema>>();
  for (const request of isJsonArray(json) ? json : [json]) {
    if (!isJsonObject(request)) throw failure("syntax error", "a monitor request isn't an object");
    expectMembers(request, method === "monitor" ? ["columns", "select"] : ["columns", "select", "where"]);
    const selected = readSelect(request["select"]);
    for (const kind of selected) if (!columnsOf.has(kind)) columnsOf.set(kind, new Map());
    for (const name of readNames(request["columns"]) ?? Object.keys(findTable(database.schema, table).columns)) {
      if (all.has(name)) throw failure("syntax error", `column ${name} mentioned more than once`);
      const column = findColumn(database.schema, table, name);
      all.set(name, column);
      for (const kind of selected) columnsOf.get(kind)?.set(name, column);
    }
  }
  findTable(database.schema, table);
  return { columns: all, columnsOf };
}

/** What isn't said not to be told is told. */
function readSelect(json: Json = {}): readonly Kind[] {
  if (!isJsonObject(json)) throw failure("syntax error", "select isn't an object");
  expectMembers(json, kinds);
  if (!Object.values(json).every((flag) => typeof flag === "boolean")) {
    throw failure("syntax error", "a flag of select is neither true nor false");
  }
  return kinds.filter((kind) => json[kind] !== false);
}

function readNames(json: Json | undefined): readonly string[] | undefined {
  if (json === undefined || (isJsonArray(json) && json.every((name) => typeof name === "string"))) return json;
  throw failure("syntax error", "array of column names expected");
}

/** The conditions are alternatives; without any, every row is told of. */
function readWhere(database: Database, table: string, json: Json): (row: StoredRow) => boolean {
  const alternatives = (isJsonArray(json) ? json : [json]).flatMap((request): readonly Json[] => {
    const where = isJsonObject(request) ? (request["where"] ?? []) : [];
    if (!isJsonArray(where)) throw failure("syntax error", "where isn't a list of conditions");
    return where;
  });
  const predicates = alternatives.map((condition) =>
    typeof condition === "boolean"
      ? () => condition
      : readConditions(database.schema, table, [condition], () => undefined),
  );
  return (row) => predicates.length === 0 || predicates.some((holds) => holds(row));
}
