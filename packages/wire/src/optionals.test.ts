import { expect, expectTypeOf, test } from "vitest";
import { decode, encode, type ValueOf } from "./codec.ts";
import { u16, u32, u8 } from "./integers.ts";
import { optionals } from "./optionals.ts";

const Range = optionals(u16, { min: [0, u32], max: [1, u32], flag: [15, u8] });

test("a mask says which members follow, in the order of the declaration", () => {
  expect([...encode(Range, { flag: 9, max: 7 })]).toEqual([0x80, 0x02, 0, 0, 0, 7, 9]);
  expect(decode(Range, Uint8Array.of(0x80, 0x02, 0, 0, 0, 7, 9))).toEqual({ max: 7, flag: 9 });
  expect(decode(Range, Uint8Array.of(0, 0))).toEqual({});
  expectTypeOf<ValueOf<typeof Range>["min"]>().toEqualTypeOf<number | undefined>();
});

test("a bit that nobody knows is refused, because what it stands for can't be skipped", () => {
  expect(() => decode(Range, Uint8Array.of(0, 4), "range")).toThrow(
    "range at byte 2: a mask of 0x4 where 0x8003 is all",
  );
});

test("a member that is missing is named", () => {
  expect(() => decode(Range, Uint8Array.of(0, 2, 0), "range")).toThrow("range.max ends at byte 3");
});
