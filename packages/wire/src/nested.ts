import type { Codec } from "./codec.ts";

/**
 * A codec that may contain itself, at most `most` deep: without a limit, a few kilobytes of nested headers would use up
 * the stack of whoever reads them.
 *
 * @param codec called when it is needed, so that the codec can be declared in terms of itself
 * @throws WIRE__MALFORMED, and WIRE__OUT_OF_RANGE when written, for a value that is nested deeper
 */
export function nested<Value, Input>(most: number, codec: () => Codec<Value, Input>): Codec<Value, Input> {
  return {
    read(reader) {
      if (reader.depth >= most) throw reader.malformed(`nested more than ${most} deep`);
      reader.depth++;
      const value = codec().read(reader);
      reader.depth--;
      return value;
    },
    write(writer, value) {
      if (writer.depth >= most) throw writer.outOfRange("a value in itself", `nesting of at most ${most}`);
      writer.depth++;
      codec().write(writer, value);
      writer.depth--;
    },
  };
}
