/** What a draft shows and what it sends, without a server. */
import type { Uuid } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import type { AnyRow } from "../monitor/row-update.ts";
import { namedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { RowId } from "./draft.ts";
import { bridge, bridgeRow, iface, port, root, setUp, stranger } from "./testing/draft-of-bridge.ts";

const whereBridge = [["_uuid", "==", ["uuid", bridge]]];

describe("what is sent", () => {
  test("nothing for a draft without writes, nor for one whose writes change nothing", () => {
    const { draft, sent } = setUp();
    expect(sent()).toEqual([]);
    draft.update("Bridge", bridge, { fail_mode: "standalone", external_ids: new Map() });
    draft.update("Bridge", bridge, { fail_mode: "secure" });
    draft.mutate("Bridge", bridge, [
      ["external_ids", "insert", new Map([["b", "2"]])],
      ["external_ids", "insert", new Map([["a", "1"]])],
      ["ports", "delete", new Set([stranger])],
    ]);
    draft.mutate("Open_vSwitch", root, [["next_cfg", "+=", 1]]);
    draft.mutate("Open_vSwitch", root, [["next_cfg", "-=", 1]]);
    expect(sent()).toEqual([]);
  });

  test("one update of the scalars of a row, one mutation of its sets and maps, however often they are written", () => {
    const { draft, sent } = setUp();
    draft.update("Bridge", bridge, { fail_mode: "standalone" });
    draft.mutate("Bridge", bridge, [["external_ids", "insert", new Map([["c", "3"]])]]);
    draft.update("Bridge", bridge, { fail_mode: undefined, ports: new Set([port, stranger]) });
    draft.mutate("Bridge", bridge, [["external_ids", "delete", new Set(["a"])]]);
    expect(sent()).toEqual([
      { op: "update", table: "Bridge", where: whereBridge, row: { fail_mode: ["set", []] } },
      {
        op: "mutate",
        table: "Bridge",
        where: whereBridge,
        mutations: [
          ["external_ids", "delete", ["set", ["a"]]],
          ["external_ids", "insert", ["map", [["c", "3"]]]],
          ["ports", "insert", ["set", [["uuid", stranger]]]],
        ],
      },
    ]);
  });

  test("a pair with a new value is deleted by its key and inserted", () => {
    const { draft, sent } = setUp();
    draft.update("Bridge", bridge, {
      external_ids: new Map([
        ["a", "9"],
        ["b", "2"],
      ]),
    });
    expect(sent()).toMatchObject([
      {
        mutations: [
          ["external_ids", "delete", ["set", ["a"]]],
          ["external_ids", "insert", ["map", [["a", "9"]]]],
        ],
      },
    ]);
  });

  test("the last element of a column that can't be empty is deleted only after another is there", () => {
    const { draft, sent } = setUp();
    draft.update("Port", port, { interfaces: new Set([stranger]) });
    expect(sent()).toMatchObject([
      {
        mutations: [
          ["interfaces", "insert", ["set", [["uuid", stranger]]]],
          ["interfaces", "delete", ["set", [["uuid", iface]]]],
        ],
      },
    ]);
  });

  test("the whole value of a column that the server has with one element at most", () => {
    const { Bridge } = openVswitch.tables;
    const columns = { ...Bridge.columns, flood_vlans: { ...Bridge.columns.flood_vlans, max: 1 } };
    const { draft, sent } = setUp({
      ...openVswitch,
      tables: { ...openVswitch.tables, Bridge: { ...Bridge, columns } },
    });
    draft.update("Bridge", bridge, { flood_vlans: new Set([4]) });
    expect(sent()).toMatchObject([{ op: "update", row: { flood_vlans: ["set", [4]] } }]);
  });

  test("arithmetic as arithmetic, for the server to do, until a value is given", () => {
    const { draft, sent } = setUp();
    draft.mutate("Open_vSwitch", root, [["next_cfg", "+=", 1]]);
    draft.mutate("Open_vSwitch", root, [["next_cfg", "*=", 2]]);
    expect(draft.table("Open_vSwitch").get(root)?.next_cfg).toBe(16);
    expect(sent()).toMatchObject([
      {
        op: "mutate",
        mutations: [
          ["next_cfg", "+=", 1],
          ["next_cfg", "*=", 2],
        ],
      },
    ]);
    draft.update("Open_vSwitch", root, { next_cfg: 3 });
    draft.mutate("Open_vSwitch", root, [["next_cfg", "%=", 2]]);
    expect(sent()).toMatchObject([{ op: "update", row: { next_cfg: 1 } }]);
  });

  test("writes to columns and tables that aren't replicated as they are", () => {
    const { draft, sent } = setUp();
    draft.mutate("Bridge", bridge, [["other_config", "insert", new Map([["x", "y"]])]]);
    draft.update("Bridge", bridge, { datapath_type: "" });
    draft.update("Interface", iface, { options: new Map([["k", "v"]]) });
    draft.mutate("Interface", iface, [["options", "delete", new Set(["k"])]]);
    draft.delete("Interface", stranger);
    expect(sent()).toEqual([
      { op: "update", table: "Bridge", where: whereBridge, row: { datapath_type: "" } },
      {
        op: "mutate",
        table: "Bridge",
        where: whereBridge,
        mutations: [["other_config", "insert", ["map", [["x", "y"]]]]],
      },
      { op: "update", table: "Interface", where: [["_uuid", "==", ["uuid", iface]]], row: { options: ["map", []] } },
      { op: "delete", table: "Interface", where: [["_uuid", "==", ["uuid", stranger]]] },
    ]);
  });

  test("of new rows what isn't the default, with all that was written to them later", () => {
    const { draft, sent } = setUp();
    const made = draft.insert("Port", { name: "p1", tag: undefined, trunks: new Set() });
    draft.update("Port", made, { tag: 5 });
    draft.mutate("Port", made, [["tag", "+=", 2]]);
    draft.mutate("Bridge", bridge, [["ports", "insert", new Set([made])]]);
    draft.insert("Port", { name: "p2" }, { uuid: stranger });
    draft.delete("Port", draft.insert("Port", { name: "p3" }, { uuidName: namedUuid("p3") }));
    expect(sent()).toEqual([
      { op: "insert", table: "Port", row: { name: "p1", tag: 7 }, "uuid-name": made },
      { op: "insert", table: "Port", row: { name: "p2" }, uuid: stranger },
      {
        op: "mutate",
        table: "Bridge",
        where: whereBridge,
        mutations: [["ports", "insert", ["set", [["named-uuid", made]]]]],
      },
    ]);
  });

  test("a deletion instead of changes, and none of a row that is gone already", () => {
    const { draft, sent, rows } = setUp();
    draft.update("Port", port, { tag: 3 });
    draft.delete("Port", port);
    expect(sent()).toEqual([{ op: "delete", table: "Port", where: [["_uuid", "==", ["uuid", port]]] }]);
    rows.apply([{ table: "Port", uuid: port, kind: "delete" }]);
    expect(sent()).toEqual([]);
  });

  test("what was read first, to be verified, once for each row and before all else", () => {
    const { draft, sent, foreign } = setUp();
    draft.update("Bridge", bridge, { fail_mode: "standalone" });
    draft.verify("Bridge", bridge, ["fail_mode"]);
    draft.verify("Port", port, []);
    foreign({ fail_mode: undefined });
    draft.verify("Bridge", bridge, ["name", "fail_mode"]);
    const verification = { op: "wait", until: "==", timeout: 0 };
    expect(sent()).toMatchObject([
      { ...verification, columns: ["fail_mode", "name"], rows: [{ fail_mode: "secure", name: "br0" }] },
      { ...verification, columns: ["_uuid"], rows: [{ _uuid: ["uuid", port] }] },
      { op: "update" },
    ]);
  });
});

describe("what is shown", () => {
  test("rows that are inserted, with defaults, changed and deleted ones, in every way of looking", () => {
    const { draft } = setUp();
    const made = draft.insert("Bridge", { name: "br1", ports: new Set([port]) });
    draft.update("Bridge", bridge, { fail_mode: undefined });
    draft.delete("Port", port);
    const shown = new Map<RowId, AnyRow>([
      [bridge, { ...bridgeRow, fail_mode: undefined }],
      [
        made,
        {
          name: "br1",
          fail_mode: undefined,
          ports: new Set([port]),
          external_ids: new Map(),
          flood_vlans: new Set(),
        },
      ],
    ]);
    const bridges = draft.table("Bridge");
    expect(new Map(bridges)).toEqual(shown);
    expect([bridges.size, [...bridges.keys()], [...bridges.values()]]).toEqual([
      2,
      [...shown.keys()],
      [...shown.values()],
    ]);
    const visited = new Map<unknown, unknown>();
    bridges.forEach((row, id) => visited.set(id, row));
    expect(visited).toEqual(shown);
    expect([bridges.has(made), bridges.has(stranger), bridges.get(stranger)]).toEqual([true, false, undefined]);
    const ports = draft.table("Port");
    expect([ports.size, ports.has(port), ports.get(port), [...ports]]).toEqual([0, false, undefined, []]);
  });

  test("the same object as long as a row is the same, and the replica's own when it isn't written to", () => {
    const { draft, rows, foreign } = setUp();
    expect(draft.table("Bridge").get(bridge)).toBe(rows.table("Bridge")?.get(bridge));
    draft.update("Bridge", bridge, { fail_mode: undefined });
    const shown = draft.table("Bridge").get(bridge);
    expect(draft.table("Bridge").get(bridge)).toBe(shown);
    foreign({ name: "br9" });
    expect(draft.table("Bridge").get(bridge)).toEqual({ ...bridgeRow, name: "br9", fail_mode: undefined });
    expect(rows.table("Bridge")?.get(bridge)?.["fail_mode"]).toBe("secure");
  });

  test("elements that others write meanwhile, beside those of the draft", () => {
    const { draft, foreign, sent } = setUp();
    draft.update("Bridge", bridge, { external_ids: new Map([["b", "3"]]) });
    foreign({
      external_ids: new Map([
        ["a", "1"],
        ["b", "2"],
        ["theirs", "1"],
      ]),
    });
    expect(draft.table("Bridge").get(bridge)?.external_ids).toEqual(
      new Map([
        ["theirs", "1"],
        ["b", "3"],
      ]),
    );
    expect(sent()).toMatchObject([
      {
        mutations: [
          ["external_ids", "delete", ["set", ["a", "b"]]],
          ["external_ids", "insert", ["map", [["b", "3"]]]],
        ],
      },
    ]);
  });

  test("a copy of what was written, with integers in one form", () => {
    const { draft } = setUp();
    const vlans = new Set([1, 5n as unknown as number]);
    draft.update("Bridge", bridge, { flood_vlans: vlans });
    vlans.add(7);
    expect(draft.table("Bridge").get(bridge)?.flood_vlans).toEqual(new Set([1, 5]));
  });

  test("rows by an index of the replica, as the draft has them", () => {
    const { draft, rows } = setUp();
    using untyped = rows.index("Bridge", ({ ports }) => ports as ReadonlySet<Uuid>);
    const byPort = untyped as unknown as Parameters<typeof draft.find<"Bridge", Uuid>>[0];
    expect([...draft.find(byPort, port).keys()]).toEqual([bridge]);
    const made = draft.insert("Port", { name: "p1" });
    draft.update("Bridge", bridge, { ports: new Set([made]) });
    const other = draft.insert("Bridge", { name: "br1", ports: new Set([port, made]) });
    expect([...draft.find(byPort, port).keys()]).toEqual([other]);
    expect([...draft.find(byPort, made).keys()]).toEqual([bridge, other]);
    draft.delete("Bridge", bridge);
    expect([...draft.find(byPort, made).keys()]).toEqual([other]);
  });
});
