import { isLoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import { Reader } from "./reader.ts";

test("numbers are big-endian, and 64 bits are bigints", () => {
  const reader = new Reader(Uint8Array.from({ length: 19 }, (_, index) => 0xf0 + index));
  expect(reader.u8()).toBe(0xf0);
  expect(reader.u16()).toBe(0xf1f2);
  expect(reader.u32()).toBe(0xf3f4f5f6);
  expect(reader.i32()).toBe(0xf7f8f9fa - 2 ** 32);
  expect(reader.u64()).toBe(0xfbfcfdfeff000102n);
});

test("bytes are copied, even out of a Buffer", () => {
  const source = Buffer.from([1, 2, 3]);
  const read = new Reader(source).bytes(3);
  source.fill(0);
  expect(read).toEqual(Uint8Array.of(1, 2, 3));
});

test("reading past the end of a scope is refused, even where the bytes go on", () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4), "message");
  expect(() => reader.scoped(1, () => reader.u16())).toThrow("message ends at byte 1, 1 bytes short");
});

test("a scope can't be larger than the one that it is in", () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4));
  expect(() => reader.scoped(2, () => reader.scoped(3, () => 0))).toThrow("1 bytes short");
});

test("a scope that isn't used up is refused", () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4));
  expect(() => reader.scoped(3, () => reader.u16())).toThrow("1 bytes left over at byte 2");
});

test("a hostile size costs nothing", () => {
  try {
    new Reader(Uint8Array.of(1)).bytes(2 ** 40);
    expect.unreachable();
  } catch (error) {
    expect(isLoomstackError(error, "WIRE__TRUNCATED")).toBe(true);
  }
});
