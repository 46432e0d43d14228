import type { Codec } from "./codec.ts";

/** An integer codec over an unsigned or signed number type of up to 32 bits, with its range check. */
export interface IntegerCodec<Size extends 8 | 16 | 32 = 8 | 16 | 32> extends Codec<number> {
  readonly bits: Size;
}

export const u8: IntegerCodec<8> = {
  bits: 8,
  read: (reader) => reader.u8(),
  write(writer, value) {
    if ((value & 0xff) !== value) throw writer.outOfRange(value, "u8");
    writer.u8(value);
  },
};
export const u16: IntegerCodec<16> = {
  bits: 16,
  read: (reader) => reader.u16(),
  write(writer, value) {
    if ((value & 0xffff) !== value) throw writer.outOfRange(value, "u16");
    writer.u16(value);
  },
};
export const u32: IntegerCodec<32> = {
  bits: 32,
  read: (reader) => reader.u32(),
  write(writer, value) {
    if (value >>> 0 !== value) throw writer.outOfRange(value, "u32");
    writer.u32(value);
  },
};
export const i32: IntegerCodec<32> = {
  bits: 32,
  read: (reader) => reader.i32(),
  write(writer, value) {
    if ((value | 0) !== value) throw writer.outOfRange(value, "i32");
    writer.i32(value);
  },
};

const mostU64 = 2n ** 64n - 1n;
const mostI64 = 2n ** 63n - 1n;

export const u64: Codec<bigint> = {
  read: (reader) => reader.u64(),
  write(writer, value) {
    if (value < 0n || value > mostU64) throw writer.outOfRange(value, "u64");
    writer.u64(value);
  },
};
export const i64: Codec<bigint> = {
  read: (reader) => reader.i64(),
  write(writer, value) {
    if (value < -mostI64 - 1n || value > mostI64) throw writer.outOfRange(value, "i64");
    writer.i64(value);
  },
};
