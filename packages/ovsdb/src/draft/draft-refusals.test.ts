import type { Uuid } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { namedUuid } from "../notation/uuid.ts";
import { bridge, bridgeRow, oldServer, port, root, setUp, stranger } from "./testing/draft-of-bridge.ts";

describe("what a draft refuses and then doesn't do", () => {
  test("rows that aren't there", () => {
    const { draft, rows, sent } = setUp();
    const missing = { code: "OVSDB__NO_SUCH_ROW", context: { table: "Bridge", uuid: stranger } };
    expect(() => draft.update("Bridge", stranger, {})).toThrow(expect.objectContaining(missing));
    expect(() => draft.delete("Bridge", stranger)).toThrow(expect.objectContaining(missing));
    expect(() => draft.verify("Bridge", stranger, [])).toThrow(expect.objectContaining(missing));
    const made = draft.insert("Port", { name: "p1" });
    expect(() => draft.update("Bridge", made, {})).toThrow("has no row Port_1");
    expect(() => draft.update("Interface", made, {})).toThrow("has no row Port_1");
    draft.delete("Port", port);
    expect(() => draft.mutate("Port", port, [])).toThrow("has no row");
    draft.update("Bridge", bridge, { fail_mode: undefined });
    rows.apply([{ table: "Bridge", uuid: bridge, kind: "delete" }]);
    expect(sent).toThrow("has no row");
    expect(draft.table("Bridge").size).toBe(0);
  });

  test("tables and columns that the server doesn't have, or has with another type", () => {
    const { draft, sent } = setUp(oldServer);
    const lacking = (label: string) =>
      expect.objectContaining({
        code: "OVSDB__NOT_ON_SERVER",
        context: { label, schema: "Open_vSwitch", version: "7.0.0" },
      }) as Error;
    expect(() => draft.update("Bridge", bridge, { fail_mode: undefined, flood_vlans: new Set([1]) })).toThrow(
      lacking("Bridge.flood_vlans"),
    );
    expect(() => draft.mutate("Bridge", bridge, [["flood_vlans", "insert", new Set([1])]])).toThrow(
      lacking("Bridge.flood_vlans"),
    );
    expect(() => draft.insert("Bridge", { stp_enable: true })).toThrow(lacking("Bridge.stp_enable"));
    expect(() => draft.insert("Interface", {})).toThrow(lacking("Interface"));
    expect(draft.table("Bridge").get(bridge)).toEqual(bridgeRow);
    draft.verify("Bridge", bridge, ["name", "flood_vlans"]);
    expect(sent()).toMatchObject([{ op: "wait", columns: ["name"] }]);
  });

  test("values and mutations that can't be", () => {
    const { draft, sent } = setUp();
    const immutable = { name: "other" } as object;
    expect(() => draft.update("Bridge", bridge, immutable)).toThrow("Bridge.name can't hold this value");
    expect(() => draft.update("Bridge", bridge, { _uuid: stranger } as object)).toThrow("every row has it");
    expect(() => draft.update("Bridge", bridge, { nmae: "" } as object)).toThrow("has no column nmae");
    expect(() => draft.update("Port", port, { tag: "1" as unknown as number })).toThrow("a 64-bit integer");
    expect(() => draft.mutate("Open_vSwitch", root, [["next_cfg", "/=", 0]])).toThrow("division by zero");
    expect(() => draft.mutate("Open_vSwitch", root, [["next_cfg", "*=", 0]])).toThrow("write 0 with an update");
    expect(() =>
      draft.mutate("Open_vSwitch", root, [
        ["next_cfg", "+=", 1],
        ["next_cfg", "*=", 2n ** 62n],
      ]),
    ).toThrow("64 bits");
    expect(() => draft.insert("Port", {}, { uuid: port })).toThrow("is taken");
    draft.insert("Port", {}, { uuidName: namedUuid("mine") });
    expect(() => draft.insert("Interface", {}, { uuidName: namedUuid("mine") })).toThrow("mine is taken");
    expect(() => draft.verify("Bridge", bridge, ["stp_enable" as "name"])).toThrow("it isn't replicated");
    expect(sent()).toMatchObject([{ op: "insert", "uuid-name": "mine" }]);
  });

  test("results that aren't the draft's", () => {
    const { draft } = setUp();
    draft.verify("Bridge", bridge, []);
    const made = draft.insert("Port", { name: "p1" });
    expect(draft.uuidsOf([{}, { uuid: stranger }, { count: 1 }])).toEqual(new Map([[made, stranger]]));
    expect(() => draft.uuidsOf([{ uuid: stranger }])).toThrow("operation 1 is the insert of Port_1");
    expect(() => draft.uuidsOf([{}, { count: 1 }])).toThrow("operation 1 is the insert of Port_1");
  });
});

test("what isn't in the schema or isn't selected doesn't compile", () => {
  const { draft } = setUp();
  const check = (): void => {
    // @ts-expect-error there is no table Brigde
    draft.insert("Brigde", {});
    // @ts-expect-error a tag is a number
    draft.update("Port", port, { tag: "7" });
    // @ts-expect-error the name of a port is set by its insert only
    draft.update("Port", port, { name: "p9" });
    // @ts-expect-error a scalar has no elements to insert
    draft.mutate("Open_vSwitch", root, [["next_cfg", "insert", 1]]);
    // @ts-expect-error interfaces aren't replicated
    draft.table("Interface");
    // @ts-expect-error stp_enable isn't selected
    const _stp: unknown = draft.table("Bridge").get(bridge)?.stp_enable;
    // @ts-expect-error nor can it be verified
    draft.verify("Bridge", bridge, ["stp_enable"]);
    // @ts-expect-error a row that is only drafted can't have changed
    draft.verify("Bridge", namedUuid("made"), ["name"]);
    // @ts-expect-error rows aren't changed but written
    draft.table("Port").get(port).tag = 7;
    // @ts-expect-error a reference may be to a row without a UUID
    const _uuids: ReadonlySet<Uuid> | undefined = draft.table("Bridge").get(bridge)?.ports;
  };
  expect(check).toThrow();
});
