import {
  type FlowNames,
  formatGroup,
  formatGroupStats,
  formatMeter,
  formatMeterStats,
  formatPorts,
  formatPortStats,
  formatTableStats,
  groupDescriptions,
  groupStats,
  meterConfigs,
  meterStats,
  type PortDescription,
  portDescriptions,
  portStats,
  type Request,
  type TableStats,
  tableStats,
} from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeLines } from "../../render/control-characters.ts";
import { jsonLines } from "./json-lines.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
import { namesOf, withSwitch } from "./switch.ts";

interface DumpOptions extends SwitchOptions {
  readonly stats?: boolean;
}

/** A list that a switch gives, and how it is printed. */
interface Listing<Entry> {
  readonly request: Request<readonly Entry[]>;
  readonly lines: (entries: readonly Entry[], names: FlowNames) => readonly string[];
}

const groups = oneByOne(groupDescriptions(), (group, names) => ` ${formatGroup(group, names)}`);
const groupCounters = oneByOne(groupStats(), (stats) => ` ${formatGroupStats(stats)}`);
const meters = oneByOne(meterConfigs(), formatMeter);
const meterCounters = oneByOne(meterStats(), formatMeterStats);
const ports: Listing<PortDescription> = { request: portDescriptions(), lines: (entries) => [formatPorts(entries)] };
const portCounters = oneByOne(portStats(), formatPortStats);
const tables: Listing<TableStats> = { request: tableStats(), lines: (entries) => [formatTableStats(entries)] };

/** `dump-groups <switch>`: the groups, or what they have counted. */
export function addDumpGroups(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "dump-groups", io)
    .description("print the groups of a switch")
    .option("--stats", "what they have counted")
    .action((remote: string, options: DumpOptions) =>
      options.stats === true ? dump(io, remote, options, groupCounters) : dump(io, remote, options, groups),
    );
}

/** `dump-meters <switch>`: the meters, or what they have counted. */
export function addDumpMeters(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "dump-meters", io)
    .description("print the meters of a switch")
    .option("--stats", "what they have counted")
    .action((remote: string, options: DumpOptions) =>
      options.stats === true ? dump(io, remote, options, meterCounters) : dump(io, remote, options, meters),
    );
}

/** `dump-ports <switch>`: the ports, or what they have counted. */
export function addDumpPorts(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "dump-ports", io)
    .alias("dump-ports-desc")
    .description("print the ports of a switch")
    .option("--stats", "what they have counted")
    .action((remote: string, options: DumpOptions) =>
      options.stats === true ? dump(io, remote, options, portCounters) : dump(io, remote, options, ports),
    );
}

/** `dump-tables <switch>`: how many flows the tables have, and what they have counted. */
export function addDumpTables(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "dump-tables", io)
    .description("print how many flows the tables of a switch have, and what they have counted")
    .action((remote: string, options: DumpOptions) => dump(io, remote, options, tables));
}

async function dump<Entry>(
  io: CommandIo,
  remote: string,
  options: DumpOptions,
  { request, lines }: Listing<Entry>,
): Promise<void> {
  await withSwitch(io, remote, options, async (connection) => {
    const entries = await connection.request(request);
    const text = (): string =>
      lines(entries, namesOf(connection, options))
        .map((line) => `${escapeLines(line)}\n`)
        .join("");
    await io.output.write(options.json === true ? jsonLines(entries) : text());
  });
}

function oneByOne<Entry>(
  request: Request<readonly Entry[]>,
  line: (entry: Entry, names: FlowNames) => string,
): Listing<Entry> {
  return { request, lines: (entries, names) => entries.map((entry) => line(entry, names)) };
}
