import type { Codec } from "./codec.ts";

/** `size` bytes that mean nothing: written as zeros, ignored when read. Its name in a struct starts with `_`. */
export function pad(size: number): Codec<undefined> {
  return {
    read(reader) {
      reader.skip(size);
      return undefined;
    },
    write: (writer) => writer.zeros(size),
  };
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
