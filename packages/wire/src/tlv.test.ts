import { expect, expectTypeOf, test } from "vitest";
import { decode, encode, type InputOf, type ValueOf, withDefault } from "./codec.ts";
import { u16, u32, u8 } from "./integers.ts";
import { pad } from "./padding.ts";
import { tlv } from "./tlv.ts";
import { tagged } from "./unknown.ts";
import { either, inside, variants } from "./variants.ts";

const standard = variants({ output: [0, { port: u32, maxLen: withDefault(u16, 9), _: pad(6) }], drop: [1, {}] });
const vendor = inside(0xffff, u32, inside(0x2320, u16, variants({ resubmit: [14, { tableId: u8 }] })));
const Inner = tlv({ type: u16, length: u16, alignTo: 8, lengthCountsPadding: true }, either(standard, vendor));
const Outer = tlv(
  { type: u16, length: u16, alignTo: 8, lengthCountsPadding: false },
  variants({ name: [1, { byte: u8 }] }),
);

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

test("length and padding are computed, and nested families keep one list of kinds", () => {
  expect(encode(Inner, { kind: "output", port: 1 })).toEqual(hex("0000 0010 00000001 0009 000000000000"));
  expect(encode(Inner, { kind: "resubmit", tableId: 5 })).toEqual(hex("ffff 0010 00002320 000e 05 0000000000"));
  expect(decode(Inner, hex("ffff 0010 00002320 000e 05 0000000000"))).toEqual({ kind: "resubmit", tableId: 5 });
});

test("the value's type follows from the declaration", () => {
  expectTypeOf<Extract<ValueOf<typeof Inner>, { kind: "output" }>["maxLen"]>().toEqualTypeOf<number>();
  expectTypeOf<{ kind: "output"; port: number }>().toExtend<InputOf<typeof Inner>>();
  // @ts-expect-error a drop has no port
  encode(Inner, { kind: "drop", port: 1 });
});

test.each(["0007 0008 01020304", "ffff 0008 00004711", "ffff 0010 00002320 0063 010203040506"])(
  "an unknown member %s is kept byte for byte",
  (text) => {
    const value = decode(Inner, hex(text));
    expect(value.kind).toBe("unknown");
    expect(encode(Inner, value)).toEqual(hex(text));
  },
);

test("padding may be outside of the length", () => {
  expect(encode(Outer, { kind: "name", byte: 7 })).toEqual(hex("0001 0005 07 000000"));
  expect(decode(Outer, hex("0001 0005 07 ffffff"))).toEqual({ kind: "name", byte: 7 });
});

test("a length that is less than the header, not aligned, or more than there is, is refused", () => {
  expect(() => decode(Inner, hex("0001 0003"))).toThrow("a length of 3, which is less than its header");
  expect(() => decode(Inner, hex("0001 0009 00000000 00"))).toThrow("not a multiple of 8");
  expect(() => decode(Inner, hex("0001 0010 00000000"))).toThrow("8 bytes short");
});

test("a body with more than padding behind it is refused", () => {
  expect(() => decode(Inner, hex("0001 0010 00000000 0000000000000000"))).toThrow("12 bytes left over");
});

test("a body that is shorter than its fields is refused, even where the next member would do", () => {
  expect(() => decode(Inner, hex("0000 0008 00000001 0000 0008 00000000"))).toThrow("output.maxLen ends at byte 8");
});

test("a tagged body goes to the end of its scope", () => {
  const Tagged = tagged(u16, standard);
  expect(decode(Tagged, hex("0001"))).toEqual({ kind: "drop" });
  expect(decode(Tagged, hex("0009 0102"))).toEqual({ kind: "unknown", type: 9, bytes: hex("0102") });
});
