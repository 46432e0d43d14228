import type { Codec } from "./codec.ts";

/** Exactly `size` bytes. @throws WIRE__OUT_OF_RANGE when another number is written, WIRE__WRONG_TYPE */
export function bytes(size: number): Codec<Uint8Array> {
  return {
    read: (reader) => reader.bytes(size),
    write(writer, value) {
      if (!(value instanceof Uint8Array)) throw writer.wrongType(value, "Uint8Array");
      if (value.byteLength !== size) throw writer.outOfRange(`${value.byteLength} bytes`, `${size} bytes`);
      writer.bytes(value);
    },
  };
}

/** All bytes up to the end of the scope. */
export const bytesToEnd: Codec<Uint8Array> = {
  read: (reader) => reader.bytes(reader.remaining),
  write(writer, value) {
    if (!(value instanceof Uint8Array)) throw writer.wrongType(value, "Uint8Array");
    writer.bytes(value);
  },
};

/**
 * UTF-8 text in a field of `size` bytes, filled up with zeros. At least one zero is kept, as C programs expect; what
 * follows the first zero is ignored when read, and bytes that aren't UTF-8 become U+FFFD: names that a peer shows must
 * not cost us the connection.
 *
 * @throws WIRE__OUT_OF_RANGE when the text doesn't fit, WIRE__WRONG_TYPE
 */
export function fixedText(size: number): Codec<string> {
  return {
    read(reader) {
      const field = reader.bytes(size);
      const zero = field.indexOf(0);
      return new TextDecoder().decode(zero < 0 ? field : field.subarray(0, zero));
    },
    write(writer, value) {
      if (typeof value !== "string") throw writer.wrongType(value, "string");
      const text = new TextEncoder().encode(value);
      if (text.byteLength >= size || text.includes(0))
        throw writer.outOfRange(value, `text of less than ${size} bytes`);
      writer.bytes(text);
      writer.zeros(size - text.byteLength);
    },
  };
}
