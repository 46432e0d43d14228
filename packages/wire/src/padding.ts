import type { Codec } from "./codec.ts";
import type { Reader } from "./reader.ts";

/** `size` bytes that mean nothing: written as zeros, ignored when read. Its name in a struct starts with `_`. */
export function pad(size: number): Codec<undefined> {
  return {
    read(reader) {
      reader.skip(size);
      return undefined;
    },
    write: (writer) => writer.zeros(size),
    // Writers begin with zeros.
    fixed: { size, get: () => undefined, set: () => true },
  };
}

/**
 * `size` bytes that must be zero, where a protocol refuses others. Its name in a struct starts with `_`.
 *
 * @throws WIRE__MALFORMED for another byte
 */
export function zeros(size: number): Codec<undefined> {
  return {
    read: (reader) => readZeros(reader, size),
    write: (writer) => writer.zeros(size),
  };
}

/**
 * The padding at the end of a scope, which must be zero and less than `alignTo` bytes; writing it is left to whoever
 * frames the scope. Its name in a struct starts with `_`.
 *
 * @throws WIRE__MALFORMED for a byte that isn't zero, WIRE__TRAILING_BYTES at the end of the scope for too many
 */
export function zerosToEnd(alignTo: number): Codec<undefined> {
  return {
    read: (reader) => (reader.remaining < alignTo ? readZeros(reader, reader.remaining) : undefined),
    write: () => undefined,
  };
}

/**
 * A value in a field of `size` bytes that is filled up with zeros. A value that is `undefined`, which is how a codec says
 * that it doesn't know what it has read, may be followed by anything.
 *
 * @throws WIRE__MALFORMED for a byte that isn't zero, WIRE__OUT_OF_RANGE for a value that doesn't fit
 */
export function filledUp<Value, Input>(size: number, codec: Codec<Value, Input>): Codec<Value, Input> {
  return {
    read: (reader) =>
      reader.scoped(size, () => {
        const value = codec.read(reader);
        if (value === undefined) reader.skip(reader.remaining);
        else readZeros(reader, reader.remaining);
        return value;
      }),
    write(writer, value) {
      const start = writer.size;
      codec.write(writer, value);
      const written = writer.size - start;
      if (written > size) throw writer.outOfRange(`${written} bytes`, `${size} bytes`);
      writer.zeros(size - written);
    },
  };
}

function readZeros(reader: Reader, size: number): undefined {
  for (let left = size; left > 0; left--) {
    const octet = reader.u8();
    if (octet !== 0) throw reader.malformed(`a byte ${octet} where only zeros are allowed`);
  }
  return undefined;
}

/** How many bytes are missing to the next multiple of `alignTo`. */
export function paddingTo(alignTo: number, size: number): number {
  return (alignTo - (size % alignTo)) % alignTo;
}

/**
 * A value that is always the same, and not part of what is read. Its name in a struct starts with `_`.
 *
 * @throws WIRE__MALFORMED for another value
 */
export function constant<Value extends number | bigint>(codec: Codec<Value>, value: Value): Codec<undefined> {
  return {
    read(reader) {
      const found = codec.read(reader);
      if (found !== value) throw reader.malformed(`${found} where only ${value} is allowed`);
      return undefined;
    },
    write: (writer) => codec.write(writer, value),
  };
}
