import { expect, test } from "vitest";
import { bytesToEnd } from "./bytes.ts";
import { decode, encode } from "./codec.ts";
import { u16, u8 } from "./integers.ts";
import { filledUp, zeros, zerosToEnd } from "./padding.ts";
import { struct } from "./struct.ts";
import { tlv } from "./tlv.ts";
import { variants } from "./variants.ts";

test("bytes that must be zero are zero", () => {
  const Value = struct({ a: u8, _: zeros(2), b: u8 });
  expect([...encode(Value, { a: 1, b: 2 })]).toEqual([1, 0, 0, 2]);
  expect(decode(Value, Uint8Array.of(1, 0, 0, 2))).toEqual({ a: 1, b: 2 });
  expect(() => decode(Value, Uint8Array.of(1, 0, 9, 2), "value")).toThrow(
    "value._ at byte 3: a byte 9 where only zeros are allowed",
  );
  expect(() => decode(Value, Uint8Array.of(1, 0))).toThrow(expect.objectContaining({ code: "WIRE__TRUNCATED" }));
});

test("padding at the end is zero, and less than a whole unit", () => {
  const Item = tlv(
    { type: u8, length: u16, alignTo: 4, lengthCountsPadding: true },
    variants({ one: [1, { value: u8, _: zerosToEnd(4) }], two: [2, { value: u16, _: zerosToEnd(4) }] }),
  );
  expect([...encode(Item, { kind: "two", value: 7 })]).toEqual([2, 0, 8, 0, 7, 0, 0, 0]);
  expect(decode(Item, Uint8Array.of(2, 0, 8, 0, 7, 0, 0, 0))).toEqual({ kind: "two", value: 7 });
  expect(decode(Item, Uint8Array.of(1, 0, 4, 7))).toEqual({ kind: "one", value: 7 });
  expect(() => decode(Item, Uint8Array.of(2, 0, 8, 0, 7, 0, 1, 0))).toThrow("where only zeros are allowed");
  expect(() => decode(Item, Uint8Array.of(1, 0, 8, 7, 0, 0, 0, 0))).toThrow("4 bytes left over");
});

test("a field is filled up with zeros", () => {
  const Value = filledUp(4, struct({ value: u8 }));
  expect([...encode(Value, { value: 7 })]).toEqual([7, 0, 0, 0]);
  expect(decode(Value, Uint8Array.of(7, 0, 0, 0))).toEqual({ value: 7 });
  expect(() => decode(Value, Uint8Array.of(7, 0, 1, 0))).toThrow("where only zeros are allowed");
  expect(() => encode(filledUp(1, bytesToEnd), Uint8Array.of(1, 2))).toThrow("2 bytes does not fit into 1 bytes");
});

test("what fills up a field that isn't understood isn't looked at", () => {
  const Unknown = filledUp(2, { read: (reader) => void reader.u8(), write: () => undefined });
  expect(decode(Unknown, Uint8Array.of(7, 9))).toBeUndefined();
});
