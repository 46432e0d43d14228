import type { Codec } from "@loomstack/wire";
import { paddingTo } from "@loomstack/wire";

/**
 * A string of XDR (RFC 4506 section 4.11): length, bytes, zeros up to a multiple of four. Bytes that aren't UTF-8
 * become U+FFFD, since the names of others' domains may be anything; the padding is not looked at.
 *
 * @param limitBytes the longest text in bytes of UTF-8
 * @throws WIRE__MALFORMED for a longer one; WIRE__OUT_OF_RANGE when a longer one, or one with a NUL (the end of a
 * string in C), is written
 */
export function text(limitBytes: number): Codec<string> {
  return {
    read(reader) {
      const size = reader.u32();
      if (size > limitBytes) throw reader.malformed(`a text of ${size} bytes where at most ${limitBytes} are allowed`);
      const value = new TextDecoder("utf-8", { ignoreBOM: true }).decode(reader.bytes(size));
      reader.skip(paddingTo(4, size));
      return value;
    },
    write(writer, value) {
      const encoded = new TextEncoder().encode(value);
      if (encoded.byteLength > limitBytes)
        throw writer.outOfRange(`a text of ${encoded.byteLength} bytes`, `string<${limitBytes}>`);
      if (encoded.includes(0)) throw writer.outOfRange("a text with a NUL", `string<${limitBytes}>`);
      writer.u32(encoded.byteLength);
      writer.bytes(encoded);
      writer.zeros(paddingTo(4, encoded.byteLength));
    },
  };
}
