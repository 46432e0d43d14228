/** An action that adds flows. @see ovs-actions(7), "learn" */
import {
  bits,
  canonicalOnly,
  type Codec,
  complete,
  listToEnd,
  type Reader,
  struct,
  type StructInput,
  u16,
  u32,
  u64,
  u8,
  withDefault,
  type Writer,
  zeros,
} from "@loomstack/wire";
import { bytesToInteger, integerToBytes } from "../of13/integer-bytes.ts";
import {
  checkedSubfield,
  checkSubfield,
  readFieldNumber,
  type Subfield,
  writeFieldNumber,
  writeShortFieldNumber,
} from "./subfield.ts";

/** Bits of the packet that makes the flow, or a number for as many bits as it is put into. */
export type LearnSource = Subfield | bigint;

/** One thing that the flow which is added has. */
export type LearnSpec =
  /** A condition of its match. */
  | { readonly kind: "match"; readonly from: LearnSource; readonly to: Subfield }
  /** An action that loads bits of a field. */
  | { readonly kind: "load"; readonly from: LearnSource; readonly to: Subfield }
  /** An action that sends packets to the port whose number is in bits of the packet that makes the flow. */
  | { readonly kind: "output"; readonly from: Subfield };

/** The header of a flow_mod_spec: 11 bits for the number of bits, and what the source and the destination are. */
const bitsMask = 0x3ff;
const immediate = 0x2000;
const destinations = { match: 0x0000, load: 0x0800, output: 0x1000 } as const;
const destinationMask = 0x1800;

const spec: Codec<LearnSpec | undefined, LearnSpec> = {
  read(reader) {
    const header = reader.u16();
    const bits = header & bitsMask;
    const kind = kindOf(reader, header & destinationMask);
    const from = (header & immediate) === 0 ? readSubfield(reader, bits) : readImmediate(reader, bits);
    if (kind === "output") {
      if (typeof from === "bigint") throw reader.malformed("an output to a number");
      return from && { kind, from };
    }
    const to = readSubfield(reader, bits);
    return from === undefined || to === undefined ? undefined : { kind, from, to };
  },
  write(writer, value) {
    const { kind, from } = value;
    const bits = value.kind === "output" ? value.from.bits : value.to.bits;
    if (bits > bitsMask) throw writer.outOfRange(`${bits} bits`, `at most ${bitsMask}`);
    writer.u16(bits + destinations[kind] + (typeof from === "bigint" ? immediate : 0));
    if (typeof from === "bigint") writeImmediate(writer, from, bits);
    else writeSubfield(writer, from, bits);
    if (value.kind !== "output") writeSubfield(writer, value.to, bits);
  },
};

/** Actions take a multiple of so many bytes. */
const alignment = 8;

/** Specs up to the end of the scope or the zeros that fill it up; undefined also for more zeros than we would write. */
const specs: Codec<readonly LearnSpec[] | undefined, readonly LearnSpec[]> = {
  read(reader) {
    const values: LearnSpec[] = [];
    while (reader.remaining >= 2) {
      const start = reader.offset;
      if (reader.u16() === 0) break;
      reader.rewind(start);
      reader.path.enter(values.length);
      const value = spec.read(reader);
      reader.path.leave();
      if (value === undefined) return undefined;
      values.push(value);
    }
    const surplus = reader.remaining >= alignment;
    zeros(reader.remaining).read(reader);
    return surplus ? undefined : values;
  },
  write: listToEnd(spec).write,
};

const common = {
  idleTimeoutSec: withDefault(u16, 0),
  hardTimeoutSec: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  cookie: withDefault(u64, 0n),
  /** `deleteLearned`: the flows that it has added go with the last flow that has this action. */
  flags: withDefault(bits(u16, { sendFlowRemoved: 0, deleteLearned: 1 }), {}),
  tableId: u8,
  _: zeros(1),
  /** For flows of TCP, once their connection ends; 0 changes nothing. */
  finIdleTimeoutSec: withDefault(u16, 0),
  finHardTimeoutSec: withDefault(u16, 0),
};

const learnBody = struct({ ...common, specs });

/** NXAST_LEARN */
export const learn = canonicalOnly(complete(learnBody));

/** Adds a flow, made of the packet and of what `specs` say. */
export type Learn = StructInput<typeof common & { readonly specs: typeof specs }>;

/** As Learn, with a limit. */
export interface Learn2 extends Learn {
  /** The most flows that may be in the table with the same cookie; 0 for any number. */
  readonly limit?: number | undefined;
  /** One bit, which is set where the limit left room for the flow. */
  readonly result?: Subfield | undefined;
}

const learn2Head = struct({
  ...common,
  limit: withDefault(u32, 0),
  resultStart: withDefault(u16, 0),
  _pad: zeros(2),
});

/** The flag that says that there is a field for the result (NX_LEARN_F_WRITE_RESULT). */
const writeResult = 4;

/** NXAST_LEARN2 */
export const learn2: Codec<Learn2 | undefined, Learn2> = canonicalOnly({
  read(reader): Learn2 | undefined {
    const { resultStart, flags, ...head } = learn2Head.read(reader);
    const hasResult = ((flags.unnamed ?? 0) & writeResult) !== 0;
    const field = hasResult ? readFieldNumber(reader) : undefined;
    const read = specs.read(reader);
    if (read === undefined || hasResult !== (field !== undefined)) return undefined;
    const value = { ...head, flags: hasResult ? withoutResult(flags) : flags, specs: read };
    return field ? { ...value, result: checkedSubfield(reader, { ...field, start: resultStart, bits: 1 }, 1) } : value;
  },
  write(writer, { result, ...value }) {
    if (result !== undefined) checkSubfield(writer, result, 1);
    const unnamed = (value.flags?.unnamed ?? 0) + (result === undefined ? 0 : writeResult);
    learn2Head.write(writer, { ...value, flags: { ...value.flags, unnamed }, resultStart: result?.start });
    if (result !== undefined) writeFieldNumber(writer, result);
    specs.write(writer, value.specs);
  },
});

function withoutResult({ unnamed = 0, ...named }: NonNullable<Learn["flags"]>): NonNullable<Learn["flags"]> {
  return unnamed === writeResult ? named : { ...named, unnamed: unnamed - writeResult };
}

function kindOf(reader: Reader, destination: number): LearnSpec["kind"] {
  if (destination === destinations.match) return "match";
  if (destination === destinations.load) return "load";
  if (destination === destinations.output) return "output";
  throw reader.malformed("a flow_mod_spec for neither match, load nor output");
}

function readSubfield(reader: Reader, bits: number): Subfield | undefined {
  const field = readFieldNumber(reader);
  const start = reader.u16();
  return field && checkedSubfield(reader, { ...field, start, bits }, bitsMask);
}

function writeSubfield(writer: Writer, subfield: Subfield, bits: number): void {
  if (subfield.bits !== bits)
    throw writer.outOfRange(`${subfield.bits} bits`, `the ${bits} bits that they are put into`);
  checkSubfield(writer, subfield, bitsMask);
  writeShortFieldNumber(writer, subfield);
  writer.u16(subfield.start);
}

/** Bytes that a number of so many bits takes: a multiple of two. */
function immediateSize(bits: number): number {
  return 2 * Math.ceil(bits / 16);
}

function readImmediate(reader: Reader, bits: number): bigint {
  const value = bytesToInteger(reader.bytes(immediateSize(bits)));
  if (value >= 1n << BigInt(bits))
    throw reader.malformed(`0x${value.toString(16)} where there are ${bits} bits for it`);
  return value;
}

function writeImmediate(writer: Writer, value: bigint, bits: number): void {
  if (value < 0n || value >= 1n << BigInt(bits)) throw writer.outOfRange(value, `${bits} bits`);
  writer.bytes(integerToBytes(value, immediateSize(bits)));
}
