import { isLoomstackError } from "@loomstack/core";
import { type Codec, Reader } from "@loomstack/wire";

/**
 * A codec of the rest of the scope that takes what it can't read for something else, which is kept byte for byte: for
 * peers that are known to write it wrongly.
 */
export function keptIfUnreadable<Value, Input>(codec: Codec<Value, Input>): Codec<Value | undefined, Input> {
  return {
    read(reader) {
      const inner = new Reader(reader.bytes(reader.remaining));
      inner.depth = reader.depth;
      try {
        const value = codec.read(inner);
        inner.expectEnd();
        return value;
      } catch (error) {
        if (!isLoomstackError(error)) throw error;
        return undefined;
      }
    },
    write: codec.write,
  };
}
