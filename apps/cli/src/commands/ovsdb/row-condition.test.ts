import { parseUuid } from "@loomstack/core";
import { type ColumnValue, type DatabaseSchema, openVswitch } from "@loomstack/ovsdb";
import { describe, expect, test } from "vitest";
import { parseRowCondition } from "./row-condition.ts";

const uuid = parseUuid("0b4b3a4c-8c0a-4d0e-9d5c-1f2e3d4c5b6a");
const port = parseUuid("1b4b3a4c-8c0a-4d0e-9d5c-1f2e3d4c5b6a");
const schema: DatabaseSchema = openVswitch;

const row: Readonly<Record<string, ColumnValue>> = {
  name: "br 0",
  ports: new Set([port]),
  flood_vlans: new Set([2, 1]),
  external_ids: new Map([
    ["a", "x y"],
    ["n:m", "1500"],
  ]),
  other_config: new Map(),
  fail_mode: undefined,
  stp_enable: true,
};

function holds(text: string): boolean {
  return parseRowCondition(schema, "Bridge", text).holds(uuid, row);
}

test.each([
  'name="br 0"',
  'name=="br 0"',
  "name!=br0",
  "name<bs",
  "stp_enable=true",
  "stp_enable=yes",
  "fail_mode=[]",
  "fail_mode!=secure",
  "flood_vlans=1,2",
  "flood_vlans=[2, 1]",
  "flood_vlans=2 1",
  "flood_vlans<1,2,3",
  "flood_vlans<1,3",
  "flood_vlans>5",
  "flood_vlans{>=}2",
  "flood_vlans{<=}1,2,3",
  "flood_vlans{<}1,2,3",
  "flood_vlans{in}1,2",
  "flood_vlans{not-in}3,4",
  'external_ids:a="x y"',
  'external_ids:"n:m"="1500"',
  'external_ids:"n:m"{>=}[]',
  'external_ids={a="x y","n:m"="1500"}',
  'external_ids{>=}a="x y"',
  "external_ids:nix{=}[]",
  "other_config={}",
  `_uuid=${uuid.toUpperCase()}`,
  `ports=${port}`,
  "ports!=[]",
])("%s is satisfied", (text) => expect(holds(text)).toBe(true));

test.each([
  "name=br0",
  "name>c",
  "stp_enable=false",
  "fail_mode=secure",
  "flood_vlans=1",
  "flood_vlans>1,2",
  "flood_vlans{<}1,2",
  "flood_vlans{>}1,2",
  "flood_vlans{not-in}2,3",
  "external_ids:a=x",
  // As with ovs-vsctl, a row without the key isn't meant.
  "external_ids:nix!=x",
  "external_ids:nix=[]",
  "external_ids={}",
  `_uuid=${port}`,
])("%s isn't satisfied", (text) => expect(holds(text)).toBe(false));

test("integers beyond 2^53 are compared exactly", () => {
  const { holds: isSo } = parseRowCondition(schema, "Open_vSwitch", "next_cfg=9007199254740993");
  expect(isSo(uuid, { next_cfg: 9_007_199_254_740_993n })).toBe(true);
  expect(isSo(uuid, { next_cfg: 9_007_199_254_740_992n })).toBe(false);
});

describe("what can't be read is refused", () => {
  test.each([
    ["name", "CLI__USAGE", "behind the column one of"],
    ["=br0", "CLI__USAGE", "it has to begin with a column"],
    ["name=", "CLI__USAGE", "nothing is written []"],
    ['name="br', "CLI__USAGE", "a quote isn't closed"],
    ["name:a=b", "CLI__USAGE", "only a column of key-value pairs has keys"],
    ["flood_vlans=[1,2", "CLI__USAGE", '"]" is expected'],
    ["flood_vlans=x", "CLI__USAGE", "it isn't of type integer"],
    ["flood_vlans=1.5", "CLI__USAGE", "it isn't of type integer"],
    ["flood_vlans=[1]x", "CLI__USAGE", '"]" is expected'],
    ["flood_vlans=1,,2", "CLI__USAGE", "isn't expected"],
    ["stp_enable=maybe", "CLI__USAGE", "it isn't of type boolean"],
    ["ports=br0", "CLI__USAGE", "it isn't a UUID"],
    ["external_ids=a", "CLI__USAGE", "a key needs = and a value"],
    ["external_ids=a=", "CLI__USAGE", "a value is missing"],
    ["nix=1", "OVSDB__UNKNOWN_COLUMN", "no column nix"],
  ])("%s", (text, code, message) => {
    expect(() => holds(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
