import { LoomstackError } from "@loomstack/core";
import { type Codec, paddingTo, type Reader, type Writer } from "@loomstack/wire";
import { allOnes, sizeOf } from "./field-types.ts";
import { fieldByWireName, type FieldName, type FieldRow, fieldRow, type FieldValue } from "./oxm.ts";
import {
  isFieldName,
  isPlainMask,
  type OxmTlv,
  readOxm,
  type UnknownField,
  writeOxm,
  writeUnknownField,
} from "./oxm-tlv.ts";

/** A value of which only the bits of `mask` count. */
export interface Masked<T> {
  readonly value: T;
  readonly mask: T;
}

/** Which packets: the fields that must have a value. @see OpenFlow 1.3.5, 7.2.3 */
export type Match = { readonly [F in FieldName]?: FieldValue<F> | Masked<FieldValue<F>> | undefined } & {
  readonly unknown?: readonly UnknownField[] | undefined;
  /**
   * The names of the numbers that the fields had, in their order (NXM_OF_ETH_SRC, unknown), where a match was received
   * in another form than ours. Its fields are written in that form again; it means nothing else.
   */
  readonly layout?: readonly string[] | undefined;
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
 * @throws OPENFLOW__UNKNOWN_FIELD
 */
export function matchEntries(match: Match): readonly MatchEntry[] {
  const entries: MatchEntry[] = [];
  for (const name of Object.keys(match)) {
    if (!isFieldName(name)) continue;
    const condition: unknown = match[name];
    const entry = condition === undefined ? undefined : normalEntry(fieldRow(name), condition);
    if (entry !== undefined) insert(entries, entry);
  }
  return entries;
}

/** Puts an entry in its place; there are few, and most of them come in order. */
function insert(entries: MatchEntry[], entry: MatchEntry): void {
  let at = entries.length;
  while (at > 0 && (entries[at - 1]?.row.order ?? 0) > entry.row.order) at--;
  if (at === entries.length) entries.push(entry);
  else entries.splice(at, 0, entry);
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

/** @returns undefined for a condition that asks nothing */
export function normalEntry(row: FieldRow, condition: unknown): MatchEntry | undefined {
  if (!isMasked(condition)) return { row, value: condition };
  const { toInteger, fromInteger, variable } = row.type;
  const ones = allOnes(row.type, condition.value);
  const mask = toInteger(condition.mask) & ones;
  // An option that isn't there matches no value, so that no bit of it needs to count.
  if (mask === 0n && !variable) return undefined;
  // A mask without bits isn't one of all bits.
  if (mask === ones && ones !== 0n) return { row, value: condition.value };
  const size = sizeOf(row.type, condition.value);
  return { row, value: fromInteger(toInteger(condition.value) & mask, size), mask: fromInteger(mask, size) };
}

/** The type of a match whose fields are OXM TLVs (OFPMT_OXM). */
const oxmMatch = 1;

/**
 * ofp_match with its padding. Equal matches get equal bytes, whatever the order of their properties. @see OpenFlow
 * 1.3.5, 7.2.3
 *
 * @throws WIRE__MALFORMED for a field that comes twice or whose size isn't that of its type, OPENFLOW__INVALID_MASK
 *   for one that is written with a mask that it can't have
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
    writeFields(writer, value);
    const length = writer.size - start;
    writer.setU16(start + 2, length);
    writer.zeros(paddingTo(8, length));
  },
};

/** Fields one after the other up to the end of the scope, as also messages without an ofp_match have them. */
export const matchFields: Codec<Match> = { read: readFields, write: writeFields };

function readFields(reader: Reader): Match {
  const known: Record<string, unknown> = {};
  const unknown: UnknownField[] = [];
  /** Once a field isn't as we would write it. */
  let layout: string[] | undefined;
  let lastOrder = -1;
  while (reader.remaining > 0) {
    const found = readOxm(reader);
    if (!("row" in found)) {
      unknown.push(found);
      layout?.push("unknown");
      continue;
    }
    const { name, order } = found.row;
    if (name in known) throw reader.malformed(`the field ${name} for the second time`);
    if (layout === undefined && (order < lastOrder || unknown.length > 0 || !isPlain(found)))
      layout = plainLayout(known, unknown);
    layout?.push(found.number.wireName);
    known[name] = found.mask === undefined ? found.value : { value: found.value, mask: found.mask };
    lastOrder = order;
  }
  if (unknown.length > 0) known["unknown"] = unknown;
  if (layout !== undefined) known["layout"] = layout;
  return known;
}

/** The layout of fields as we would write them. */
function plainLayout(known: Match, unknown: readonly UnknownField[]): string[] {
  const names = Object.keys(known).filter(isFieldName);
  return [...names.map((name) => fieldRow(name).wireName), ...unknown.map(() => "unknown")];
}

/** Whether we would write a field as it was read. */
function isPlain({ row, number, value, mask }: OxmTlv): boolean {
  return number.wireName === row.wireName && (mask === undefined || (row.maskable && isPlainMask(row, value, mask)));
}

function writeFields(writer: Writer, value: Match): void {
  const unknown = [...(value.unknown ?? [])];
  const written = value.layout === undefined ? undefined : writeLayout(writer, value, value.layout, unknown);
  for (const { row, value: field, mask } of matchEntries(value)) {
    if (written?.has(row.name) === true) continue;
    if (mask !== undefined && !row.maskable)
      throw new LoomstackError("OPENFLOW__INVALID_MASK", { field: row.name, mask: row.type.format(mask) });
    writeOxm(writer, row, field, mask);
  }
  for (const field of unknown) writeUnknownField(writer, field);
}

/**
 * Writes the fields that `layout` names in the form that it names.
 *
 * @param unknown the fields outside the table; those that are written are taken from it
 * @returns the names of the fields that are written
 */
function writeLayout(
  writer: Writer,
  match: Match,
  layout: readonly string[],
  unknown: UnknownField[],
): ReadonlySet<FieldName> {
  const written = new Set<FieldName>();
  for (const wireName of layout) {
    const unknownField = wireName === "unknown" ? unknown.shift() : undefined;
    if (unknownField !== undefined) writeUnknownField(writer, unknownField);
    const found = fieldByWireName(wireName);
    const condition: unknown = found && match[found.row.name];
    if (found === undefined || condition === undefined || written.has(found.row.name)) continue;
    const { value, mask } = isMasked(condition) ? condition : { value: condition, mask: undefined };
    writeOxm(writer, found.row, value, mask, found.number);
    written.add(found.row.name);
  }
  return written;
}
