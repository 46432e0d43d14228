import { type Codec, encode } from "./codec.ts";

/**
 * A codec of values that can be written in more than one way, of which `codec` writes one: what was written in another
 * is read as `undefined`, which `variants` takes for a tag that it doesn't know. So it is kept byte for byte instead of
 * coming out changed.
 */
export function canonicalOnly<Value, Input>(
  codec: Codec<Value | undefined, Input> & Codec<unknown, NoInfer<Value>>,
): Codec<Value | undefined, Input> {
  return {
    read(reader) {
      const start = reader.offset;
      const value = codec.read(reader);
      if (value === undefined) return undefined;
      const end = reader.offset;
      const written = encode(codec, value);
      reader.rewind(start);
      const found = reader.bytes(end - start);
      // Zeros behind the value are padding, which the codec has read and the frame writes.
      const same =
        written.byteLength <= found.byteLength && found.every((octet, index) => octet === (written[index] ?? 0));
      return same ? value : undefined;
    },
    write: codec.write,
  };
}
