/** One match field on the wire. @see OpenFlow 1.3.5, 7.2.3.2 */
import type { Reader, Writer } from "@loomstack/wire";
import { allOnes, type FieldType, sizeOf } from "./field-types.ts";
import { fieldByNumber, type FieldName, type FieldRow, type NumberedField } from "./oxm.ts";
import { OxmClass, type WireNumber } from "./oxm-table.ts";

/** A match field outside the table, kept byte for byte. */
export interface UnknownField {
  readonly oxmClass: number;
  readonly number: number;
  readonly hasMask: boolean;
  /** Value and mask; behind an experimenter's id where the class has one. */
  readonly bytes: Uint8Array;
}

/** A field that was read, and the number that it had. */
export interface OxmTlv extends NumberedField {
  readonly value: unknown;
  /** Undefined where there is none. */
  readonly mask: unknown;
}

/** The four or, of an experimenter, eight bytes in front of a field's value. */
export interface OxmHeader {
  readonly oxmClass: number;
  readonly number: number;
  readonly hasMask: boolean;
  readonly experimenter: number | undefined;
  /** Bytes of the value and, if there is one, of the mask. */
  readonly size: number;
}

/** Bytes of the id that the class of the experimenters has, and that the length counts. */
const experimenterSize = 4;

/** @throws WIRE__MALFORMED for a length that doesn't even have the experimenter's id in it */
export function readOxmHeader(reader: Reader): OxmHeader {
  const oxmClass = reader.u16();
  const numberAndMask = reader.u8();
  const length = reader.u8();
  const number = numberAndMask >> 1;
  const hasMask = (numberAndMask & 1) === 1;
  if (oxmClass !== OxmClass.experimenter) return { oxmClass, number, hasMask, experimenter: undefined, size: length };
  if (length < experimenterSize) throw reader.malformed(`a length of ${length}, which has no room for an experimenter`);
  return { oxmClass, number, hasMask, experimenter: reader.u32(), size: length - experimenterSize };
}

/** @param size bytes of the value and, if there is one, of the mask */
export function writeOxmHeader(writer: Writer, number: WireNumber, hasMask: boolean, size: number): void {
  const length = number.experimenter === undefined ? size : size + experimenterSize;
  if (length > 0xff) throw writer.outOfRange(`${length} bytes`, "a match field");
  writer.u16(number.oxmClass);
  writer.u8(number.number * 2 + (hasMask ? 1 : 0));
  writer.u8(length);
  if (number.experimenter !== undefined) writer.u32(number.experimenter);
}

/** @throws WIRE__MALFORMED for a field of another size than its type's */
export function readOxm(reader: Reader): OxmTlv | UnknownField {
  const start = reader.offset;
  const bits = reader.u32();
  const isExperimenter = bits >>> 16 === OxmClass.experimenter;
  // Most fields have no experimenter: they need no header in an object of its own.
  const found = isExperimenter ? undefined : fieldByNumber(bits >>> 16, (bits >>> 9) & 0x7f);
  if (found !== undefined) return readField(reader, found, (bits & 0x100) !== 0, bits & 0xff);
  reader.rewind(start);
  const header = readOxmHeader(reader);
  const { oxmClass, number, hasMask, experimenter, size } = header;
  const extended = fieldByNumber(oxmClass, number, experimenter);
  return extended === undefined ? readUnknown(reader, start, header) : readField(reader, extended, hasMask, size);
}

/** @param size bytes of the value and, if there is one, of the mask */
function readField(reader: Reader, { row, number }: NumberedField, hasMask: boolean, size: number): OxmTlv {
  const { type } = row;
  reader.path.enter(row.name);
  const valueSize = hasMask ? size / 2 : size;
  if (type.variable ? !Number.isInteger(valueSize) || valueSize > type.size : valueSize !== type.size)
    throw reader.malformed(`a size of ${size} where ${dueSize(row, hasMask)} is due`);
  const value = readValue(reader, type, valueSize);
  const mask = hasMask ? readValue(reader, type, valueSize) : undefined;
  reader.path.leave();
  return { row, number, value, mask };
}

function readValue(reader: Reader, type: FieldType<unknown>, size: number): unknown {
  return type.variable ? reader.scoped(size, type.codec.read) : type.codec.read(reader);
}

/** Writes a field in the form that `number` stands for. */
export function writeOxm(writer: Writer, row: FieldRow, value: unknown, mask: unknown, number: WireNumber = row): void {
  writer.path.enter(row.name);
  const size = sizeOf(row.type, value);
  if (size > row.type.size || (mask !== undefined && sizeOf(row.type, mask) !== size))
    throw writer.outOfRange(`${size} bytes`, `a value and a mask of ${row.name}`);
  writeOxmHeader(writer, number, mask !== undefined, mask === undefined ? size : 2 * size);
  row.type.codec.write(writer, value);
  if (mask !== undefined) row.type.codec.write(writer, mask);
  writer.path.leave();
}

export function writeUnknownField(writer: Writer, { oxmClass, number, hasMask, bytes }: UnknownField): void {
  writeOxmHeader(writer, { wireName: "unknown", oxmClass, number }, hasMask, bytes.byteLength);
  writer.bytes(bytes);
}

/** Whether a mask is one that we would write: it leaves out some bits, but not all, and the value has none of those. */
export function isPlainMask({ type }: FieldRow, value: unknown, mask: unknown): boolean {
  const ones = allOnes(type, value);
  const bits = type.toInteger(mask);
  return bits !== ones && (bits !== 0n || type.variable) && (type.toInteger(value) & ~bits) === 0n && bits <= ones;
}

/** The name of a row in objects that have one property for each field. */
export function isFieldName(name: string): name is FieldName {
  return name !== "unknown" && name !== "layout";
}

function readUnknown(reader: Reader, start: number, header: OxmHeader): UnknownField {
  const { oxmClass, number, hasMask, size } = header;
  reader.rewind(start + 4);
  return {
    oxmClass,
    number,
    hasMask,
    bytes: reader.bytes(header.experimenter === undefined ? size : size + experimenterSize),
  };
}

function dueSize({ type }: FieldRow, hasMask: boolean): string {
  const due = hasMask ? 2 * type.size : type.size;
  return type.variable ? `at most ${due}, a value and a mask of the same,` : due.toString();
}
