import { expect, test } from "vitest";
import { encode } from "./codec.ts";
import { u16 } from "./integers.ts";
import { struct } from "./struct.ts";
import { Writer, written } from "./writer.ts";

test("what was written stays as it is while more is written", () => {
  const first = written("first", (writer) => writer.u16(0x0102));
  const second = written("second", (writer) => writer.u16(0x0304));
  expect([...first, ...second]).toEqual([1, 2, 3, 4]);
});

test("writing may write something else meanwhile", () => {
  const outer = written("outer", (writer) => {
    writer.u8(1);
    writer.bytes(written("inner", (inner) => inner.u8(2)));
    writer.u8(3);
  });
  expect([...outer]).toEqual([1, 2, 3]);
});

test("what failed leaves nothing in what is written next, nor in its path", () => {
  const pair = struct({ first: u16, second: u16 });
  expect(() => encode(pair, { first: 1, second: -1 }, "pair")).toThrow("pair.second: -1 does not fit into u16");
  expect([...encode(pair, { first: 1, second: 2 }, "pair")]).toEqual([0, 1, 0, 2]);
  expect(() => encode(pair, { first: 65_536, second: 1 }, "other")).toThrow("other.first");
});

test("lengths are filled in where they belong, also when what is written outgrows its block", () => {
  const writer = new Writer();
  writer.u8(9);
  writer.finish();
  writer.u16(0);
  writer.bytes(new Uint8Array(100_000).fill(7));
  writer.setU16(0, 0xabcd);
  const bytes = writer.finish();
  expect(bytes).toHaveLength(100_002);
  expect([...bytes.subarray(0, 3), bytes.at(-1)]).toEqual([0xab, 0xcd, 7, 7]);
});

test("padding is zero, whatever was written before", () => {
  const writer = new Writer();
  for (let round = 0; round < 5_000; round++) {
    writer.bytes(new Uint8Array(9).fill(0xff));
    writer.finish();
    writer.zeros(7);
    expect(writer.finish().every((octet) => octet === 0)).toBe(true);
  }
});
