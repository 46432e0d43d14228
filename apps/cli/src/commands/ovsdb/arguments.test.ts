import { openVswitch } from "@loomstack/ovsdb";
import { expect, test } from "vitest";
import { splitArguments } from "./database-argument.ts";
import { parseMonitorArguments, parseMonitorConditions } from "./monitor-arguments.ts";
import { parseTransaction } from "./transaction-argument.ts";

test("the first argument is the database's name if there is such a database", () => {
  const split = (databases: readonly string[], args: readonly string[], rest = {}): unknown =>
    splitArguments("unix:x", databases, args, rest);
  const both = ["Open_vSwitch", "Other", "_Server"];
  expect(split(both, ["Other", "Bridge"])).toEqual({ database: "Other", rest: ["Bridge"] });
  expect(split(both, ["Bridge", "name"])).toEqual({ database: "Open_vSwitch", rest: ["Bridge", "name"] });
  expect(split(both, [])).toEqual({ database: "Open_vSwitch", rest: [] });
  expect(split(["Other", "_Server"], ["T"])).toEqual({ database: "Other", rest: ["T"] });
  // A table that has the name of a database, where a table is needed.
  expect(split(both, ["Open_vSwitch"], { fewest: 1 })).toEqual({ database: "Open_vSwitch", rest: ["Open_vSwitch"] });
  expect(() => split(["One", "Two"], ["T"])).toThrow("the databases One, Two; say which one is meant");
  expect(() => split(both, ["Nix"], { most: 0 })).toThrow("has no database Nix");
});

test("what to monitor is ALL or a table, columns in any grouping, and events to leave out", () => {
  const one = parseMonitorArguments(openVswitch, ["Bridge", "name,!initial", "ports", "!modify"]);
  expect([...(one.tables.get("Bridge")?.keys() ?? [])]).toEqual(["name", "ports"]);
  expect([...one.actions]).toEqual(["insert", "delete"]);
  const all = parseMonitorArguments(openVswitch, ["ALL"]);
  expect([...all.tables.keys()]).toEqual(Object.keys(openVswitch.tables).sort());
  expect(all.actions.size).toBe(4);
  expect(() => parseMonitorArguments(openVswitch, ["Bridge", "nix"])).toThrow("no column nix");
  expect(() => parseMonitorArguments(openVswitch, ["Nix"])).toThrow("no table Nix");
});

test("conditions of a monitor are those of RFC 7047", () => {
  const parse = (text: string): unknown => parseMonitorConditions(openVswitch, "Bridge", text);
  expect(parse('[["name","==","br0"],true,["external_ids","includes",["map",[["a","b"]]]]]')).toEqual([
    ["name", "==", "br0"],
    true,
    ["external_ids", "includes", new Map([["a", "b"]])],
  ]);
  for (const [text, reason] of [
    ["[", "JSON"],
    ["{}", "aren't a JSON array"],
    ['["name","==","br0"]', "each is true, false, or"],
    ['[["name","~","br0"]]', "each is true, false, or"],
    ['[["name","==",1]]', "name: a string was expected"],
    ['[["nix","==",1]]', "no column nix"],
  ] as const) {
    expect(() => parse(text)).toThrow(reason);
  }
});

test("a transaction is an array of the database's name and operations, with all digits of integers", () => {
  expect(parseTransaction('["db", {"op": "x", "n": 9007199254740993}]')).toEqual({
    database: "db",
    operations: [{ op: "x", n: 9_007_199_254_740_993n }],
  });
  expect(() => parseTransaction("[")).toThrow("isn't JSON");
  expect(() => parseTransaction('{"op": "x"}')).toThrow('["DATABASE", {"op": …}, …]');
  expect(() => parseTransaction("[{}]")).toThrow('["DATABASE", {"op": …}, …]');
  expect(() => parseTransaction('["db", {}, 1]')).toThrow("operation 1 of the transaction isn't a JSON object");
});
