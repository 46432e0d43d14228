import { bytesToEnd } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import type { Reader } from "./reader.ts";
import type { VariantForm, Variants } from "./variants.ts";
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

/** How a value of `family` is written, or one that isn't known; for any other, writing the body throws. */
export function formOfVariant<Input>(
  family: Variants<unknown, Input>,
  value: Input | UnknownVariant,
): VariantForm<Input | UnknownVariant> {
  const form = family.formOf((value as { readonly kind: string }).kind);
  // What a family writes can't be an unknown value, whose kind it doesn't have.
  if (form !== undefined) return form as VariantForm<Input | UnknownVariant>;
  return isUnknown(value) ? { tag: value.type, writeBody: writeUnknown } : outsider;
}

/** Of a value that is of none of the kinds. */
const outsider: VariantForm<unknown> = {
  tag: 0,
  writeBody(writer, value) {
    const { kind } = value as { readonly kind: unknown };
    throw typeof kind === "string"
      ? writer.outOfRange(kind, "the kinds that are known")
      : writer.wrongType(kind, "kind");
  },
};

function writeUnknown(writer: Writer, value: unknown): void {
  if (isUnknown(value)) bytesToEnd.write(writer, value.bytes);
}

export function tagOfVariant<Input>(family: Variants<unknown, Input>, value: Input | UnknownVariant): number {
  return formOfVariant(family, value).tag;
}

export function writeVariant<Input>(
  family: Variants<unknown, Input>,
  writer: Writer,
  value: Input | UnknownVariant,
): void {
  formOfVariant(family, value).writeBody(writer, value);
}

/** A tag, then the body that it asks for, up to the end of the scope. */
export function tagged<Value, Input>(
  tag: Codec<number>,
  family: Variants<Value, Input>,
): Codec<Value | UnknownVariant, Input | UnknownVariant> {
  return {
    read: (reader) => readVariant(family, reader, tag.read(reader)),
    write(writer, value) {
      const form = formOfVariant(family, value);
      tag.write(writer, form.tag);
      form.writeBody(writer, value);
    },
  };
}

function isUnknown(value: unknown): value is UnknownVariant {
  return (value as { readonly kind?: unknown }).kind === "unknown";
}
