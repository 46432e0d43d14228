import {
  type ColumnValue,
  type DatabaseSchema,
  findColumn,
  findTable,
  type JsonObject,
  type OvsdbClient,
  select,
} from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson, plainValue } from "../../render/json.ts";
import { formatSheets, presentationOf } from "../../render/presentation.ts";
import type { Sheet } from "../../render/sheet.ts";
import { formatValue } from "../../render/value.ts";
import { openDatabase } from "./database-argument.ts";
import { addPresentation } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";

/** What a table holds. */
export interface TableDump {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, ColumnValue>>[];
}

/** `dump <remote> [database] [table [column…]]`: what the tables hold, all as of one moment. */
export function addDump(ovsdb: Command, io: CommandIo): void {
  addPresentation(addVerb(ovsdb, "dump", io))
    .description("print what a database, a table, or columns of a table hold")
    .argument("[names...]", "[database] [table [column...]]")
    .usage("[options] <remote> [database] [table [column...]]")
    .action((remotes: readonly string[], names: readonly string[], options: VerbOptions) =>
      dump(io, remotes, names, options),
    );
}

async function dump(
  io: CommandIo,
  remotes: readonly string[],
  names: readonly string[],
  options: VerbOptions,
): Promise<void> {
  await using opened = await openDatabase(io, remotes, names, options);
  const { client, schema, rest } = opened;
  const [table, ...columns] = rest;
  const tables = table === undefined ? Object.keys(schema.tables).sort() : [table];
  const dumps = await readTables(client, schema, tables, columns);
  const presentation = presentationOf(options, io);
  if (presentation.format === "json") {
    await io.output.write(formatJson(dumpJson(dumps), presentation.isPretty));
    return;
  }
  // Of a whole database, empty tables would hide the others.
  const shown = table === undefined ? dumps.filter(({ rows }) => rows.length > 0) : dumps;
  await io.output.write(
    formatSheets(
      shown.map((one) => dumpSheet(schema, one)),
      presentation,
    ),
  );
}

/**
 * Reads tables in one transaction.
 *
 * @param columns none: `_uuid` and all others, by name
 * @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN; as OvsdbClient.transact
 */
async function readTables(
  client: OvsdbClient,
  schema: DatabaseSchema,
  tables: readonly string[],
  columns: readonly string[],
): Promise<readonly TableDump[]> {
  const wanted = tables.map((table) => ({
    table,
    columns: columns.length > 0 ? columns : ["_uuid", ...Object.keys(findTable(schema, table).columns).sort()],
  }));
  const operations = wanted.map((one) => select(schema, one.table, [], one.columns));
  const results = await client.transact(schema.name, operations);
  return wanted.map((one, index) => {
    const rows = results[index]?.rows ?? [];
    return { ...one, rows: sorted(schema, one.table, rows) };
  });
}

/** By name where rows have one, else by the columns from left to right. */
function sorted(schema: DatabaseSchema, table: string, rows: TableDump["rows"]): TableDump["rows"] {
  const keyed = rows.map((row) => {
    const columns = Object.hasOwn(row, "name") ? ["name", ...Object.keys(row)] : Object.keys(row);
    return {
      row,
      key: columns.map((column) => formatValue(findColumn(schema, table, column), row[column])).join("\0"),
    };
  });
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return keyed.map(({ row }) => row);
}

function dumpJson(dumps: readonly TableDump[]): JsonObject {
  return Object.fromEntries(dumps.map(({ table, rows }) => [table, rows.map(plainRow)]));
}

function plainRow(row: TableDump["rows"][number]): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}

function dumpSheet(schema: DatabaseSchema, { table, columns, rows }: TableDump): Sheet {
  const types = columns.map((column) => [column, findColumn(schema, table, column)] as const);
  return {
    caption: `${table} table`,
    headings: columns,
    rows: rows.map((row) => types.map(([column, type]) => formatValue(type, row[column]))),
  };
}
