import { LoomstackError } from "@loomstack/core";
import type { ColumnSchema, DatabaseSchema, MonitorConditions } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { formatSheets, type Presentation, presentationOf } from "../../render/presentation.ts";
import { openDatabase } from "./database-argument.ts";
import { type MonitorRequest, parseMonitorArguments, parseMonitorConditions } from "./monitor-arguments.ts";
import { addPresentation } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { eventJson, eventSheet, rowEvent, type RowEvent } from "./row-events.ts";
import { noteOutages, untilStopped } from "./server.ts";

interface MonitorOptions extends VerbOptions {
  readonly timestamp?: boolean;
  readonly where?: string;
}

/** `monitor <remote> [database] ALL|table [column[,column]…]…`: the rows, then what becomes of them, until interrupted. */
export function addMonitor(ovsdb: Command, io: CommandIo): void {
  addPresentation(addVerb(ovsdb, "monitor", io))
    .description("print the rows of a table and then each change, also over reconnects")
    .argument("<names...>", "[database] ALL|table [column[,column]...]... [!initial] [!insert] [!delete] [!modify]")
    .usage("[options] <remote> [database] ALL|table [column[,column]...]...")
    .option("--timestamp", "tell when each change came")
    .option("--where <conditions>", 'only rows that satisfy any of these: [["name","==","br0"]] (RFC 7047, 5.1)')
    .action((remotes: readonly string[], names: readonly string[], options: MonitorOptions) =>
      monitor(io, remotes, names, options),
    );
}

async function monitor(
  io: CommandIo,
  remotes: readonly string[],
  names: readonly string[],
  options: MonitorOptions,
): Promise<never> {
  await using opened = await openDatabase(io, remotes, names, options, { fewest: 1 });
  const { server, schema, rest } = opened;
  const request = parseMonitorArguments(schema, rest);
  const print = eventPrinter(io, presentationOf(options, io), request, options);
  using _noting = noteOutages(server, io);
  const selection = Object.fromEntries(Array.from(request.tables, ([table, columns]) => [table, [...columns.keys()]]));
  const where = conditionsOf(schema, request, options);
  const replica = await server.ovsdb.monitor(schema, selection, { signal: io.signal, where });
  using _listening = replica.changes.add((changes) => print(changes.map(rowEvent)));
  for (const table of request.tables.keys()) {
    print(Array.from(replica.table(table), ([uuid, row]): RowEvent => ({ table, uuid, action: "initial", new: row })));
  }
  return await untilStopped(io.signal);
}

/** @throws CLI__USAGE */
function conditionsOf(
  schema: DatabaseSchema,
  { tables }: MonitorRequest,
  { where }: MonitorOptions,
): MonitorConditions<DatabaseSchema, Record<string, readonly string[]>> {
  if (where === undefined) return {};
  const [table, ...others] = tables.keys();
  if (table === undefined || others.length > 0) {
    throw new LoomstackError("CLI__USAGE", { reason: "--where needs one table, not ALL" });
  }
  return { [table]: parseMonitorConditions(schema, table, where) };
}

/** Prints the events that came together: for people a sheet for each table, as JSON a line for each row. */
function eventPrinter(
  io: CommandIo,
  presentation: Presentation,
  { tables, actions }: MonitorRequest,
  { timestamp }: MonitorOptions,
): (events: readonly RowEvent[]) => void {
  let isFirst = true;
  return (events) => {
    const wanted = events.filter(({ action }) => actions.has(action));
    if (wanted.length === 0) return;
    const time = timestamp === true ? new Date(io.clock.now()).toISOString() : undefined;
    if (presentation.format === "json") {
      io.output.send(wanted.map((event) => formatJson(eventJson(event, time), false)).join(""));
      return;
    }
    const gap = isFirst ? "" : "\n";
    isFirst = false;
    io.output.send(`${gap}${time === undefined ? "" : `${time}\n`}${formatEvents(wanted, tables, presentation)}`);
  };
}

function formatEvents(
  events: readonly RowEvent[],
  tables: ReadonlyMap<string, ReadonlyMap<string, ColumnSchema>>,
  presentation: Presentation,
): string {
  const byTable = Map.groupBy(events, ({ table }) => table);
  const sheets = Array.from(byTable, ([table, ofTable]) =>
    eventSheet(`${table} table`, tables.get(table) ?? new Map<string, ColumnSchema>(), ofTable),
  );
  return formatSheets(sheets, presentation);
}
