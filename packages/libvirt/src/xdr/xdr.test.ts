import { type Uuid } from "@loomstack/core";
import { type Codec, decode, encode, i32, listCounted, u32 } from "@loomstack/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { optional } from "./optional.ts";
import { boolean, double, nothing } from "./scalars.ts";
import { text } from "./text.ts";
import { union } from "./union.ts";
import { uuid } from "./uuid.ts";

const choice = union(i32, { number: [1, i32], text: [7, text(100)] });

/** A value comes back as it was, takes a multiple of four bytes, and no prefix of it is taken for the whole. */
function checkRoundTrips<Value>(codec: Codec<Value>, values: fc.Arbitrary<Value>): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encode(codec, value);
      expect(decode(codec, bytes)).toEqual(value);
      expect(bytes.length % 4).toBe(0);
      for (let length = 0; length < bytes.length; length++)
        expect(() => decode(codec, bytes.subarray(0, length))).toThrow("bytes short");
    }),
    { numRuns: 50 },
  );
}

const texts = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => !value.includes("\0"));

test("texts round-trip", () => checkRoundTrips(text(1_000), texts));
test("doubles round-trip", () => checkRoundTrips(double, fc.double({ noNaN: true })));
test("booleans round-trip", () => checkRoundTrips(boolean, fc.boolean()));
test("optional data round-trips", () => checkRoundTrips(optional(u32), fc.option(fc.nat(), { nil: undefined })));
test("UUIDs round-trip", () => checkRoundTrips(uuid, fc.uuid() as fc.Arbitrary<Uuid>));
test("unions round-trip", () =>
  checkRoundTrips(
    choice,
    fc.oneof(
      fc.nat().map((value) => ({ kind: "number", value }) as const),
      texts.map((value) => ({ kind: "text", value }) as const),
    ),
  ));
test("nothing takes no bytes", () => {
  expect(encode(nothing, undefined)).toHaveLength(0);
});

test("a text is padded with zeros to four bytes, as RFC 4506 has it", () => {
  expect(encode(text(10), "héh")).toEqual(Uint8Array.of(0, 0, 0, 4, 0x68, 0xc3, 0xa9, 0x68));
  expect(encode(text(10), "hello")).toEqual(Uint8Array.of(0, 0, 0, 5, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0, 0, 0));
});

test("a text that isn't UTF-8 can still be read, since others may name their domains as they like", () => {
  expect(decode(text(10), Uint8Array.of(0, 0, 0, 1, 0xff, 0, 0, 0))).toBe("\ufffd");
});

test("a text longer than allowed is refused, on either way, before anything is made of it", () => {
  expect(() => decode(text(8), Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow("4294967295 bytes where at most 8");
  expect(() => encode(text(8), "123456789")).toThrow("does not fit");
});

test("a text with a NUL can't be written, because its reader would stop there", () => {
  expect(() => encode(text(8), "a\0b")).toThrow("NUL");
});

test("what is neither true nor false, and an arm that doesn't exist, are refused", () => {
  expect(() => decode(boolean, Uint8Array.of(0, 0, 0, 2))).toThrow("neither 0 nor 1");
  expect(() => decode(choice, Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 0))).toThrow("3 is no arm");
});

test("a count that lies is found out by the bytes that are missing, not by memory that is spent", () => {
  const list = listCounted(u32, optional(text(100)), 1_000_000);
  expect(() => decode(list, Uint8Array.of(0, 0x0f, 0, 0, 0, 0, 0, 0))).toThrow("bytes short");
  expect(() => decode(list, Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow("at most 1000000");
});
