/**
 * What others have done to what is ours in a hypervisor's database, told by the operations that undo it: what was right,
 * and has to be put right again, somebody else has changed.
 */
import type { Uuid } from "@loomstack/core";
import { isJsonArray, isJsonObject, type Json, type JsonObject, type Operation } from "@loomstack/ovsdb";
import type { Drift, DriftKind } from "@loomstack/model";
import type { HypervisorTables } from "../inventory/monitored.ts";
import type { OwnedTable } from "./ownership.ts";

const kindOf: Readonly<Record<OwnedTable, DriftKind>> = {
  Bridge: "bridge",
  Port: "port",
  Interface: "interface",
  Controller: "controller",
};

/**
 * @param tables as they were when the operations were planned
 * @param operations of one bridge
 */
export function bridgeDrift(tables: HypervisorTables, bridge: string, operations: readonly Operation[]): Drift[] {
  const inserted = operations.flatMap(({ json }) => (json["op"] === "insert" ? [json] : []));
  // All of its rows are made with it.
  if (inserted.some(({ table }) => table === "Bridge")) return [{ kind: "bridge", what: `bridge ${bridge} was gone` }];
  const made = new Set(inserted.filter(({ table }) => table === "Port").map(nameOf));
  return operations.flatMap(({ json }) => {
    const { op, table } = json;
    if (!isOwnedTable(table)) return [];
    if (op === "insert" && table === "Interface" && made.has(nameOf(json))) return [];
    if (op === "insert")
      return [{ kind: kindOf[table], what: `${noun(table)} ${nameOf(json)} of bridge ${bridge} was gone` }];
    if (op === "update") return updated(tables, bridge, table, json);
    return op === "mutate" ? mutated(tables, bridge, table, json) : [];
  });
}

function updated(tables: HypervisorTables, bridge: string, table: OwnedTable, json: JsonObject): Drift[] {
  const row = rowOf(tables, table, json);
  return Object.keys(isJsonObject(json["row"]) ? json["row"] : {}).map((column) => ({
    kind: kindOf[table],
    what: `${column} of ${subject(table, row, bridge)} was ${column === "interfaces" ? "another" : textOf(row?.[column])}`,
  }));
}

function mutated(tables: HypervisorTables, bridge: string, table: OwnedTable, json: JsonObject): Drift[] {
  const row = rowOf(tables, table, json);
  const mutations = isJsonArray(json["mutations"]) ? json["mutations"] : [];
  const keys = new Set<string>();
  const drifts: Drift[] = [];
  for (const mutation of mutations) {
    const [column, mutator, value] = isJsonArray(mutation) ? mutation : [];
    if (column === "external_ids") for (const key of keysOf(value)) keys.add(key);
    // What is inserted has a row of its own among the operations.
    else if (mutator === "delete") drifts.push(...surplus(tables, bridge, column, value));
  }
  const present = row?.["external_ids"];
  for (const key of keys) {
    const before = present instanceof Map ? (present as ReadonlyMap<string, unknown>).get(key) : undefined;
    const state = before === undefined ? "gone" : textOf(before);
    drifts.push({ kind: "external-ids", what: `external_ids:${key} of ${subject(table, row, bridge)} was ${state}` });
  }
  return drifts;
}

/** What a bridge referred to, and isn't to refer to any more. */
function surplus(tables: HypervisorTables, bridge: string, column: Json | undefined, value: Json | undefined): Drift[] {
  const table = column === "controller" ? "Controller" : "Port";
  const rows: ReadonlyMap<Uuid, AnyRow> = tables[table];
  return uuidsOf(value).map((uuid) => {
    const row = rows.get(uuid);
    return { kind: kindOf[table], what: `${subject(table, row, bridge)} was added` };
  });
}

type AnyRow = Readonly<Record<string, unknown>>;

function rowOf(tables: HypervisorTables, table: OwnedTable, { where }: JsonObject): AnyRow | undefined {
  const rows: ReadonlyMap<Uuid, AnyRow> = tables[table];
  const [condition] = isJsonArray(where) ? where : [];
  const [uuid] = isJsonArray(condition) ? uuidsOf(condition[2]) : [];
  return uuid === undefined ? undefined : rows.get(uuid);
}

function subject(table: OwnedTable, row: AnyRow | undefined, bridge: string): string {
  if (table === "Bridge") return `bridge ${bridge}`;
  return `${noun(table)} ${textOf(row?.["name"] ?? row?.["target"])} of bridge ${bridge}`;
}

function noun(table: OwnedTable): string {
  return table.toLowerCase();
}

/** Of a row that is inserted. */
function nameOf({ row }: JsonObject): string {
  return isJsonObject(row) ? textOf(row["name"] ?? row["target"]) : "";
}

/** A value of a column, as ovs-vsctl shows it. */
function textOf(value: unknown): string {
  if (value instanceof Map)
    return `{${[...(value as ReadonlyMap<unknown, unknown>)].map((pair) => pair.map(textOf).join("=")).join(", ")}}`;
  if (value instanceof Set) return `[${[...(value as ReadonlySet<unknown>)].map(textOf).join(", ")}]`;
  if (typeof value === "string") return value === "" ? '""' : value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? String(value) : "empty";
}

/** UUIDs of rows that are there, in a set or alone (RFC 7047, 5.1). */
function uuidsOf(value: Json | undefined): Uuid[] {
  const [kind, content] = isJsonArray(value) ? value : [];
  if (kind === "uuid" && typeof content === "string") return [content as Uuid];
  return kind === "set" && isJsonArray(content) ? content.flatMap(uuidsOf) : [];
}

/** The keys of a map, or a set of keys (RFC 7047, 5.1). */
function keysOf(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  const [kind, content] = isJsonArray(value) ? value : [];
  if (!isJsonArray(content)) return [];
  return content.flatMap((one) => (kind === "map" && isJsonArray(one) ? keysOf(one[0]) : keysOf(one)));
}

function isOwnedTable(table: Json | undefined): table is OwnedTable {
  return typeof table === "string" && Object.hasOwn(kindOf, table);
}
