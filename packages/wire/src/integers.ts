import type { Codec, FixedForm } from "./codec.ts";

/** An integer codec over an unsigned or signed number type of up to 32 bits, with its range check. */
export interface IntegerCodec<Size extends 8 | 16 | 32 = 8 | 16 | 32> extends Codec<number> {
  readonly bits: Size;
  readonly fixed: FixedForm<number>;
}

export const u8: IntegerCodec<8> = {
  bits: 8,
  read: (reader) => reader.u8(),
  write(writer, value) {
    if (typeof value !== "number") throw writer.wrongType(value, "number (u8)");
    if ((value & 0xff) !== value) throw writer.outOfRange(value, "u8");
    writer.u8(value);
  },
  fixed: {
    size: 1,
    get: (view, offset) => view.getUint8(offset),
    set(view, offset, value) {
      if ((value & 0xff) !== value) return false;
      view.setUint8(offset, value);
      return true;
    },
  },
};
export const u16: IntegerCodec<16> = {
  bits: 16,
  read: (reader) => reader.u16(),
  write(writer, value) {
    if (typeof value !== "number") throw writer.wrongType(value, "number (u16)");
    if ((value & 0xffff) !== value) throw writer.outOfRange(value, "u16");
    writer.u16(value);
  },
  fixed: {
    size: 2,
    get: (view, offset) => view.getUint16(offset),
    set(view, offset, value) {
      if ((value & 0xffff) !== value) return false;
      view.setUint16(offset, value);
      return true;
    },
  },
};
export const u32: IntegerCodec<32> = {
  bits: 32,
  read: (reader) => reader.u32(),
  write(writer, value) {
    if (typeof value !== "number") throw writer.wrongType(value, "number (u32)");
    if (value >>> 0 !== value) throw writer.outOfRange(value, "u32");
    writer.u32(value);
  },
  fixed: {
    size: 4,
    get: (view, offset) => view.getUint32(offset),
    set(view, offset, value) {
      if (value >>> 0 !== value) return false;
      view.setUint32(offset, value);
      return true;
    },
  },
};
export const i32: IntegerCodec<32> = {
  bits: 32,
  read: (reader) => reader.i32(),
  write(writer, value) {
    if (typeof value !== "number") throw writer.wrongType(value, "number (i32)");
    if ((value | 0) !== value) throw writer.outOfRange(value, "i32");
    writer.i32(value);
  },
  fixed: {
    size: 4,
    get: (view, offset) => view.getInt32(offset),
    set(view, offset, value) {
      if ((value | 0) !== value) return false;
      view.setInt32(offset, value);
      return true;
    },
  },
};

const mostU64 = 2n ** 64n - 1n;
const mostI64 = 2n ** 63n - 1n;

export const u64: Codec<bigint> = {
  read: (reader) => reader.u64(),
  write(writer, value) {
    if (typeof value !== "bigint") throw writer.wrongType(value, "bigint (u64)");
    if (value < 0n || value > mostU64) throw writer.outOfRange(value, "u64");
    writer.u64(value);
  },
  fixed: {
    size: 8,
    get: (view, offset) => view.getBigUint64(offset),
    set(view, offset, value) {
      if (typeof value !== "bigint" || value < 0n || value > mostU64) return false;
      view.setBigUint64(offset, value);
      return true;
    },
  },
};
export const i64: Codec<bigint> = {
  read: (reader) => reader.i64(),
  write(writer, value) {
    if (typeof value !== "bigint") throw writer.wrongType(value, "bigint (i64)");
    if (value < -mostI64 - 1n || value > mostI64) throw writer.outOfRange(value, "i64");
    writer.i64(value);
  },
  fixed: {
    size: 8,
    get: (view, offset) => view.getBigInt64(offset),
    set(view, offset, value) {
      if (typeof value !== "bigint" || value < -mostI64 - 1n || value > mostI64) return false;
      view.setBigInt64(offset, value);
      return true;
    },
  },
};
