import { expect, test } from "vitest";
import { bytesToEnd } from "./bytes.ts";
import { type Codec, decode, encode, mapped, withDefault } from "./codec.ts";
import { openEnumOf } from "./enums.ts";
import { u16, u32, u64, u8 } from "./integers.ts";
import { pad } from "./padding.ts";
import { reading } from "./reader.ts";
import { struct } from "./struct.ts";

const doubled: Codec<number> = mapped(u8, { decode: (half) => half * 2, encode: (value) => value / 2 });
const Head = struct({ size: u16, _: pad(1), colour: openEnumOf(u8, { red: 1 }), id: withDefault(u32, 7) });
const Whole = struct({ head: Head, cookie: u64, twice: doubled, rest: bytesToEnd });
const bytes = Uint8Array.of(0, 5, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 4, 0xaa);
const value = { head: { size: 5, colour: "red", id: 7 }, cookie: 9n, twice: 8, rest: Uint8Array.of(0xaa) } as const;

test("properties of fixed form are read and written as all others, with their defaults and padding", () => {
  expect(decode(Whole, bytes)).toEqual(value);
  expect(encode(Whole, { ...value, head: { size: 5, colour: "red" } })).toEqual(bytes);
  expect(decode(Head, Uint8Array.of(0, 5, 99, 8, 0, 0, 0, 7))).toEqual({ size: 5, colour: 8, id: 7 });
});

test.each([
  [1, "whole.head.size ends at byte 1, 1 bytes short"],
  [3, "whole.head.colour ends at byte 3, 1 bytes short"],
  [7, "whole.head.id ends at byte 7, 1 bytes short"],
  [9, "whole.cookie ends at byte 9, 7 bytes short"],
  [16, "whole.twice ends at byte 16, 1 bytes short"],
])("bytes that end after %i are missed where they should be", (size, message) => {
  // Behind the end there is more, which is nobody's.
  const end = Buffer.concat([Buffer.of(1, 2, 3), bytes]).subarray(3, 3 + size);
  expect(() => decode(Whole, end, "whole")).toThrow(message);
});

test.each<readonly [Record<string, unknown>, string]>([
  [{ head: { ...value.head, size: 65_536 } }, "whole.head.size: 65536 does not fit into u16"],
  [{ head: { ...value.head, id: -1 } }, "whole.head.id: -1 does not fit into u32"],
  [{ head: { ...value.head, colour: "blue" } }, "whole.head.colour: blue does not fit into red"],
  [{ cookie: 2n ** 64n }, "whole.cookie: 18446744073709551616 does not fit into u64"],
  [{ cookie: 1 }, "whole.cookie: the number 1 where a bigint (u64) is expected"],
  [{ twice: 1024 }, "whole.twice: 512 does not fit into u8"],
  [{ twice: 3 }, "whole.twice: 1.5 does not fit into u8"],
])("the property that a wrong value has is told: %o", (wrong, message) => {
  expect(() => encode(Whole, { ...value, ...wrong }, "whole")).toThrow(message);
});

test("reading may read something else meanwhile, and what failed leaves nothing in what is read next", () => {
  const outer = reading(Uint8Array.of(1, 2, 3), "outer", (reader) => {
    const first = reader.u8();
    expect(() => decode(u16, Uint8Array.of(4), "inner")).toThrow("inner ends at byte 1");
    return [first, decode(u8, Uint8Array.of(5)), reader.u16(), reader.offset];
  });
  expect(outer).toEqual([1, 5, 0x0203, 3]);
  expect(() => decode(Head, Uint8Array.of(), "head")).toThrow("head.size ends at byte 0");
  expect(decode(u16, Uint8Array.of(6, 7))).toBe(0x0607);
});
