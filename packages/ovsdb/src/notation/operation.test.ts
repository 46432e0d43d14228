import { expect, test } from "vitest";
import { parseUuid, type Uuid } from "@loomstack/core";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { Row } from "../schema/row-types.ts";
import { serverDatabase } from "../schema/server.generated.ts";
import { stringifyJson } from "./json.ts";
import {
  abort,
  assert,
  comment,
  commit,
  insert,
  mutate,
  type Operation,
  remove,
  select,
  update,
  wait,
} from "./operation.ts";
import { namedUuid } from "./uuid.ts";

const id = parseUuid("36bef046-7da7-43a5-905a-c17899216fcb");
const where = [["_uuid", "==", id]] as const;

test.each<readonly [string, Operation, string]>([
  [
    "an insert",
    insert(
      openVswitch,
      "Bridge",
      { name: "br0", ports: new Set([namedUuid("p")]), external_ids: new Map([["k", "v"]]) },
      { uuidName: namedUuid("b") },
    ),
    '{"op":"insert","table":"Bridge","row":{"name":"br0","ports":["set",[["named-uuid","p"]]],"external_ids":["map",[["k","v"]]]},"uuid-name":"b"}',
  ],
  [
    "an insert with a UUID",
    insert(openVswitch, "Bridge", {}, { uuid: id }),
    `{"op":"insert","table":"Bridge","row":{},"uuid":"${id}"}`,
  ],
  [
    "an update that takes an optional value away",
    update(openVswitch, "Port", where, { tag: undefined }),
    `{"op":"update","table":"Port","where":[["_uuid","==",["uuid","${id}"]]],"row":{"tag":["set",[]]}}`,
  ],
  [
    "a mutation",
    mutate(
      openVswitch,
      "Bridge",
      [["name", "==", "br0"]],
      [
        ["external_ids", "delete", new Set(["k"])],
        ["external_ids", "insert", new Map([["k", "v"]])],
      ],
    ),
    '{"op":"mutate","table":"Bridge","where":[["name","==","br0"]],"mutations":[["external_ids","delete",["set",["k"]]],["external_ids","insert",["map",[["k","v"]]]]]}',
  ],
  [
    "arithmetic beyond 2^53",
    mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "+=", 2n ** 60n]]),
    '{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["next_cfg","+=",1152921504606846976]]}',
  ],
  [
    "a deletion",
    remove(openVswitch, "Port", [["tag", "<", 5]]),
    '{"op":"delete","table":"Port","where":[["tag","<",5]]}',
  ],
  [
    "a selection",
    select(openVswitch, "Port", [], ["_uuid", "tag"]),
    '{"op":"select","table":"Port","where":[],"columns":["_uuid","tag"]}',
  ],
  [
    "a wait",
    wait(openVswitch, "Bridge", [], ["name"], "!=", [{ name: "br0" }], 50),
    '{"op":"wait","table":"Bridge","where":[],"columns":["name"],"until":"!=","rows":[{"name":"br0"}],"timeout":50}',
  ],
  [
    "a wait for ever, on a row's UUID",
    wait(openVswitch, "Bridge", [], ["_uuid"], "==", [{ _uuid: id }], Infinity),
    `{"op":"wait","table":"Bridge","where":[],"columns":["_uuid"],"until":"==","rows":[{"_uuid":["uuid","${id}"]}]}`,
  ],
  ["a selection of all columns", select(openVswitch, "Port", []), '{"op":"select","table":"Port","where":[]}'],
  [
    "a deletion of some of all rows",
    remove(openVswitch, "Port", [true, ["_version", "!=", id], ["tag", "excludes", new Set([1, 2])]]),
    `{"op":"delete","table":"Port","where":[true,["_version","!=",["uuid","${id}"]],["tag","excludes",["set",[1,2]]]]}`,
  ],
  ["a comment", comment("why"), '{"op":"comment","comment":"why"}'],
  ["an assertion", assert("lock"), '{"op":"assert","lock":"lock"}'],
  ["an abortion", abort(), '{"op":"abort"}'],
  ["a commitment", commit(true), '{"op":"commit","durable":true}'],
])("%s is written as RFC 7047 says", (_, operation, expected) => {
  expect(stringifyJson(operation.json)).toBe(expected);
});

test("results are read by the operation that they belong to", () => {
  expect(insert(openVswitch, "Bridge", {}).decodeResult({ uuid: ["uuid", id] })).toEqual({ uuid: id });
  expect(
    select(openVswitch, "Port", [], ["_uuid", "tag"]).decodeResult({ rows: [{ _uuid: ["uuid", id], tag: 7 }] }),
  ).toEqual({ rows: [{ _uuid: id, tag: 7 }] });
  expect(() => remove(openVswitch, "Port", []).decodeResult({})).toThrow("a count of rows was expected");
  expect(() => select(openVswitch, "Port", [], ["tag"]).decodeResult({ rows: [{}] })).toThrow(
    "Port.tag was sent wrongly",
  );
});

test("of a server that lacks columns all others are read, and those are named", () => {
  const { decodeResult } = select(serverDatabase, "Database", []);
  const row = { _uuid: ["uuid", id], _version: ["uuid", id], name: "db", model: "standalone", schema: ["set", []] };
  const read = { _uuid: id, _version: id, name: "db", model: "standalone", schema: undefined };
  expect(decodeResult({ rows: [row, row] })).toEqual({
    rows: Array(2).fill({ ...read, connected: false, leader: false, cid: undefined, sid: undefined, index: undefined }),
    missing: ["connected", "leader", "cid", "sid", "index"].map((column) => `Database.${column}`),
  });
  expect(decodeResult({ rows: [] })).toEqual({ rows: [] });
});

test.each([-1, 0.5, NaN, 2 ** 60])("%s ms is no timeout of a wait", (timeoutMs) => {
  expect(() => wait(openVswitch, "Bridge", [], ["name"], "==", [], timeoutMs)).toThrow(
    "the timeout of a wait can't hold this value",
  );
});

test("misspelt and mistyped operations don't compile, and don't run either", () => {
  // @ts-expect-error there is no table Brigde
  expect(() => insert(openVswitch, "Brigde", {})).toThrow("has no table Brigde");
  // @ts-expect-error there is no column nmae
  expect(() => insert(openVswitch, "Bridge", { nmae: "br0" })).toThrow("has no column nmae");
  // @ts-expect-error a name is text
  expect(() => insert(openVswitch, "Bridge", { name: 7 })).toThrow("Bridge.name can't hold this value");
  // @ts-expect-error ports is a set
  expect(() => insert(openVswitch, "Bridge", { ports: id })).toThrow("a Set was expected");
  // @ts-expect-error external_ids is a map
  expect(() => insert(openVswitch, "Bridge", { external_ids: { k: "v" } })).toThrow("a Map was expected");
  // @ts-expect-error there is no column nmae
  expect(() => remove(openVswitch, "Bridge", [["nmae", "==", "br0"]])).toThrow("has no column nmae");
  // @ts-expect-error there is no column nmae
  expect(() => select(openVswitch, "Bridge", [], ["nmae"])).toThrow("has no column nmae");
  // @ts-expect-error there is no column nmae
  expect(() => wait(openVswitch, "Bridge", [], ["nmae"], "==", [])).toThrow("has no column nmae");
  // @ts-expect-error arithmetic doesn't work on text
  expect(() => mutate(openVswitch, "Bridge", [], [["datapath_type", "+=", 1]])).toThrow("a string was expected");
});

test("a mutation that would kill ovsdb-server isn't made", () => {
  expect(() => mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "*=", 0]])).toThrow("write 0 with an update");
  expect(() => mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "*=", 0n]])).toThrow("write 0 with an update");
});

test("what a server would refuse by its schema doesn't compile", () => {
  // @ts-expect-error fail_mode is standalone or secure
  insert(openVswitch, "Bridge", { fail_mode: "open" });
  // @ts-expect-error a name can be set by an insert only
  update(openVswitch, "Bridge", [], { name: "br1" });
  // @ts-expect-error a name can be set by an insert only
  mutate(openVswitch, "Bridge", [], [["name", "insert", "br1"]]);
  // @ts-expect-error a bridge isn't ordered
  remove(openVswitch, "Bridge", [["name", "<", "br1"]]);
  // @ts-expect-error a name of a row isn't the UUID of a bridge
  insert(openVswitch, "Bridge", { ports: new Set(["p1"]) });
});

test("rows have the types of their columns", () => {
  const port = {} as Row<typeof openVswitch, "Port">;
  const bridge = {} as Row<typeof openVswitch, "Bridge">;
  port.tag satisfies number | undefined;
  port.interfaces satisfies ReadonlySet<Uuid> | undefined;
  bridge.fail_mode satisfies "standalone" | "secure" | undefined;
  bridge.flow_tables satisfies ReadonlyMap<number, Uuid> | undefined;
  // @ts-expect-error a tag may be absent
  port.tag satisfies number;
  // @ts-expect-error an integer without bounds may be a bigint
  port.bond_updelay satisfies number;
  expect(port).toEqual({});
});
