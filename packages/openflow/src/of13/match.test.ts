import { type Ipv4, type Mac } from "@loomstack/core";
import { decode, encode } from "@loomstack/wire";
import { expect, test } from "vitest";
import { match, matchEntries, type Match, normalMatch } from "./match.ts";
import { type FieldName, fieldByNumber, fieldRow, fieldRows } from "./oxm.ts";
import { ofPort } from "./ports.ts";

const group = "01:00:00:00:00:00" as Mac;

test("every number stands for one field, and finds its row", () => {
  const numbers = fieldRows.map(({ oxmClass, number, experimenter }) => `${oxmClass}:${experimenter}:${number}`);
  expect(new Set(numbers).size).toBe(fieldRows.length);
  for (const row of fieldRows) {
    for (const { oxmClass, number, experimenter, wireName } of [row, row.subfield, ...row.others]) {
      expect(fieldByNumber(oxmClass, number, experimenter)?.row.name, wireName).toBe(row.name);
    }
  }
});

test("every field comes behind its prerequisites", () => {
  for (const row of fieldRows) {
    const { vlanTag, connection, ...others } = row.requires;
    const required = [
      ...Object.keys(others),
      ...(vlanTag === true ? ["vlanVid"] : []),
      ...(connection === true ? ["ctState"] : []),
    ] as FieldName[];
    for (const name of required) expect(fieldRow(name).order, `${name} for ${row.name}`).toBeLessThan(row.order);
  }
});

test("equal matches have equal bytes, whatever the order of their fields", () => {
  const one: Match = { arpTpa: "10.0.0.1" as Ipv4, inPort: ofPort(5), ethType: 0x0806 };
  const other: Match = { ethType: 0x0806, arpTpa: "10.0.0.1" as Ipv4, inPort: ofPort(5) };
  expect(encode(match, one)).toEqual(encode(match, other));
  expect(Object.keys(decode(match, encode(match, one)))).toEqual(["inPort", "ethType", "arpTpa"]);
});

test("the normal form has no masks of all ones or zeros, and no bits outside of a mask", () => {
  const clumsy: Match = {
    ethDst: { value: "01:23:45:67:89:ab" as Mac, mask: group },
    ethSrc: { value: group, mask: "ff:ff:ff:ff:ff:ff" as Mac },
    reg0: { value: 7, mask: 0 },
    reg1: { value: 0xffff_ffff, mask: 0x8000_0000 },
    vlanVid: { value: 0x1003, mask: 0xffff },
    metadata: undefined,
  };
  expect(normalMatch(clumsy)).toEqual({
    ethSrc: group,
    ethDst: { value: group, mask: group },
    vlanVid: 0x1003,
    reg1: { value: 0x8000_0000, mask: 0x8000_0000 },
  });
});

test("a mask on a field that can't have one is refused before it is sent", () => {
  expect(() => encode(match, { ethType: { value: 0x0800, mask: 0xff00 } })).toThrow(
    "ethType can't be masked with 0xff00",
  );
});

test("a field that comes twice is refused", () => {
  const once = "80000004 00000001";
  const bytes = Buffer.from(`0001 0014 ${once} ${once} 00000000`.replaceAll(" ", ""), "hex");
  expect(() => decode(match, bytes)).toThrow("the field inPort for the second time");
});

test("a field of another size than its type's is refused", () => {
  const bytes = Buffer.from("0001000a 80000002 0001 000000000000".replaceAll(" ", ""), "hex");
  expect(() => decode(match, bytes, "match")).toThrow("match.inPort at byte 8: a size of 2 where 4 is due");
});

test("a match that isn't made of TLVs is refused", () => {
  expect(() => decode(match, Buffer.from("0000000400000000", "hex"))).toThrow("a match of type 0 instead of 1 (OXM)");
});

const matchOf = (fields: string): Uint8Array => {
  const body = fields.replaceAll(" ", "");
  const length = 4 + body.length / 2;
  return Uint8Array.from(
    Buffer.from(`0001${length.toString(16).padStart(4, "0")}${body}${"00".repeat((8 - (length % 8)) % 8)}`, "hex"),
  );
};

test.each([
  ["in another order", "80000a02 0800 80000004 00000001", ["OXM_OF_ETH_TYPE", "OXM_OF_IN_PORT"]],
  ["by other numbers", "00000002 0001 00000602 0800", ["NXM_OF_IN_PORT", "NXM_OF_ETH_TYPE"]],
  ["with a mask of all ones", "8000070c 525400000001 ffffffffffff", ["OXM_OF_ETH_DST"]],
  ["with bits outside of the mask", "00010108 000000ff 0000000f", ["NXM_NX_REG0"]],
  ["with a mask of zeros", "00010108 00000000 00000000", ["NXM_NX_REG0"]],
  ["with a mask that it can't have", "80000b04 0800 ff00", ["OXM_OF_ETH_TYPE"]],
  [
    "with a field that isn't known between others",
    "80000004 00000001 0001fc01 07 80000a02 0800",
    ["OXM_OF_IN_PORT", "unknown", "OXM_OF_ETH_TYPE"],
  ],
  [
    "with an experimenter's field that isn't known",
    "ffff0008 00001234 00000001 80000004 00000001",
    ["unknown", "OXM_OF_IN_PORT"],
  ],
])("a match that is written %s is written so again", (_, fields, layout) => {
  const decoded = decode(match, matchOf(fields));
  expect(decoded.layout).toEqual(layout);
  expect(encode(match, decoded)).toEqual(matchOf(fields));
});

test("what is added to a received match is written behind what it had, and what is taken away isn't", () => {
  const received = decode(match, matchOf("80000a02 0800 80000004 00000001"));
  const { inPort: _, ...changed } = { ...received, ipv4Src: "10.0.0.1" as Ipv4 };
  expect(encode(match, changed)).toEqual(matchOf("80000a02 0800 80001604 0a000001"));
});

test("options of a tunnel have as many bytes as they are given", () => {
  const value: Match = { tunMetadata5: { value: Uint8Array.of(1, 2, 3), mask: Uint8Array.of(0, 0, 0) } };
  expect(encode(match, value)).toEqual(matchOf("00015b06 000000 000000"));
  expect(decode(match, matchOf("00015b06 000000 000000")).tunMetadata5).toEqual({
    value: new Uint8Array(3),
    mask: new Uint8Array(3),
  });
  expect(() => decode(match, matchOf("00015b05 0000000000"))).toThrow("a size of 5");
  expect(() => encode(match, { tunMetadata5: new Uint8Array(125) })).toThrow("125 bytes");
});

test("an option without bytes keeps its mask, which it is asked for with", () => {
  const none = { value: new Uint8Array(), mask: new Uint8Array() };
  expect(encode(match, { tunMetadata5: none })).toEqual(matchOf("00015b00"));
  expect(matchEntries(decode(match, matchOf("00015b00")))).toEqual([expect.objectContaining(none)]);
  expect(encode(match, { tunMetadata5: none.value })).toEqual(matchOf("00015a00"));
});
