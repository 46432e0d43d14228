/** Sending packets through the connection tracker. @see ovs-actions(7), "ct" and "nat" */
import {
  bits,
  type Codec,
  complete,
  optionals,
  struct,
  type StructInput,
  u16,
  u8,
  withDefault,
  zeros,
  zerosToEnd,
} from "@loomstack/wire";
import type { Action, ActionList } from "../of13/actions.ts";
import { ipv4, ipv6 } from "../of13/field-types.ts";
import { bitsOf, startAndBitsOf } from "./field-actions.ts";
import { checkedSubfield, checkSubfield, readFieldNumber, type Subfield, writeShortFieldNumber } from "./subfield.ts";

/** The packet doesn't go through another table behind the tracker (NX_CT_RECIRC_NONE). */
export const noTable = 0xff;

/** Sends the packet through the connection tracker. */
export interface Ct {
  /** `commit`: remember the connection; `force`: even where the tracker knows it in the other direction. */
  readonly flags?: { readonly commit?: boolean; readonly force?: boolean; readonly unnamed?: number } | undefined;
  /** The tracker's zone: a number, or 16 bits of a field. */
  readonly zone?: number | Subfield | undefined;
  /** Where a copy of the packet goes on once it is tracked. */
  readonly tableId?: number | undefined;
  /** The port of the protocol whose related connections are to be found: 21 for FTP, 69 for TFTP. */
  readonly alg?: number | undefined;
  /** nat, and what sets ctMark and ctLabel. */
  readonly actions?: readonly Action[] | undefined;
}

/** A number, or a field's bits: six bytes, the first four of which are zero for a number. */
const zone: Codec<number | Subfield | undefined, number | Subfield> = {
  read(reader) {
    const start = reader.offset;
    if (reader.u32() === 0) return reader.u16();
    reader.rewind(start);
    const field = readFieldNumber(reader);
    const range = bitsOf(reader.u16());
    return field && checkedSubfield(reader, { ...field, ...range }, 16);
  },
  write(writer, value) {
    if (typeof value === "number") {
      writer.u32(0);
      u16.write(writer, value);
      return;
    }
    checkSubfield(writer, value, 16);
    writeShortFieldNumber(writer, value);
    writer.u16(startAndBitsOf(value));
  },
};

/** NXAST_CT. @param actions the codec of the actions inside */
export function ctWith(actions: Codec<ActionList>): Codec<Ct | undefined, Ct> {
  return complete(
    struct({
      flags: withDefault(bits(u16, { commit: 0, force: 1 }), {}),
      zone: withDefault(zone, 0),
      tableId: withDefault(u8, noTable),
      _: zeros(3),
      alg: withDefault(u16, 0),
      actions: withDefault(actions, []),
    }),
  );
}

/** The address and the port that a connection gets instead of its own: those between two, or the one. */
const range = optionals(u16, {
  ipv4Min: [0, ipv4.codec],
  ipv4Max: [1, ipv4.codec],
  ipv6Min: [2, ipv6.codec],
  ipv6Max: [3, ipv6.codec],
  protoMin: [4, u16],
  protoMax: [5, u16],
});

/** NXAST_NAT, in the actions of `ct`. Without `src` and `dst` it does what was settled for the connection. */
export const nat = {
  _: zeros(2),
  flags: withDefault(bits(u16, { src: 0, dst: 1, persistent: 2, protoHash: 3, protoRandom: 4 }), {}),
  range: withDefault(range, {}),
  _end: zerosToEnd(8),
};
export type Nat = StructInput<typeof nat>;

/** Actions whose changes of the packet end with them. */
export interface Clone {
  readonly actions: readonly Action[];
}

/** NXAST_CLONE. @param actions the codec of the actions inside */
export function cloneWith(actions: Codec<ActionList>): Codec<Clone> {
  return struct({ _: zeros(6), actions });
}
