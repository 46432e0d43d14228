import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bits } from "./bits.ts";
import { bytes, bytesToEnd, fixedText } from "./bytes.ts";
import { type Codec, decode, encode, type InputOf, mapped, withDefault } from "./codec.ts";
import { enumOf, openEnumOf } from "./enums.ts";
import { i32, i64, u16, u32, u64, u8 } from "./integers.ts";
import { listCounted, listOf, listToEnd } from "./list.ts";
import { constant, pad } from "./padding.ts";
import { sized } from "./sized.ts";
import { struct } from "./struct.ts";

const integers: readonly (readonly [string, Codec<number>, number, number])[] = [
  ["u8", u8, 0, 0xff],
  ["u16", u16, 0, 0xffff],
  ["u32", u32, 0, 0xffff_ffff],
  ["i32", i32, -0x8000_0000, 0x7fff_ffff],
];

test.each(integers)("%s takes its whole range and nothing else", (name, codec, min, max) => {
  for (const value of [min, max, 0]) expect(decode(codec, encode(codec, value))).toBe(value);
  for (const value of [min - 1, max + 1, 0.5, Number.NaN])
    expect(() => encode(codec, value)).toThrow(`does not fit into ${name}`);
});

test("64-bit integers take their whole range and nothing else", () => {
  for (const value of [0n, 2n ** 64n - 1n]) expect(decode(u64, encode(u64, value))).toBe(value);
  for (const value of [-(2n ** 63n), 2n ** 63n - 1n]) expect(decode(i64, encode(i64, value))).toBe(value);
  expect(() => encode(u64, -1n)).toThrow("does not fit into u64");
  expect(() => encode(i64, 2n ** 63n)).toThrow("does not fit into i64");
});

const Sample = struct({ id: u16, _: pad(1), flags: withDefault(u8, 7), _version: constant(u8, 4), rest: bytesToEnd });

test("a struct has its properties in the order of the declaration, without padding and constants", () => {
  const encoded = encode(Sample, { id: 0x0102, rest: Uint8Array.of(9) });
  expect([...encoded]).toEqual([1, 2, 0, 7, 4, 9]);
  expect(decode(Sample, encoded)).toEqual({ id: 0x0102, flags: 7, rest: Uint8Array.of(9) });
});

test("padding is ignored, a wrong constant isn't", () => {
  expect(decode(Sample, Uint8Array.of(0, 1, 0xff, 7, 4)).id).toBe(1);
  expect(() => decode(Sample, Uint8Array.of(0, 1, 0, 7, 5), "sample")).toThrow(
    "sample._version at byte 5: 5 where only 4 is allowed",
  );
});

test("an error names the path of what is wrong", () => {
  const Outer = struct({ items: listToEnd(struct({ size: u8, name: bytes(2) })) });
  expect(() => decode(Outer, Uint8Array.of(1, 2, 3, 4, 5), "outer")).toThrow(
    "outer.items[1].name ends at byte 5, 1 bytes short",
  );
  expect(() => encode(Outer, { items: [{ size: 256, name: new Uint8Array(2) }] }, "outer")).toThrow(
    "outer.items[0].size: 256 does not fit into u8",
  );
});

test("bit 31 of a flag word is a flag like the others, and bits without a name are kept", () => {
  const Flags = bits(u32, { low: 0, high: 31 });
  expect(decode(Flags, Uint8Array.of(0x80, 0, 0, 0x05))).toEqual({ low: true, high: true, unnamed: 4 });
  expect([...encode(Flags, { high: true, unnamed: 4 })]).toEqual([0x80, 0, 0, 4]);
});

test("a closed enumeration refuses numbers without a name, an open one keeps them", () => {
  const names = { add: 0, remove: 1 } as const;
  expect(decode(enumOf(u8, names), Uint8Array.of(1))).toBe("remove");
  expect(() => decode(enumOf(u8, names), Uint8Array.of(2))).toThrow("2 is none of add, remove");
  expect(decode(openEnumOf(u8, names), Uint8Array.of(2))).toBe(2);
  expect([...encode(openEnumOf(u8, names), 2)]).toEqual([2]);
});

test("text is zero-terminated and must fit", () => {
  const Name = fixedText(4);
  expect([...encode(Name, "ab")]).toEqual([97, 98, 0, 0]);
  expect(decode(Name, Uint8Array.of(97, 0, 98, 0))).toBe("a");
  expect(decode(Name, Uint8Array.of(0xff, 0, 0, 0))).toBe("\ufffd");
  for (const value of ["abcd", "a\0b", "äö"]) expect(() => encode(Name, value)).toThrow("does not fit into text");
});

test("a counted list refuses more than its limit before it reads them", () => {
  const List = listCounted(u32, u8, 3);
  expect(decode(List, Uint8Array.of(0, 0, 0, 2, 8, 9))).toEqual([8, 9]);
  expect(() => decode(List, Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow(
    "4294967295 items where at most 3 are allowed",
  );
  expect(() => encode(List, [1, 2, 3, 4])).toThrow("4 items does not fit");
});

test("a list of a fixed length has that length", () => {
  expect(decode(listOf(u8, 2), Uint8Array.of(1, 2))).toEqual([1, 2]);
  expect(() => encode(listOf(u8, 2), [1])).toThrow("1 items does not fit into a list of 2");
});

test("items of no size end a list with an error instead of never", () => {
  expect(() => decode(listToEnd(pad(0)), Uint8Array.of(1))).toThrow("an item of no size");
});

test("a length counts its body, or itself too", () => {
  expect([...encode(sized(u16, bytesToEnd), Uint8Array.of(7))]).toEqual([0, 1, 7]);
  expect([...encode(sized(u16, bytesToEnd, { gap: 2 }), Uint8Array.of(7))]).toEqual([0, 1, 0, 0, 7]);
  const Counted = sized(u32, bytesToEnd, { countsItself: true });
  expect([...encode(Counted, Uint8Array.of(7))]).toEqual([0, 0, 0, 5, 7]);
  expect(decode(Counted, Uint8Array.of(0, 0, 0, 5, 7))).toEqual(Uint8Array.of(7));
  expect(() => decode(Counted, Uint8Array.of(0, 0, 0, 3))).toThrow("a length of 3, where 4 is the least");
});

test("bytes that are left over are refused", () => {
  expect(() => decode(u8, Uint8Array.of(1, 2))).toThrow("1 bytes left over at byte 1");
});

test("every truncated prefix of a value is refused as truncated", () => {
  const Value = struct({
    a: u16,
    list: sized(u16, listToEnd(u64)),
    text: mapped(bytes(3), { decode: (raw) => raw, encode: (raw: Uint8Array) => raw }),
  });
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 5 }), (a, list) => {
      const encoded = encode(Value, { a, list, text: Uint8Array.of(1, 2, 3) });
      expect(decode(Value, encoded)).toEqual({ a, list, text: Uint8Array.of(1, 2, 3) });
      for (let size = 0; size < encoded.byteLength; size++) {
        expect(() => decode(Value, encoded.subarray(0, size))).toThrow(
          expect.objectContaining({ code: "WIRE__TRUNCATED" }),
        );
      }
    }),
  );
});

describe("a value that isn't of the codec's type, which JSON can bring, is refused with a typed error and its path", () => {
  const Line = struct({ parts: listToEnd(struct({ id: u32, cookie: u64, mac: bytes(6), name: fixedText(4) })) });
  const part = { id: 1, cookie: 1n, mac: new Uint8Array(6), name: "a" };

  test.each<readonly [part: Record<string, unknown>, code: string, text: string]>([
    [{ id: 1n }, "WIRE__WRONG_TYPE", "line.parts[1].id: a bigint where a number (u32) is expected"],
    [{ id: "1" }, "WIRE__WRONG_TYPE", 'line.parts[1].id: the string "1" where'],
    [{ id: undefined }, "WIRE__WRONG_TYPE", "line.parts[1].id: nothing where"],
    [{ id: -1 }, "WIRE__OUT_OF_RANGE", "line.parts[1].id: -1 does not fit into u32"],
    [{ id: 0.5 }, "WIRE__OUT_OF_RANGE", "line.parts[1].id: 0.5 does not fit into u32"],
    [{ cookie: 5 }, "WIRE__WRONG_TYPE", "line.parts[1].cookie: the number 5 where a bigint (u64) is expected"],
    [{ cookie: 0.5 }, "WIRE__WRONG_TYPE", "line.parts[1].cookie: the number 0.5 where"],
    [{ cookie: null }, "WIRE__WRONG_TYPE", "line.parts[1].cookie: null where"],
    [{ cookie: -1n }, "WIRE__OUT_OF_RANGE", "line.parts[1].cookie: -1 does not fit into u64"],
    [{ mac: new Uint8Array(7) }, "WIRE__OUT_OF_RANGE", "line.parts[1].mac: 7 bytes does not fit into 6 bytes"],
    [{ mac: [1, 2, 3, 4, 5, 6] }, "WIRE__WRONG_TYPE", "line.parts[1].mac: an array where a Uint8Array is expected"],
    [{ mac: { byteLength: 6 } }, "WIRE__WRONG_TYPE", "line.parts[1].mac: an object where"],
    [{ name: 5 }, "WIRE__WRONG_TYPE", "line.parts[1].name: the number 5 where a string is expected"],
  ])("%o", (wrong, code, text) => {
    const value = { parts: [part, { ...part, ...wrong }] } as InputOf<typeof Line>;
    const expected = { code, message: expect.stringContaining(text) as string };
    expect(() => encode(Line, value, "line")).toThrow(expect.objectContaining(expected));
  });

  test("and so is a struct or a list that isn't one", () => {
    for (const parts of [undefined, 5, [undefined]]) {
      const value = { parts } as unknown as InputOf<typeof Line>;
      expect(() => encode(Line, value, "line")).toThrow(expect.objectContaining({ code: "WIRE__WRONG_TYPE" }));
    }
    expect(encode(Line, { parts: [] })).toEqual(new Uint8Array());
  });
});
