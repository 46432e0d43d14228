import { type Ipv4, type Mac } from "@loomstack/core";
import { decode, encode } from "@loomstack/wire";
import { expect, test } from "vitest";
import { match, type Match, matchEntries, normalMatch } from "./match.ts";
import { type FieldName, fieldByNumber, fieldRow, fieldRows } from "./oxm.ts";
import { ofPort } from "./ports.ts";

const group = "01:00:00:00:00:00" as Mac;

test("every number stands for one field, and finds its row", () => {
  const numbers = fieldRows.map(({ oxmClass, number }) => `${oxmClass}:${number}`);
  expect(new Set(numbers).size).toBe(fieldRows.length);
  for (const row of fieldRows) {
    expect(fieldByNumber(row.oxmClass, row.number)?.name).toBe(row.name);
    expect(fieldByNumber(row.subfield.oxmClass, row.subfield.number)?.name).toBe(row.name);
  }
});

test("every field comes behind its prerequisites", () => {
  for (const row of fieldRows) {
    const { vlanTag, ...others } = row.requires;
    const required = [...Object.keys(others), ...(vlanTag === true ? ["vlanVid"] : [])] as FieldName[];
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
  expect(() => matchEntries({ ethType: { value: 0x0800, mask: 0xff00 } })).toThrow(
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
