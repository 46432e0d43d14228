/** Values of fields with their masks, as ovs-ofctl reads them. @see ovs-fields(7) */
import type { FieldRow } from "../../of13/oxm.ts";
import { fragmentWords } from "../fragment-words.ts";
import { ipv4In, ipv6In, macIn } from "./addresses.ts";
import { flagsIn } from "./flags.ts";
import { numberOfBits } from "./numbers.ts";
import { portIn, type ReadNames } from "./read-names.ts";
import { part, refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

/** A value as bits, and which of them count: all without a mask. */
export interface MaskedBits {
  readonly bits: bigint;
  readonly mask: bigint | undefined;
  /** Bytes of the value, where the width of the field is variable. */
  readonly size?: number;
}

/** `*` is any value: a mask without bits. @throws OPENFLOW__INVALID_TEXT */
export function maskedBits(row: FieldRow, slice: TextSlice, names: ReadNames): MaskedBits {
  if (textOf(slice) === "*") return { bits: 0n, mask: 0n };
  const read = formOf(row, slice, names);
  if (row.type.variable) return { ...read, size: variableSize(read.bits, read.mask) };
  const limit = 1n << BigInt(row.type.bits);
  if (read.bits >= limit) throw refused(slice, `doesn't fit into ${row.setName}`, `${row.type.bits} bits`);
  if (read.mask === undefined) return read;
  const mask = read.mask & (limit - 1n);
  return mask === limit - 1n ? { bits: read.bits, mask: undefined } : { ...read, mask };
}

function formOf(row: FieldRow, slice: TextSlice, names: ReadNames): MaskedBits {
  const { type, setName } = row;
  switch (type.form) {
    case "decimal":
    case "hex":
      return masked(slice, (half) => numberOfBits(half, 8 * type.size, `value of ${setName}`));
    case "mac":
      return masked(slice, macIn);
    case "ipv4":
      return prefixed(slice, 32, ipv4In);
    case "ipv6":
      return prefixed(slice, 128, ipv6In);
    case "port":
      return { bits: type.toInteger(portIn(slice, names)), mask: undefined };
    case "flags":
      return flagsIn(slice, type.flags ?? {}, type.bits);
    case "fragment":
      return fragmentIn(slice);
    case "packetType":
      return { bits: packetTypeIn(slice), mask: undefined };
  }
}

function masked(slice: TextSlice, read: (half: TextSlice) => bigint): MaskedBits {
  const halves = splitAt(slice, "/");
  return halves === undefined
    ? { bits: read(slice), mask: undefined }
    : { bits: read(halves[0]), mask: read(halves[1]) };
}

/**
 * No more bytes than the number takes: how many an option of Geneve has, is up to the switch. A mask of all bits of
 * them has one more, so that it isn't taken for one of all bits of the option.
 */
export function variableSize(bits: bigint, mask?: bigint): number {
  const used = mask ?? bits;
  const size = Math.ceil(used.toString(16).length / 2);
  return mask !== undefined && mask === (1n << BigInt(8 * size)) - 1n ? size + 1 : size;
}

/** An address, alone, with a mask or with the length of a prefix. */
function prefixed(slice: TextSlice, width: number, read: (half: TextSlice) => bigint): MaskedBits {
  const halves = splitAt(slice, "/");
  if (halves === undefined) return { bits: read(slice), mask: undefined };
  const [address, mask] = halves;
  const bits = read(address);
  if (!/^\d{1,3}$/.test(textOf(mask))) return { bits, mask: read(mask) };
  const length = Number(textOf(mask));
  if (length > width) throw refused(mask, "is no length of a prefix", `a number from 0 to ${width}`);
  return { bits, mask: ((1n << BigInt(length)) - 1n) << BigInt(width - length) };
}

function fragmentIn(slice: TextSlice): MaskedBits {
  const word = fragmentWords.find(({ word: text }) => text === textOf(slice).toLowerCase());
  if (word === undefined)
    throw refused(slice, "is no kind of fragment", fragmentWords.map(({ word: text }) => text).join(", "));
  return { bits: BigInt(word.value), mask: word.mask === 3 ? undefined : BigInt(word.mask) };
}

/** `(1,0x800)`: a name space and what it calls the packet. */
function packetTypeIn(slice: TextSlice): bigint {
  const text = textOf(slice);
  const inner = part(slice, 1, Math.max(1, text.length - 1));
  const halves = text.startsWith("(") && text.endsWith(")") ? splitAt(inner, ",") : undefined;
  if (halves === undefined) throw refused(slice, "is no packet type", "(<name space>,<type>)");
  const [space, type] = halves;
  return (numberOfBits(space, 16, "name space") << 16n) + numberOfBits(type, 16, "packet type");
}
