import {
  bytesToEnd,
  type Codec,
  openEnumOf,
  pad,
  paddingTo,
  type StructValue,
  u16,
  u32,
  u64,
  u8,
} from "@loomstack/wire";
import { type Match, matchFields } from "../of13/match.ts";
import { laterPacketInReasons } from "../of13/messages/packet-in.ts";

/** Fields without OpenFlow's header in front of them: their length in bytes, and padding to a multiple of eight. */
const nxMatch: Codec<Match> = {
  read(reader) {
    const length = reader.u16();
    reader.skip(6);
    const match = reader.scoped(length, matchFields.read);
    reader.skip(paddingTo(8, length));
    return match;
  },
  write(writer, match) {
    const start = writer.size;
    writer.zeros(8);
    matchFields.write(writer, match);
    const length = writer.size - start - 8;
    if (length > 0xffff) throw writer.outOfRange(`${length} bytes`, "a length of 16 bits");
    writer.setU16(start, length);
    writer.zeros(paddingTo(8, length));
  },
};

/**
 * A packet for the controller, in the form that versions before 1.2 lack (NXPIF_NXT_PACKET_IN). Switches send it, in
 * whatever version, to those who have asked for the format.
 *
 * @see ovs-ofctl(8), "set-packet-in-format"
 */
export const nxtPacketInFields = {
  bufferId: u32,
  /** Bytes of the whole packet; `data` may be less. */
  totalLength: u16,
  reason: openEnumOf(u8, laterPacketInReasons),
  tableId: u8,
  cookie: u64,
  /** What the switch knows of the packet besides its bytes. */
  match: nxMatch,
  _: pad(2),
  data: bytesToEnd,
};

export type NxtPacketIn = { readonly kind: "nxtPacketIn" } & StructValue<typeof nxtPacketInFields>;
