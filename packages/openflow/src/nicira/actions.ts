/** Actions that Open vSwitch adds to OpenFlow. @see ovs-actions(7) */
import { type Codec, inside, pad, u16, u32, u8, variants, withDefault } from "@loomstack/wire";
import { Port, shortPortNo } from "../of13/ports.ts";
import { checkSubfield, readFieldNumber, type Subfield, writeFieldNumber } from "./subfield.ts";

/** Nicira's experimenter id, which Open vSwitch has inherited. */
export const nicira = 0x0000_2320;

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

/** NXAST_REG_MOVE */
const move: Codec<Move | undefined, Move> = {
  read(reader) {
    const [bits, fromStart, toStart] = [reader.u16(), reader.u16(), reader.u16()];
    const [from, to] = [readFieldNumber(reader), readFieldNumber(reader)];
    if (from === undefined || to === undefined) return undefined;
    return { from: { field: from.name, start: fromStart, bits }, to: { field: to.name, start: toStart, bits } };
  },
  write(writer, { from, to }) {
    if (from.bits !== to.bits)
      throw writer.outOfRange(`${from.bits} bits`, `the ${to.bits} bits that they are moved to`);
    checkSubfield(writer, from, 0xffff);
    checkSubfield(writer, to, 0xffff);
    writer.u16(from.bits);
    writer.u16(from.start);
    writer.u16(to.start);
    writeFieldNumber(writer, from.field);
    writeFieldNumber(writer, to.field);
  },
};

/** The most bits that a start and a count in 16 bits can express. */
const mostBits = 64;

/** NXAST_REG_LOAD */
const load: Codec<Load | undefined, Load> = {
  read(reader) {
    const startAndBits = reader.u16();
    const row = readFieldNumber(reader);
    const value = reader.u64();
    return row && { to: { field: row.name, start: startAndBits >> 6, bits: (startAndBits & 0x3f) + 1 }, value };
  },
  write(writer, { to, value }) {
    checkSubfield(writer, to, mostBits);
    if (value < 0n || value >= 1n << BigInt(to.bits)) throw writer.outOfRange(value, `${to.bits} bits`);
    writer.u16(to.start * 64 + to.bits - 1);
    writeFieldNumber(writer, to.field);
    writer.u64(value);
  },
};

/** NXAST_OUTPUT_REG */
const outputRegister: Codec<OutputRegister | undefined, OutputRegister> = {
  read(reader) {
    const startAndBits = reader.u16();
    const row = readFieldNumber(reader);
    const maxLen = reader.u16();
    reader.skip(6);
    return row && { from: { field: row.name, start: startAndBits >> 6, bits: (startAndBits & 0x3f) + 1 }, maxLen };
  },
  write(writer, { from, maxLen }) {
    checkSubfield(writer, from, mostBits);
    writer.u16(from.start * 64 + from.bits - 1);
    writeFieldNumber(writer, from.field);
    writer.u16(maxLen ?? 0xffff);
    writer.zeros(6);
  },
};

export const niciraActions = inside(
  0xffff,
  u32,
  inside(
    nicira,
    u16,
    variants({
      move: [6, move],
      load: [7, load],
      resubmit: [14, { inPort: withDefault(shortPortNo, Port.inPort), tableId: u8, _: pad(3) }],
      outputRegister: [15, outputRegister],
      /** To the controllers, with a reason that they see in the packet-in. */
      controller: [
        20,
        { maxLen: withDefault(u16, 0xffff), controllerId: withDefault(u16, 0), reason: withDefault(u8, 1), _: pad(1) },
      ],
    }),
  ),
);
