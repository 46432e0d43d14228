/**
 * Which tables and columns a client replicates: what it asks for, as far as the server's schema has it. Servers differ:
 * an older or newer Open vSwitch lacks columns, or has them with another type. Such columns are named as missing, and
 * read as their default.
 */
import type { JsonObject } from "../notation/json.ts";
import { type ColumnValue, defaultValue, shapeOf } from "../notation/value.ts";
import { findColumn, findTable } from "../schema/lookup.ts";
import type { ColumnName, TableName } from "../schema/row-types.ts";
import type { ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import type { EncodedConditions } from "./conditions.ts";

/** For each table the columns to replicate. @example { Bridge: ["name", "ports"], Interface: "all" } */
export type TableSelection<S extends DatabaseSchema> = {
  readonly [T in TableName<S>]?: "all" | readonly ColumnName<S, T>[];
};

/** Makes a selection with a misspelt table fail to compile. */
export type KnownTables<S extends DatabaseSchema, Tables> = {
  readonly [T in keyof Tables]: T extends TableName<S> ? Tables[T] : never;
};

/** A column that is replicated. */
export interface MonitoredColumn {
  readonly name: string;
  /** For errors: `Bridge.name`. */
  readonly label: string;
  /** As we declare it: it gives values their shape. */
  readonly column: ColumnSchema;
  /** As the server declares it: it says what its updates mean. Undefined: the server doesn't have it. */
  readonly serverColumn: ColumnSchema | undefined;
  /** What a row holds that nobody has set it in; all such rows share it. */
  readonly defaultValue: ColumnValue;
}

export interface MonitoredTable {
  readonly name: string;
  readonly columns: readonly MonitoredColumn[];
  /** Those of the columns that the server has, by name. */
  readonly serverColumns: ReadonlyMap<string, MonitoredColumn>;
  /** A row in which nobody has set anything. */
  readonly defaultRow: Readonly<Record<string, ColumnValue>>;
  readonly isOnServer: boolean;
}

export type Selection = ReadonlyMap<string, MonitoredTable>;

/** A selection whose types are known no more. */
export type AnyTableSelection = { readonly [table: string]: "all" | readonly string[] | undefined };

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN when `schema` doesn't have what is selected */
export function selectTables(schema: DatabaseSchema, tables: AnyTableSelection, server: DatabaseSchema): Selection {
  const selection = new Map<string, MonitoredTable>();
  for (const [name, columns] of Object.entries(tables)) {
    if (columns === undefined) continue;
    const names = columns === "all" ? Object.keys(findTable(schema, name).columns) : columns;
    const selected = names.map((column) => selectColumn(schema, name, column, server));
    selection.set(name, {
      name,
      columns: selected,
      serverColumns: new Map(
        selected.filter(({ serverColumn }) => serverColumn !== undefined).map((column) => [column.name, column]),
      ),
      // Not made member by member: from the thirteenth on V8 would make it, and every row that is copied from it, an
      // object that is several times as slow and as large.
      defaultRow: Object.fromEntries(selected.map((column) => [column.name, column.defaultValue])),
      isOnServer: Object.hasOwn(server.tables, name),
    });
  }
  return selection;
}

/**
 * What the server doesn't have: `Flow_Sample_Collector_Set`, `Bridge.flood_vlans`. The columns of a missing table
 * aren't listed.
 */
export function missingOf(selection: Selection): readonly string[] {
  return [...selection.values()].flatMap((table) =>
    table.isOnServer
      ? table.columns.filter((column) => column.serverColumn === undefined).map((column) => column.label)
      : [table.name],
  );
}

/** Which kinds of changes of a table's rows are told (RFC 7047, 4.1.5: `<monitor-select>`); those not named are. */
export interface MonitorSelect {
  /** The rows that are there when the monitor starts. */
  readonly initial?: boolean;
  readonly insert?: boolean;
  readonly delete?: boolean;
  readonly modify?: boolean;
}

/** What of the rows of each table is asked for. */
export interface RequestOptions {
  readonly where?: EncodedConditions;
  /** By table. */
  readonly select?: ReadonlyMap<string, MonitorSelect>;
}

/**
 * The `<monitor-requests>` (RFC 7047, 4.1.5), which `monitor_cond` and `monitor_cond_since` understand too; those two
 * alone understand conditions.
 */
export function monitorRequests(selection: Selection, { where, select }: RequestOptions = {}): JsonObject {
  const tables = [...selection.values()].filter((table) => table.isOnServer);
  return Object.fromEntries(
    tables.map((table) => {
      const columns = table.columns.filter((column) => column.serverColumn !== undefined).map((column) => column.name);
      const alternatives = where?.get(table.name);
      const kinds = select?.get(table.name);
      const request = {
        columns,
        ...(alternatives === undefined ? {} : { where: alternatives }),
        ...(kinds === undefined ? {} : { select: { ...kinds } }),
      };
      return [table.name, [request]];
    }),
  );
}

function selectColumn(schema: DatabaseSchema, table: string, name: string, server: DatabaseSchema): MonitoredColumn {
  const column = findColumn(schema, table, name);
  const columns = Object.hasOwn(server.tables, table) ? server.tables[table]?.columns : undefined;
  const serverColumn = columns !== undefined && Object.hasOwn(columns, name) ? columns[name] : undefined;
  const isUsable = serverColumn !== undefined && holdsValuesOf(column, serverColumn);
  const usable = isUsable ? serverColumn : undefined;
  return {
    name,
    label: `${table}.${name}`,
    column,
    serverColumn: usable,
    defaultValue: defaultValue(column, usable?.min),
  };
}

/** Whether each value that the server's column can hold has a place in ours. */
function holdsValuesOf(column: ColumnSchema, server: ColumnSchema): boolean {
  if (column.key.type !== server.key.type || column.value?.type !== server.value?.type) return false;
  switch (shapeOf(column)) {
    case "scalar":
      return server.max === 1 && server.min === 1;
    case "optional":
      return server.max === 1;
    case "set":
    case "map":
      return true;
  }
}
