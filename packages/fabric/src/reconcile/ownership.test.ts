import type { LocalVlan, Uuid } from "@loomstack/core";
import { isJsonObject, openVswitch } from "@loomstack/ovsdb";
import { describe, expect, test } from "vitest";
import { desiredBridges } from "../compile/desired-bridges.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { HypervisorTables } from "../inventory/monitored.ts";
import { bridgeDrift } from "./bridge-drift.ts";
import { diffBridges } from "./diff-bridges.ts";
import { isOurKey, ownedColumns, type OwnedTable } from "./ownership.ts";

type AnyRow = Record<string, unknown>;
type AnyTables = Record<string, Map<Uuid, AnyRow>>;

const controller = "tcp:192.0.2.9:6653";
const desired = desiredBridges({
  datapathType: "system",
  controller,
  vlans: new Map([[uuid(1), 1 as LocalVlan]]),
  encapsulations: new Set(["vxlan"]),
  physicalNetworks: new Set(["physnet1"]),
});
const marks = (): Map<string, string> => new Map([["loomstack", "owned"]]);

/** A database in which everything of ours is right. */
function rightTables(): AnyTables {
  const tables: AnyTables = { Open_vSwitch: new Map(), Bridge: new Map(), Port: new Map(), Interface: new Map() };
  tables["Controller"] = new Map();
  tables["Open_vSwitch"]?.set(uuid(1), {});
  let next = 100;
  const add = (table: string, row: AnyRow): Uuid => {
    const id = uuid((next += 1));
    tables[table]?.set(id, row);
    return id;
  };
  for (const { name, ports, externalIds, failMode, protocols, datapathType } of desired) {
    const target = { target: controller, connection_mode: "out-of-band", max_backoff: 1_000, external_ids: marks() };
    add("Bridge", {
      ...{ name, fail_mode: failMode, protocols: new Set(protocols), datapath_type: datapathType },
      controller: new Set([
        add("Controller", { ...target, inactivity_probe: undefined, enable_async_messages: undefined }),
      ]),
      external_ids: new Map(externalIds),
      ports: new Set(
        ports.map((port) => {
          const one = { name: port.name, type: port.type, options: new Map(port.options), external_ids: marks() };
          const interfaces = new Set([add("Interface", one)]);
          return add("Port", { name: port.name, interfaces, tag: undefined, external_ids: marks() });
        }),
      ),
    });
  }
  return tables;
}

/** A value that a column can have, and that is none that we would set. */
const wrong: Readonly<Record<OwnedTable, Readonly<Record<string, unknown>>>> = {
  Bridge: {
    datapath_type: "netdev",
    fail_mode: "standalone",
    protocols: new Set(["OpenFlow10"]),
    ports: new Set(),
    controller: new Set(),
    external_ids: new Map([["loomstack", "adopt"]]),
  },
  Port: { interfaces: new Set(), tag: 7, external_ids: new Map() },
  Interface: { type: "gre", options: new Map([["peer", "nobody"]]), external_ids: new Map() },
  Controller: {
    target: "tcp:192.0.2.66:6653",
    connection_mode: "in-band",
    max_backoff: 8_000,
    inactivity_probe: 60_000,
    enable_async_messages: false,
    external_ids: new Map(),
  },
};

const difference = (tables: AnyTables) => diffBridges(tables as unknown as HypervisorTables, desired);
const tablesOfOurs = Object.keys(ownedColumns) as OwnedTable[];
const columnsOf = (table: OwnedTable): string[] => Object.keys(ownedColumns[table]);
const owned = tablesOfOurs.flatMap((table) => columnsOf(table).map((column) => [table, column] as const));
const others = tablesOfOurs.flatMap((table) =>
  Object.entries(openVswitch.tables[table].columns)
    .filter(([column]) => column !== "name" && !columnsOf(table).includes(column))
    .map(([column]) => [table, column] as const),
);

describe("what is declared as ours", () => {
  test("of a database where it is right nothing is changed", () => {
    expect(difference(rightTables()).flatMap(({ operations }) => operations)).toEqual([]);
  });

  test.each(owned)("%s.%s is put right, and told in words", (table, column) => {
    const tables = rightTables();
    for (const row of tables[table]?.values() ?? []) row[column] = wrong[table][column];
    // A row that nothing refers to is no more.
    if (column === "ports") for (const gone of ["Port", "Interface"]) tables[gone]?.clear();
    const drifts = difference(tables).flatMap(({ bridge, operations }) => {
      expect(operations.length).toBeGreaterThan(0);
      return bridgeDrift(tables as unknown as HypervisorTables, bridge, operations);
    });
    expect(drifts.length).toBeGreaterThanOrEqual(desired.length);
    for (const { what } of drifts) expect(what).toMatch(/ (was .+|were others)$/);
    // What a row refers to is told as what was gone or added.
    if (!["ports", "controller", "target", "interfaces"].includes(column))
      expect(drifts.map(({ what }) => what)).toContainEqual(expect.stringContaining(column));
  });

  test("all that is written is declared", () => {
    const empty = { ...rightTables(), Bridge: new Map(), Port: new Map(), Interface: new Map(), Controller: new Map() };
    const written = difference(empty).flatMap(({ operations }) =>
      operations.flatMap(({ json: { op, table, row } }) =>
        op === "insert" && typeof table === "string" && isJsonObject(row)
          ? Object.keys(row).map((column) => `${table}.${column}`)
          : [],
      ),
    );
    const allowed = owned.map(([table, column]) => `${table}.${column}`);
    expect(new Set(written).difference(new Set([...allowed, ...tablesOfOurs.map((table) => `${table}.name`)]))).toEqual(
      new Set(),
    );
  });
});

describe("what isn't declared as ours", () => {
  test.each(others)("%s.%s is left as it is", (table, column) => {
    const tables = rightTables();
    for (const row of tables[table]?.values() ?? []) row[column] = "an administrator's";
    expect(difference(tables).flatMap(({ operations }) => operations)).toEqual([]);
  });

  test.each(tablesOfOurs)("other keys of %s.external_ids are left as they are", (table) => {
    const tables = rightTables();
    for (const { external_ids } of tables[table]?.values() ?? [])
      if (external_ids instanceof Map) external_ids.set("theirs", "1");
    expect(isOurKey("theirs")).toBe(false);
    expect(difference(tables).flatMap(({ operations }) => operations)).toEqual([]);
  });
});
