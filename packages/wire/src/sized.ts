import type { Codec } from "./codec.ts";
import type { IntegerCodec } from "./integers.ts";

/** What a length counts, and how far from it its body is. */
export interface SizedOptions {
  /** Whether the length counts its own bytes, and those of the gap. */
  readonly countsItself?: boolean;
  /** Bytes of padding between the length and the body. */
  readonly gap?: number;
  /** Bytes before the length that it counts, too: those of fields that stand before it in the same structure. */
  readonly countsBefore?: number;
}

/** A length in bytes, then a body of that length that is read to its end. */
export function sized<Value, Input>(
  length: IntegerCodec<16 | 32>,
  body: Codec<Value, Input>,
  options: SizedOptions = {},
): Codec<Value, Input> {
  const gap = options.gap ?? 0;
  const lengthSize = length.bits / 8;
  const counted = (options.countsItself === true ? lengthSize + gap : 0) + (options.countsBefore ?? 0);
  return {
    read(reader) {
      const size = length.read(reader) - counted;
      if (size < 0) throw reader.malformed(`a length of ${size + counted}, where ${counted} is the least`);
      reader.skip(gap);
      return reader.scoped(size, body.read);
    },
    write(writer, value) {
      const start = writer.size;
      writer.zeros(lengthSize + gap);
      body.write(writer, value);
      const size = writer.size - start - lengthSize - gap + counted;
      if (size >= 2 ** length.bits) throw writer.outOfRange(`${size} bytes`, `a length of ${length.bits} bits`);
      if (length.bits === 16) writer.setU16(start, size);
      else writer.setU32(start, size);
    },
  };
}
