/** Values as ovs-ofctl writes them inside of actions. */
import type { Ipv4, Mac, OfPort } from "@loomstack/core";
import { ipv4, mac } from "../of13/field-types.ts";
import { fieldRow } from "../of13/oxm.ts";
import { isWhole, type Subfield, type WholeField } from "../nicira/subfield.ts";
import type { ValueText } from "./action-text.ts";
import { portName, tableName } from "./names.ts";
import { ipv4In, macIn } from "./parse/addresses.ts";
import { dottedBytesIn, integerIn, numberU16, numberU32, numberU64 } from "./parse/numbers.ts";
import { parseSubfield } from "./parse/parse-subfield.ts";
import { portIn, tableIn } from "./parse/read-names.ts";
import { textOf } from "./parse/text-slice.ts";

export const decimal: ValueText<number> = {
  print: (value) => value.toString(),
  read: (slice) => numberU32(slice, "number"),
};
export const hexadecimal: ValueText<number> = { print: hex, read: (slice) => numberU32(slice, "number") };
export const hexadecimal64: ValueText<bigint> = { print: hex, read: (slice) => numberU64(slice, "number") };
/** With all four digits. */
export const hex16: ValueText<number> = {
  print: (value) => `0x${value.toString(16).padStart(4, "0")}`,
  read: (slice) => numberU16(slice, "number"),
};
export const macAddress: ValueText<Mac> = {
  print: (value) => value,
  read: (slice) => mac.fromInteger(macIn(slice)),
};
export const ipv4Address: ValueText<Ipv4> = {
  print: (value) => value,
  read: (slice) => ipv4.fromInteger(ipv4In(slice)),
};
/** Bytes with a dot between them. */
export const dottedBytes: ValueText<Uint8Array> = {
  print: (value) => [...value].map((octet) => octet.toString(16).padStart(2, "0")).join("."),
  read: (slice) => dottedBytesIn(slice, "list of bytes"),
};
export const portNumber: ValueText<OfPort> = { print: portName, read: portIn };
export const tableNumber: ValueText<number> = { print: tableName, read: tableIn };
export const fieldBits: ValueText<Subfield> = { print: formatSubfield, read: parseSubfield };

/** A number as C's `%#x` writes it, which has no 0x in front of a zero. */
export function hex(value: number | bigint): string {
  return value === 0 || value === 0n ? "0" : `0x${value.toString(16)}`;
}

/** `NXM_NX_REG0[]`, `NXM_NX_REG0[5]`, `NXM_NX_REG0[0..15]`. */
export function formatSubfield(subfield: Subfield): string {
  const { field, start, bits } = subfield;
  const name = fieldRow(field).subfield.wireName;
  if (isWhole(subfield)) return `${name}[]`;
  return bits === 1 ? `${name}[${start}]` : `${name}[${start}..${start + bits - 1}]`;
}

export const wholeField: ValueText<WholeField> = {
  print: ({ field }) => fieldRow(field).setName,
  read: (slice) => {
    const { field, size } = parseSubfield(slice);
    return size === undefined ? { field } : { field, size };
  },
};

/** A number, or the bits of a field that have it. */
export const numberOrBits: ValueText<number | Subfield> = {
  print: (value) => (typeof value === "number" ? value.toString() : formatSubfield(value)),
  read: (slice) => (integerIn(textOf(slice)) === undefined ? parseSubfield(slice) : numberU32(slice, "number")),
};

/** Parts that are there, with a comma between them. */
export function list(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false).join(",");
}
