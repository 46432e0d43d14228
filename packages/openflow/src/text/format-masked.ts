import { ipv4, ipv6, mac, type FieldType } from "../of13/field-types.ts";

/** A value in ovs-ofctl's text form, with its mask: as a prefix length for addresses where it is one. */
export function formatMasked(type: FieldType<unknown>, value: unknown, mask: unknown): string {
  if (mask === undefined) return type.format(value);
  if (isType(type, ipv4) || isType(type, ipv6)) {
    const length = prefixLength(type.toInteger(mask), type.bits);
    return `${type.format(value)}/${length ?? type.format(mask)}`;
  }
  if (isType(type, mac)) return `${type.format(value)}/${type.format(mask)}`;
  return `0x${type.toInteger(value).toString(16)}/0x${type.toInteger(mask).toString(16)}`;
}

function isType(type: FieldType<unknown>, known: { readonly codec: unknown }): boolean {
  return type.codec === known.codec;
}

/** How many of the highest bits are set, if no others are. */
function prefixLength(mask: bigint, bits: number): number | undefined {
  const length = mask.toString(2).padStart(bits, "0").indexOf("0");
  if (length < 0) return bits;
  const contiguous = ((1n << BigInt(length)) - 1n) << BigInt(bits - length);
  return contiguous === mask ? length : undefined;
}
