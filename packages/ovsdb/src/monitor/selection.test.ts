import { expect, test } from "vitest";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import { readRow } from "./row-update.ts";
import { missingOf, monitorRequests, selectTables } from "./selection.ts";

/** The Open_vSwitch schema with other columns in Port, and without Flow_Table. */
function serverWith(columns: Readonly<Record<string, ColumnSchema>>): DatabaseSchema {
  const { Flow_Table: _gone, ...tables } = openVswitch.tables;
  return { ...openVswitch, tables: { ...tables, Port: { ...openVswitch.tables.Port, columns } } };
}

const text = { type: "string" } as const;

test("what the server doesn't have isn't asked for, is named, and reads as its default", () => {
  const server = serverWith({ name: { key: text, min: 1, max: 1 } });
  const selection = selectTables(openVswitch, { Port: ["name", "tag", "external_ids"], Flow_Table: "all" }, server);
  expect(missingOf(selection)).toEqual(["Port.tag", "Port.external_ids", "Flow_Table"]);
  expect(monitorRequests(selection)).toEqual({ Port: [{ columns: ["name"] }] });
  const port = selection.get("Port");
  expect(port && readRow(port, { name: "p", tag: 7 })).toEqual({ name: "p", tag: undefined, external_ids: new Map() });
});

test.each<readonly [string, "name" | "tag" | "trunks", ColumnSchema, boolean]>([
  ["another type", "name", { key: { type: "integer" }, min: 1, max: 1 }, false],
  ["several values where we have one", "tag", { key: { type: "integer" }, min: 0, max: 9 }, false],
  ["perhaps no value where we have one", "name", { key: text, min: 0, max: 1 }, false],
  ["one value where we have perhaps one", "tag", { key: { type: "integer" }, min: 1, max: 1 }, true],
  ["one value where we have several", "trunks", { key: { type: "integer" }, min: 0, max: 1 }, true],
  ["pairs where we have values", "trunks", { key: { type: "integer" }, value: text, min: 0, max: 9 }, false],
])("a column that has %s on the server can be used: %s", (_, name, column, isUsable) => {
  const selection = selectTables(openVswitch, { Port: [name] }, serverWith({ [name]: column }));
  expect(missingOf(selection)).toEqual(isUsable ? [] : [`Port.${name}`]);
});

test("conditions and kinds of events are asked for by table", () => {
  const selection = selectTables(openVswitch, { Port: ["name"], Bridge: ["name"] }, openVswitch);
  const where = new Map([["Port", [["name", "==", "p"]]]]);
  expect(monitorRequests(selection, { where, select: new Map([["Bridge", { initial: false }]]) })).toEqual({
    Port: [{ columns: ["name"], where: [["name", "==", "p"]] }],
    Bridge: [{ columns: ["name"], select: { initial: false } }],
  });
});

test("selecting what our own schema doesn't have is a mistake of the caller", () => {
  expect(() => selectTables(openVswitch, { Brigde: "all" }, openVswitch)).toThrow("has no table Brigde");
  expect(() => selectTables(openVswitch, { Bridge: ["nmae"] }, openVswitch)).toThrow("has no column nmae");
});
