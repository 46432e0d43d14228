import type { Codec } from "./codec.ts";
import type { Reader } from "./reader.ts";
import type { Variants } from "./variants.ts";
import type { Writer } from "./writer.ts";

/** A tagged value whose tag isn't known: kept, and written again byte for byte. */
export interface UnknownVariant {
  readonly kind: "unknown";
  readonly type: number;
  /** All that follows the header, padding included where the length counts it. */
  readonly bytes: Uint8Array;
}

/** What `family` makes of the rest of the scope, or the bytes of it. */
export function readVariant<Value>(
  family: Variants<Value, never>,
  reader: Reader,
  tag: number,
): Value | UnknownVariant {
  const start = reader.offset;
  const known = family.readBody(reader, tag);
  if (known !== undefined) return known;
  reader.rewind(start);
  return { kind: "unknown", type: tag, bytes: reader.bytes(reader.remaining) };
}

export function tagOfVariant<Input>(family: Variants<unknown, Input>, value: Input | UnknownVariant): number {
  return isUnknown(value) ? value.type : family.tagOf(value);
}

export function writeVariant<Input>(
  family: Variants<unknown, Input>,
  writer: Writer,
  value: Input | UnknownVariant,
): void {
  if (isUnknown(value)) writer.bytes(value.bytes);
  else family.writeBody(writer, value);
}

/** A tag, then the body that it asks for, up to the end of the scope. */
export function tagged<Value, Input>(
  tag: Codec<number>,
  family: Variants<Value, Input>,
): Codec<Value | UnknownVariant, Input | UnknownVariant> {
  return {
    read: (reader) => readVariant(family, reader, tag.read(reader)),
    write(writer, value) {
      tag.write(writer, tagOfVariant(family, value));
      writeVariant(family, writer, value);
    },
  };
}

function isUnknown(value: unknown): value is UnknownVariant {
  return (value as { readonly kind?: unknown }).kind === "unknown";
}
