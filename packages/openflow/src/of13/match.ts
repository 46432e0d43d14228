import { LoomstackError } from "@loomstack/core";
import { type Codec, paddingTo, type Reader, type Writer } from "@loomstack/wire";
import { fieldByNumber, type FieldName, type FieldRow, fieldRow, type FieldValue } from "./oxm.ts";

/** A value of which only the bits of `mask` count. */
export interface Masked<T> {
  readonly value: T;
  readonly mask: T;
}

/** A match field outside the table, kept byte for byte. */
export interface UnknownField {
  readonly oxmClass: number;
  readonly number: number;
  readonly hasMask: boolean;
  /** Value and mask; behind an experimenter's id where the class has one. */
  readonly bytes: Uint8Array;
}

/** Which packets: the fields that must have a value. @see OpenFlow 1.3.5, 7.2.3 */
export type Match = { readonly [F in FieldName]?: FieldValue<F> | Masked<FieldValue<F>> | undefined } & {
  readonly unknown?: readonly UnknownField[] | undefined;
};

/** One field of a match in its normal form: the value has no bits outside the mask; a mask of all ones isn't there. */
export interface MatchEntry {
  readonly row: FieldRow;
  readonly value: unknown;
  readonly mask?: unknown;
}

/** @returns whether only some bits of the field count */
export function isMasked<T>(condition: T | Masked<T>): condition is Masked<T> {
  return typeof condition === "object" && condition !== null && "mask" in condition;
}

/**
 * The fields of a match in the order of the table, in their normal form; those with a mask of all zeros, which ask
 * nothing, are left out.
 *
 * @throws OPENFLOW__UNKNOWN_FIELD, OPENFLOW__INVALID_MASK
 */
export function matchEntries(match: Match): readonly MatchEntry[] {
  const entries: MatchEntry[] = [];
  for (const [name, condition] of Object.entries(match)) {
    if (name === "unknown" || condition === undefined) continue;
    const entry = normalEntry(fieldRow(name as FieldName), condition);
    if (entry !== undefined) entries.push(entry);
  }
  return entries.sort((a, b) => a.row.order - b.row.order);
}

/** A match that asks for the same, in its normal form. */
export function normalMatch(match: Match): Match {
  const known = matchEntries(match).map(({ row, value, mask }) => [
    row.name,
    mask === undefined ? value : { value, mask },
  ]);
  return {
    ...(Object.fromEntries(known) as Match),
    ...(match.unknown === undefined ? {} : { unknown: match.unknown }),
  };
}

function normalEntry(row: FieldRow, condition: unknown): MatchEntry | undefined {
  if (!isMasked(condition)) return { row, value: condition };
  const { toInteger, fromInteger, bits } = row.type;
  const allOnes = (1n << BigInt(bits)) - 1n;
  const mask = toInteger(condition.mask) & allOnes;
  if (mask === 0n) return undefined;
  if (mask === allOnes) return { row, value: condition.value };
  if (!row.maskable)
    throw new LoomstackError("OPENFLOW__INVALID_MASK", { field: row.name, mask: row.type.format(condition.mask) });
  return { row, value: fromInteger(toInteger(condition.value) & mask), mask: fromInteger(mask) };
}

/** The type of a match whose fields are OXM TLVs (OFPMT_OXM). */
const oxmMatch = 1;

/**
 * ofp_match with its padding. Equal matches get equal bytes, whatever the order of their properties. @see OpenFlow
 * 1.3.5, 7.2.3
 *
 * @throws WIRE__MALFORMED for a field that comes twice or whose size isn't that of its type
 */
export const match: Codec<Match> = {
  read(reader) {
    const type = reader.u16();
    if (type !== oxmMatch) throw reader.malformed(`a match of type ${type} instead of ${oxmMatch} (OXM)`);
    const length = reader.u16();
    if (length < 4) throw reader.malformed(`a match of length ${length}`);
    const value = reader.scoped(length - 4, readFields);
    reader.skip(paddingTo(8, length));
    return value;
  },
  write(writer, value) {
    const start = writer.size;
    writer.u16(oxmMatch);
    writer.u16(0);
    for (const { row, value: field, mask } of matchEntries(value)) writeOxm(writer, row, field, mask);
    for (const unknown of value.unknown ?? []) writeUnknownField(writer, unknown);
    const length = writer.size - start;
    writer.setU16(start + 2, length);
    writer.zeros(paddingTo(8, length));
  },
};

function readFields(reader: Reader): Match {
  const known: Record<string, unknown> = {};
  const unknown: UnknownField[] = [];
  while (reader.remaining > 0) {
    const found = readOxm(reader);
    if (!("row" in found)) unknown.push(found);
    else if (found.row.name in known) throw reader.malformed(`the field ${found.row.name} for the second time`);
    else known[found.row.name] = found.mask === undefined ? found.value : { value: found.value, mask: found.mask };
  }
  return unknown.length === 0 ? known : { ...known, unknown };
}

/** One OXM TLV. @see OpenFlow 1.3.5, 7.2.3.2 */
export function readOxm(reader: Reader): MatchEntry | UnknownField {
  const oxmClass = reader.u16();
  const numberAndMask = reader.u8();
  const size = reader.u8();
  const number = numberAndMask >> 1;
  const hasMask = (numberAndMask & 1) === 1;
  const row = fieldByNumber(oxmClass, number);
  if (row === undefined) return { oxmClass, number, hasMask, bytes: reader.bytes(size) };
  reader.path.enter(row.name);
  const expected = hasMask ? 2 * row.type.size : row.type.size;
  if (size !== expected) throw reader.malformed(`a size of ${size} where ${expected} is due`);
  const value = row.type.codec.read(reader);
  const entry = hasMask ? { row, value, mask: row.type.codec.read(reader) } : { row, value };
  reader.path.leave();
  return entry;
}

export function writeOxm(writer: Writer, row: FieldRow, value: unknown, mask: unknown): void {
  const hasMask = mask !== undefined;
  writer.path.enter(row.name);
  writer.u16(row.oxmClass);
  writer.u8(row.number * 2 + (hasMask ? 1 : 0));
  writer.u8(hasMask ? 2 * row.type.size : row.type.size);
  row.type.codec.write(writer, value);
  if (hasMask) row.type.codec.write(writer, mask);
  writer.path.leave();
}

function writeUnknownField(writer: Writer, field: UnknownField): void {
  if (field.bytes.byteLength > 0xff) throw writer.outOfRange(`${field.bytes.byteLength} bytes`, "a match field");
  writer.u16(field.oxmClass);
  writer.u8(field.number * 2 + (field.hasMask ? 1 : 0));
  writer.u8(field.bytes.byteLength);
  writer.bytes(field.bytes);
}
