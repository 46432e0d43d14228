import type { Reader, Writer } from "@loomstack/wire";
import { fieldByNumber, type FieldName, type FieldRow, fieldRow } from "../of13/oxm.ts";

/** Some neighbouring bits of a field; bit 0 is the lowest. */
export interface Subfield {
  readonly field: FieldName;
  readonly start: number;
  readonly bits: number;
}

/**
 * The number of a field as Nicira's actions have it: the header of an NXM TLV.
 *
 * @returns undefined for a field outside the table
 */
export function readFieldNumber(reader: Reader): FieldRow | undefined {
  const oxmClass = reader.u16();
  const number = reader.u8() >> 1;
  const size = reader.u8();
  const row = fieldByNumber(oxmClass, number);
  return row?.type.size === size ? row : undefined;
}

export function writeFieldNumber(writer: Writer, name: FieldName): void {
  const row = fieldRow(name);
  writer.u16(row.subfield.oxmClass);
  writer.u8(row.subfield.number * 2);
  writer.u8(row.type.size);
}

/** @throws WIRE__OUT_OF_RANGE where the bits aren't all in the field, or too many for the action */
export function checkSubfield(writer: Writer, { field, start, bits }: Subfield, most: number): void {
  const size = fieldRow(field).type.bits;
  if (start < 0 || bits < 1 || bits > most || start + bits > size) {
    throw writer.outOfRange(
      `${field}[${start}..${start + bits - 1}]`,
      `at most ${most} bits of the ${size} that ${field} has`,
    );
  }
}
