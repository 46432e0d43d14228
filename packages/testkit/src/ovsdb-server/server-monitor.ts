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
import type { Commit, Database } from "./database.ts";
import type { StoredChange, StoredRow } from "./draft.ts";
import { failure } from "./elements.ts";

export const monitorMethods = ["monitor", "monitor_cond", "monitor_cond_since"] as const;
export type MonitorMethod = (typeof monitorMethods)[number];

type Columns = ReadonlyMap<string, ColumnSchema>;

export class ServerMonitor {
  readonly #id: Json;
  readonly #method: MonitorMethod;
  readonly #database: Database;
  readonly #tables: ReadonlyMap<string, Columns>;

  /** @throws OVSDB__OPERATION_FAILED, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN */
  constructor(method: MonitorMethod, database: Database, id: Json, requests: Json | undefined) {
    if (!isJsonObject(requests)) throw failure("syntax error", "monitor requests aren't an object");
    this.#id = id;
    this.#method = method;
    this.#database = database;
    this.#tables = new Map(
      Object.entries(requests).map(([table, request]) => [table, readColumns(database, table, request)]),
    );
  }

  /** The answer to the request: what there is now. */
  initial(): Json {
    const changes = [...this.#tables.keys()].flatMap((table) =>
      Array.from(this.#database.rows(table), ([uuid, after]): StoredChange => ({
        table,
        uuid,
        before: undefined,
        after,
      })),
    );
    const updates = this.#tableUpdates(changes, "initial");
    return this.#method === "monitor_cond_since" ? [false, this.#database.lastTransactionId, updates] : updates;
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
      const columns = this.#tables.get(change.table);
      const update = columns === undefined ? undefined : this.#rowUpdate(columns, change, newRows);
      if (update !== undefined) (tables[change.table] ??= {})[change.uuid] = update;
    }
    return tables;
  }

  #rowUpdate(columns: Columns, { before, after }: StoredChange, newRows: "initial" | "insert"): JsonObject | undefined {
    const changed = new Map(
      [...columns].filter(
        ([name]) => before === undefined || after === undefined || !valuesEqual(before[name], after[name]),
      ),
    );
    if (changed.size === 0 && before !== undefined && after !== undefined) return undefined;
    if (this.#method === "monitor") {
      return {
        ...(before === undefined ? {} : { old: encodeColumns(changed, before) }),
        ...(after === undefined ? {} : { new: encodeColumns(columns, after) }),
      };
    }
    if (after === undefined) return { delete: null };
    if (before === undefined) return { [newRows]: encodeColumns(withoutDefaults(columns, after), after) };
    const differences = Array.from(
      changed,
      ([name, column]) => [name, differenceOf(column, before[name], after[name])] as const,
    );
    return { modify: encodeColumns(changed, Object.fromEntries(differences)) };
  }
}

function withoutDefaults(columns: Columns, row: StoredRow): Columns {
  return new Map([...columns].filter(([name, column]) => !valuesEqual(row[name], defaultValue(column))));
}

function encodeColumns(columns: Columns, row: StoredRow): JsonObject {
  return Object.fromEntries(Array.from(columns, ([name, column]) => [name, encodeValue(column, row[name], name)]));
}

/** A `<monitor-request>` or a list of them. Conditions and `select` aren't supported: everything is told. */
function readColumns(database: Database, table: string, json: Json): Columns {
  const { columns: all } = findTable(database.schema, table);
  const names = (isJsonArray(json) ? json : [json]).flatMap((request) => {
    if (!isJsonObject(request)) throw failure("syntax error", "a monitor request isn't an object");
    const { columns, where, select } = request;
    if (select !== undefined || !isTrivial(where)) {
      throw failure("not supported", "this server has no conditional or selective monitors");
    }
    return isJsonArray(columns) ? columns.filter((name) => typeof name === "string") : Object.keys(all);
  });
  return new Map(names.map((name) => [name, findColumn(database.schema, table, name)]));
}

function isTrivial(where: Json | undefined): boolean {
  return where === undefined || (isJsonArray(where) && where.every((condition) => condition === true));
}
