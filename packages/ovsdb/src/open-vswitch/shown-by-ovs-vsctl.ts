import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { configurationSelection } from "./selection.ts";

type Vsctl = (...args: readonly string[]) => Promise<string>;
type ListedRow = Readonly<Record<string, unknown>>;

export interface Shown {
  /** `ovs-vsctl show`. */
  readonly show: readonly string[];
  /** `ovs-vsctl list` by table. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** `ovs-vsctl get-manager`. */
  readonly managers: string;
}

/** Columns that ovs-vswitchd chooses, beside the ephemeral ones. */
const chosen: readonly string[] = ["_uuid", "ofport", "datapath_version", "bond_active_slave"];

/** For tests: what ovs-vsctl(8) shows and lists, without what differs from one time to the next. */
export async function shownByOvsVsctl(vsctl: Vsctl): Promise<Shown> {
  const names = Object.keys(configurationSelection).filter((table) => table !== "Open_vSwitch");
  const tables = await list(vsctl, names);
  const labels = new Map(
    tables.flatMap(([table, rows]) => rows.map((row) => [uuidOf(row["_uuid"]), labelOf(table, row)])),
  );
  return {
    show: sortedTree((await vsctl("show")).split("\n")),
    lists: Object.fromEntries(
      tables.map(([table, rows]) => [table, rows.map((row) => JSON.stringify(plain(table, row, labels))).sort()]),
    ),
    managers: await vsctl("get-manager"),
  };
}

/** One line of JSON for each table. */
async function list(
  vsctl: Vsctl,
  tables: readonly string[],
): Promise<readonly (readonly [string, readonly ListedRow[]])[]> {
  const commands = tables.flatMap((table, index) => [...(index === 0 ? [] : ["--"]), "list", table]);
  const lines = (await vsctl("--format=json", ...commands)).split("\n");
  return tables.map((table, index) => {
    const { headings, data } = JSON.parse(lines[index] ?? "") as {
      readonly headings: readonly string[];
      readonly data: readonly (readonly unknown[])[];
    };
    const rows = data.map((row) => Object.fromEntries(row.map((value, column) => [headings[column] ?? "", value])));
    return [table, rows] as const;
  });
}

function uuidOf(value: unknown): string {
  return Array.isArray(value) ? String(value[1]) : "";
}

function labelOf(table: string, row: ListedRow): string {
  const name = row["name"] ?? row["target"];
  return typeof name === "string" ? `${table} ${name}` : table;
}

function plain(table: string, row: ListedRow, labels: ReadonlyMap<string, string>): ListedRow {
  const { columns = {} } = (openVswitch as DatabaseSchema).tables[table] ?? {};
  const entries = Object.entries(row).filter(
    ([column]) => columns[column]?.ephemeral !== true && !chosen.includes(column),
  );
  return Object.fromEntries(entries.map(([column, value]) => [column, sorted(labelled(value, labels))]));
}

function labelled(value: unknown, labels: ReadonlyMap<string, string>): unknown {
  if (!Array.isArray(value)) return value;
  if (value[0] === "uuid") return labels.get(String(value[1])) ?? "unknown row";
  return value.map((element) => labelled(element, labels));
}

/** Sets and maps come in the order of UUIDs. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value) || (value[0] !== "set" && value[0] !== "map") || !Array.isArray(value[1])) return value;
  return [value[0], value[1].map((element) => JSON.stringify(element)).sort()];
}

/** Lines that are indented under others stay with them; siblings, which come in the order of UUIDs, are sorted. */
function sortedTree(lines: readonly string[]): readonly string[] {
  const depthOf = (line: string): number => line.length - line.trimStart().length;
  const outer = Math.min(...lines.map(depthOf));
  const groups: string[][] = [];
  for (const line of lines) {
    if (depthOf(line) === outer) groups.push([line]);
    else groups.at(-1)?.push(line);
  }
  return groups
    .map(([head = "", ...rest]) => [
      head.trim(),
      ...(rest.length === 0 ? [] : sortedTree(rest).map((line) => `  ${line}`)),
    ])
    .map((group) => group.join("\n"))
    .sort();
}
