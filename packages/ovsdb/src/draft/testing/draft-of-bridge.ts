/** A draft over a small replica that no server feeds. */
import { parseUuid, type Uuid } from "@loomstack/core";
import { ReplicaTables } from "../../cache/tables.ts";
import type { AnyRow } from "../../monitor/row-update.ts";
import { selectTables } from "../../monitor/selection.ts";
import { openVswitch, type OpenVswitch } from "../../schema/open-vswitch.generated.ts";
import type { DatabaseSchema } from "../../schema/schema.ts";
import { AnyDraft } from "../any-draft.ts";
import type { Draft } from "../draft.ts";

export const selected = {
  Open_vSwitch: ["bridges", "next_cfg"],
  Bridge: ["name", "fail_mode", "ports", "external_ids", "flood_vlans"],
  Port: ["name", "interfaces", "tag"],
} as const;

const uuidOf = (n: number): Uuid => parseUuid(`00000000-0000-4000-8000-00000000000${n}`);
export const [root, bridge, port, iface, stranger] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4), uuidOf(5)];

export const bridgeRow: AnyRow = {
  name: "br0",
  fail_mode: "secure",
  ports: new Set([port]),
  external_ids: new Map([
    ["a", "1"],
    ["b", "2"],
  ]),
  flood_vlans: new Set([]),
};

/** As an Open vSwitch that lacks a table, a column, and has another as something else. */
export const oldServer: DatabaseSchema = {
  ...openVswitch,
  version: "7.0.0",
  tables: {
    Open_vSwitch: openVswitch.tables.Open_vSwitch,
    Port: openVswitch.tables.Port,
    Bridge: {
      ...openVswitch.tables.Bridge,
      columns: Object.fromEntries(
        Object.entries<DatabaseSchema["tables"][string]["columns"][string]>(openVswitch.tables.Bridge.columns)
          .filter(([name]) => name !== "flood_vlans")
          .map(([name, column]) => [name, name === "stp_enable" ? { ...column, key: { type: "string" } } : column]),
      ),
    },
  },
};

/** A draft over a replica of a bridge with a port, and a hand on the replica. */
export function setUp(server: DatabaseSchema = openVswitch) {
  const selection = selectTables(openVswitch, selected, server);
  const rows = new ReplicaTables(selection);
  rows.apply([
    { table: "Open_vSwitch", uuid: root, kind: "insert", row: { bridges: new Set([bridge]), next_cfg: 7 } },
    { table: "Bridge", uuid: bridge, kind: "insert", row: bridgeRow },
    {
      table: "Port",
      uuid: port,
      kind: "insert",
      row: { name: "p0", interfaces: new Set([iface]), tag: undefined },
    },
  ]);
  const untyped = new AnyDraft({ schema: openVswitch, server, selection, table: (name) => rows.table(name) });
  const draft = untyped as unknown as Draft<OpenVswitch, typeof selected>;
  const foreign = (row: Partial<AnyRow>): void =>
    rows.apply([{ table: "Bridge", uuid: bridge, kind: "replace", row: { ...bridgeRow, ...row } }]);
  return { rows, draft, foreign, sent: () => draft.operations.map(({ json }) => json) };
}
