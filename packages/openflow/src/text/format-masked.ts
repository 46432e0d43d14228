/** Values of fields with their masks, in ovs-ofctl's syntax. */
import type { OfPort } from "@loomstack/core";
import { allOnes, type FieldType } from "../of13/field-types.ts";
import type { FieldRow } from "../of13/oxm.ts";
import { portName } from "./names.ts";
import { hex } from "./values.ts";

/** A condition of a match: addresses have a prefix length where they can, flags have a sign each. */
export function formatMasked(type: FieldType<unknown>, value: unknown, mask: unknown): string {
  const [bits, maskBits] = integers(type, value, mask);
  switch (type.form) {
    case "ipv4":
    case "ipv6":
    case "mac":
      return formatAddress(type, value, mask);
    case "flags":
      return formatFlags(type, bits, maskBits);
    case "hex":
      return mask === undefined ? hex(bits) : `${hex(bits)}/${hex(maskBits)}`;
    default:
      return mask === undefined ? type.format(value) : `0x${bits.toString(16)}/0x${maskBits.toString(16)}`;
  }
}

/** A value in set_field, and in what learn asks for. */
export function formatSetValue({ type }: FieldRow, value: unknown, mask: unknown): string {
  const [bits, maskBits] = integers(type, value, mask);
  if (maskBits === 0n) return "ANY";
  const suffix = maskBits === allOnes(type, value) ? "" : `/${hex(maskBits)}`;
  switch (type.form) {
    case "ipv4":
    case "ipv6":
    case "mac":
      return formatAddress(type, value, suffix === "" ? undefined : mask);
    case "flags":
      return formatFlags(type, bits, maskBits);
    case "port":
      return portName(value as OfPort, {});
    case "hex":
      return `${hex(bits)}${suffix}`;
    default:
      return `${bits}${suffix}`;
  }
}

function integers(type: FieldType<unknown>, value: unknown, mask: unknown): readonly [bits: bigint, maskBits: bigint] {
  return [type.toInteger(value), mask === undefined ? allOnes(type, value) : type.toInteger(mask)];
}

function formatAddress(type: FieldType<unknown>, value: unknown, mask: unknown): string {
  if (mask === undefined) return type.format(value);
  const length = type.form === "mac" ? undefined : prefixLength(type.toInteger(mask), type.bits);
  return `${type.format(value)}/${length ?? type.format(mask)}`;
}

/** `new|est` where all bits count, else `+est-new`. */
function formatFlags(type: FieldType<unknown>, bits: bigint, maskBits: bigint): string {
  const names = Object.entries(type.flags ?? {}).map(([name, bit]) => ({ name, mask: 1n << BigInt(bit) }));
  const whole = (1n << BigInt(type.bits)) - 1n;
  if ((maskBits & whole) === whole) {
    const set = names.filter(({ mask }) => (bits & mask) !== 0n);
    return set.map(({ name }) => name).join("|") || "0";
  }
  const asked = names.filter(({ mask }) => (maskBits & mask) !== 0n);
  return asked.map(({ name, mask }) => `${(bits & mask) === 0n ? "-" : "+"}${name}`).join("") || "0/0";
}

/** How many of the highest bits are set, if no others are. */
function prefixLength(mask: bigint, bits: number): number | undefined {
  const length = mask.toString(2).padStart(bits, "0").indexOf("0");
  if (length < 0) return bits;
  const contiguous = ((1n << BigInt(length)) - 1n) << BigInt(bits - length);
  return contiguous === mask ? length : undefined;
}
