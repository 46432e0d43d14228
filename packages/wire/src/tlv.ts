import type { Codec } from "./codec.ts";
import type { IntegerCodec } from "./integers.ts";
import { paddingTo } from "./padding.ts";
import type { Reader } from "./reader.ts";
import { formOfVariant, readVariant, type UnknownVariant } from "./unknown.ts";
import type { Variants } from "./variants.ts";
import type { Writer } from "./writer.ts";

/** The header and the padding that the members of a TLV family have in common. The length counts the header. */
export interface TlvLayout {
  readonly type: IntegerCodec;
  readonly length: IntegerCodec<16 | 32>;
  /** A member takes a multiple of so many bytes. */
  readonly alignTo: number;
  /** Whether the length counts the padding at the member's end, too. */
  readonly lengthCountsPadding: boolean;
}

/** A type, a length, and the body that the type asks for; `{ kind: "unknown" }` for a type outside the family. */
export function tlv<Value, Input>(
  layout: TlvLayout,
  family: Variants<Value, Input>,
): Codec<Value | UnknownVariant, Input | UnknownVariant> {
  const typeSize = layout.type.bits / 8;
  return {
    read: (reader) => readTlv(layout, family, reader),
    write(writer, value) {
      const start = writer.size;
      const form = formOfVariant(family, value);
      const at = writer.claim(typeSize + layout.length.bits / 8);
      // What isn't a number of the type has an error of its own.
      if (!layout.type.fixed.set(writer.view, at, form.tag)) layout.type.write(writer, form.tag);
      form.writeBody(writer, value);
      endTlv(layout, writer, start);
    },
  };
}

function readTlv<Value>(layout: TlvLayout, family: Variants<Value, never>, reader: Reader): Value | UnknownVariant {
  const start = reader.offset;
  const type = layout.type.read(reader);
  const length = layout.length.read(reader);
  const bodySize = length - (reader.offset - start);
  if (bodySize < 0) throw reader.malformed(`a length of ${length}, which is less than its header`);
  if (layout.lengthCountsPadding && length % layout.alignTo !== 0) {
    throw reader.malformed(`a length of ${length}, which is not a multiple of ${layout.alignTo}`);
  }
  const outerEnd = reader.narrow(bodySize);
  const value = readVariant(family, reader, type);
  if (layout.lengthCountsPadding && reader.remaining < layout.alignTo) reader.skip(reader.remaining);
  reader.widen(outerEnd);
  if (!layout.lengthCountsPadding) reader.skip(paddingTo(layout.alignTo, length));
  return value;
}

function endTlv(layout: TlvLayout, writer: Writer, start: number): void {
  const padding = paddingTo(layout.alignTo, writer.size - start);
  if (layout.lengthCountsPadding) writer.zeros(padding);
  const length = writer.size - start;
  if (length > (layout.length.bits === 16 ? 0xffff : 0xffff_ffff))
    throw writer.outOfRange(`${length} bytes`, `a length of ${layout.length.bits} bits`);
  if (layout.length.bits === 16) writer.setU16(start + layout.type.bits / 8, length);
  else writer.setU32(start + layout.type.bits / 8, length);
  if (!layout.lengthCountsPadding) writer.zeros(padding);
}
