import type { Codec } from "./codec.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** An integer codec over an unsigned or signed number type of up to 32 bits, with its range check. */
export interface IntegerCodec<Size extends 8 | 16 | 32 = 8 | 16 | 32> extends Codec<number> {
  readonly bits: Size;
}

export const u8: IntegerCodec<8> = small(
  "u8",
  8,
  0,
  0xff,
  (reader) => reader.u8(),
  (writer, value) => writer.u8(value),
);
export const u16: IntegerCodec<16> = small(
  "u16",
  16,
  0,
  0xffff,
  (reader) => reader.u16(),
  (writer, value) => writer.u16(value),
);
export const u32: IntegerCodec<32> = small(
  "u32",
  32,
  0,
  0xffff_ffff,
  (reader) => reader.u32(),
  (writer, value) => writer.u32(value),
);
export const i32: IntegerCodec<32> = small(
  "i32",
  32,
  -0x8000_0000,
  0x7fff_ffff,
  (reader) => reader.i32(),
  (writer, value) => writer.i32(value),
);

export const u64: Codec<bigint> = large(
  "u64",
  0n,
  2n ** 64n - 1n,
  (reader) => reader.u64(),
  (writer, value) => writer.u64(value),
);
export const i64: Codec<bigint> = large(
  "i64",
  -(2n ** 63n),
  2n ** 63n - 1n,
  (reader) => reader.i64(),
  (writer, value) => writer.i64(value),
);

function small<Size extends 8 | 16 | 32>(
  name: string,
  bits: Size,
  min: number,
  max: number,
  read: (reader: Reader) => number,
  write: (writer: Writer, value: number) => void,
): IntegerCodec<Size> {
  return {
    bits,
    read,
    write(writer, value) {
      if (!Number.isInteger(value) || value < min || value > max) throw writer.outOfRange(value, name);
      write(writer, value);
    },
  };
}

function large(
  name: string,
  min: bigint,
  max: bigint,
  read: (reader: Reader) => bigint,
  write: (writer: Writer, value: bigint) => void,
): Codec<bigint> {
  return {
    read,
    write(writer, value) {
      if (value < min || value > max) throw writer.outOfRange(value, name);
      write(writer, value);
    },
  };
}
