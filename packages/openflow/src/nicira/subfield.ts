import type { Reader, Writer } from "@loomstack/wire";
import { fieldByNumber, type FieldName, type FieldRow, fieldRow } from "../of13/oxm.ts";
import type { WireNumber } from "../of13/oxm-table.ts";
import { readOxmHeader, writeOxmHeader } from "../of13/oxm-tlv.ts";

/** Some neighbouring bits of a field; bit 0 is the lowest. */
export interface Subfield {
  readonly field: FieldName;
  readonly start: number;
  readonly bits: number;
  /** Bytes of the whole field, where its width is variable (the 124 of the most there can be, if left out). */
  readonly size?: number | undefined;
}

/** A whole field, as the actions that name one without bits have it. */
export type WholeField = Pick<Subfield, "field" | "size">;

/** Which of a field's numbers an action has: Nicira's, or that of OpenFlow 1.3. */
type NumberForm = "nicira" | "of13";

/**
 * The number of a field as actions have it: the header of its TLV, without a value.
 *
 * @returns undefined for a field outside the table, and for another of its numbers
 */
export function readFieldNumber(reader: Reader, form: NumberForm = "nicira"): WholeField | undefined {
  const { oxmClass, number, experimenter, hasMask, size } = readOxmHeader(reader);
  const found = fieldByNumber(oxmClass, number, experimenter);
  if (found === undefined || hasMask || found.number.wireName !== numberIn(found.row, form).wireName) return undefined;
  const { name, type } = found.row;
  if (type.variable) return size > type.size ? undefined : { field: name, ...(size === type.size ? {} : { size }) };
  return type.size === size ? { field: name } : undefined;
}

export function writeFieldNumber(writer: Writer, { field, size }: WholeField, form: NumberForm = "nicira"): void {
  const row = fieldRow(field);
  writeOxmHeader(writer, numberIn(row, form), false, row.type.variable ? (size ?? row.type.size) : row.type.size);
}

function numberIn(row: FieldRow, form: NumberForm): WireNumber {
  return form === "nicira" ? row.subfield : row;
}

/**
 * As writeFieldNumber, for an action that has room for four bytes only.
 *
 * @throws WIRE__OUT_OF_RANGE for a field that only an experimenter has a number for
 */
export function writeShortFieldNumber(writer: Writer, field: WholeField): void {
  if (fieldRow(field.field).subfield.experimenter !== undefined)
    throw writer.outOfRange(field.field, "an action for fields that have a number of four bytes");
  writeFieldNumber(writer, field);
}

/** How many bits of a field there are for an action. */
export function subfieldBits({ field, size }: WholeField): number {
  const { type } = fieldRow(field);
  return type.variable && size !== undefined ? 8 * size : type.subfieldBits;
}

/** Whether it is all of the field. */
export function isWhole(subfield: Subfield): boolean {
  return subfield.start === 0 && subfield.bits === subfieldBits(subfield);
}

/** @throws WIRE__OUT_OF_RANGE where the bits aren't all in the field, or too many for the action */
export function checkSubfield(writer: Writer, subfield: Subfield, most: number): void {
  if (!fits(subfield, most)) throw writer.outOfRange(rangeText(subfield), limitText(subfield, most));
}

/** @throws WIRE__MALFORMED where the bits aren't all in the field, or too many for the action */
export function checkedSubfield(reader: Reader, subfield: Subfield, most: number): Subfield {
  if (fits(subfield, most)) return subfield;
  throw reader.malformed(`${rangeText(subfield)} where there are ${limitText(subfield, most)}`);
}

function fits(subfield: Subfield, most: number): boolean {
  const { start, bits } = subfield;
  return start >= 0 && bits >= 1 && bits <= most && start + bits <= subfieldBits(subfield);
}

function rangeText({ field, start, bits }: Subfield): string {
  return `${field}[${start}..${start + bits - 1}]`;
}

function limitText(subfield: Subfield, most: number): string {
  return `at most ${most} bits of the ${subfieldBits(subfield)} that ${subfield.field} has`;
}
