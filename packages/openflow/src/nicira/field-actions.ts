/** Actions on the bits of fields. @see ovs-actions(7), "Data Movement" */
import { type Codec, filledUp, u16, zerosToEnd } from "@loomstack/wire";
import {
  checkedSubfield,
  checkSubfield,
  readFieldNumber,
  type Subfield,
  type WholeField,
  writeFieldNumber,
  writeShortFieldNumber,
} from "./subfield.ts";

/** Copies bits of a field to another, of the same number. */
export interface Move {
  readonly from: Subfield;
  readonly to: Subfield;
}

/** Puts a number of up to 64 bits into bits of a field. */
export interface Load {
  readonly to: Subfield;
  readonly value: bigint;
}

/** Sends the packet to the port whose number is in bits of a field. */
export interface OutputRegister {
  readonly from: Subfield;
  readonly maxLen?: number | undefined;
}

/** Puts bits of a field on the packet's stack, or takes them from there. */
export interface Stack {
  readonly subfield: Subfield;
}

/** Sets a bit where the packet is longer than that many bytes. */
export interface CheckPktLarger {
  readonly pktLen: number;
  /** One bit. */
  readonly to: Subfield;
}

/** The most bits that a start and a count in 16 bits can express. */
export const mostBits = 64;
const noLimit = 0xffff;
/** What is left of the 24 bytes of an action whose body is filled up with zeros. */
const bodySize = 14;

/** NXAST_REG_MOVE */
export const move: Codec<Move | undefined, Move> = moveIn("nicira");
/** ONFACT_COPY_FIELD, which has fields by other numbers. @see ONF extension 320 */
export const copyField: Codec<Move | undefined, Move> = moveIn("of13", { before: 2, behind: 2 });

/** @param gaps bytes of padding around the numbers of bits */
export function moveIn(
  form: "nicira" | "of13",
  gaps: { readonly before: number; readonly behind: number } = { before: 0, behind: 0 },
): Codec<Move | undefined, Move> {
  return {
    read(reader) {
      reader.skip(gaps.before);
      const bits = reader.u16();
      const fromStart = reader.u16();
      const toStart = reader.u16();
      reader.skip(gaps.behind);
      const from = readFieldNumber(reader, form);
      const to = readFieldNumber(reader, form);
      if (from === undefined || to === undefined) return undefined;
      zerosToEnd(8).read(reader);
      return {
        from: checkedSubfield(reader, { ...from, start: fromStart, bits }, noLimit),
        to: checkedSubfield(reader, { ...to, start: toStart, bits }, noLimit),
      };
    },
    write(writer, { from, to }) {
      if (from.bits !== to.bits)
        throw writer.outOfRange(`${from.bits} bits`, `the ${to.bits} bits that they are moved to`);
      checkSubfield(writer, from, noLimit);
      checkSubfield(writer, to, noLimit);
      writer.zeros(gaps.before);
      writer.u16(from.bits);
      writer.u16(from.start);
      writer.u16(to.start);
      writer.zeros(gaps.behind);
      writeFieldNumber(writer, from, form);
      writeFieldNumber(writer, to, form);
    },
  };
}

/** NXAST_REG_LOAD */
export const load: Codec<Load | undefined, Load> = {
  read(reader) {
    const to = fieldBits.read(reader);
    const value = reader.u64();
    if (to !== undefined && BigInt.asUintN(to.bits, value) !== value)
      throw reader.malformed(`0x${value.toString(16)} where there are ${to.bits} bits for it`);
    return to && { to, value };
  },
  write(writer, { to, value }) {
    fieldBits.write(writer, to);
    if (BigInt.asUintN(to.bits, value) !== value) throw writer.outOfRange(value, `${to.bits} bits`);
    writer.u64(value);
  },
};

/** NXAST_OUTPUT_REG2, which takes fields of experimenters, too. */
export const outputRegister2: Codec<OutputRegister | undefined, OutputRegister> = filledUp(bodySize, {
  read(reader) {
    const range = bitsOf(reader.u16());
    const maxLen = reader.u16();
    const field = readFieldNumber(reader);
    return field && { from: checkedSubfield(reader, { ...field, ...range }, mostBits), maxLen };
  },
  write(writer, { from, maxLen }) {
    checkSubfield(writer, from, mostBits);
    writer.u16(startAndBitsOf(from));
    u16.write(writer, maxLen ?? 0xffff);
    writeFieldNumber(writer, from);
  },
});

/** NXAST_STACK_PUSH and NXAST_STACK_POP */
export const stack: Codec<Stack | undefined, Stack> = filledUp(bodySize, {
  read(reader) {
    const start = reader.u16();
    const field = readFieldNumber(reader);
    const bits = reader.u16();
    return field && { subfield: checkedSubfield(reader, { ...field, start, bits }, noLimit) };
  },
  write(writer, { subfield }) {
    checkSubfield(writer, subfield, noLimit);
    writer.u16(subfield.start);
    writeFieldNumber(writer, subfield);
    writer.u16(subfield.bits);
  },
});

/** NXAST_CHECK_PKT_LARGER */
export const checkPktLarger: Codec<CheckPktLarger | undefined, CheckPktLarger> = filledUp(bodySize, {
  read(reader) {
    const pktLen = reader.u16();
    const start = reader.u16();
    const field = readFieldNumber(reader);
    return field && { pktLen, to: checkedSubfield(reader, { ...field, start, bits: 1 }, 1) };
  },
  write(writer, { pktLen, to }) {
    checkSubfield(writer, to, 1);
    u16.write(writer, pktLen);
    writer.u16(to.start);
    writeFieldNumber(writer, to);
  },
});

/** NXAST_DELETE_FIELD */
export const deleteField: Codec<WholeField | undefined, WholeField> = filledUp(bodySize, {
  read: readFieldNumber,
  write: writeFieldNumber,
});

/** Where bits start, how many there are and in which field, in six bytes. */
export const fieldBits: Codec<Subfield | undefined, Subfield> = {
  read(reader) {
    const range = bitsOf(reader.u16());
    const field = readFieldNumber(reader);
    return field && checkedSubfield(reader, { ...field, ...range }, mostBits);
  },
  write(writer, subfield) {
    checkSubfield(writer, subfield, mostBits);
    writer.u16(startAndBitsOf(subfield));
    writeShortFieldNumber(writer, subfield);
  },
};

export function bitsOf(startAndBits: number): { readonly start: number; readonly bits: number } {
  return { start: startAndBits >> 6, bits: (startAndBits & 0x3f) + 1 };
}

export function startAndBitsOf({ start, bits }: Subfield): number {
  return start * 64 + bits - 1;
}
