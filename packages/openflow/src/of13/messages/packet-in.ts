import { bytesToEnd, openEnumOf, pad, type StructValue, u16, u32, u64, u8 } from "@loomstack/wire";
import { match } from "../match.ts";

/** Why a switch sends a packet. @see OpenFlow 1.3.5, 7.4.1 (ofp_packet_in_reason) */
export const packetInReasons = { noMatch: 0, action: 1, invalidTtl: 2 } as const;

/** Later versions tell apart what `action` was before, and so does Nicira's packet-in. @see OpenFlow 1.5.1, 7.4.1 */
export const laterPacketInReasons = { ...packetInReasons, actionSet: 3, group: 4, packetOut: 5 } as const;

/** A packet that a switch sends us. @see OpenFlow 1.3.5, 7.4.1 (ofp_packet_in) */
export const packetInFields = {
  bufferId: u32,
  /** Bytes of the whole packet; `data` may be less. */
  totalLength: u16,
  reason: openEnumOf(u8, laterPacketInReasons),
  tableId: u8,
  cookie: u64,
  /** What the switch knows of the packet besides its bytes: at least `inPort`. */
  match,
  _: pad(2),
  data: bytesToEnd,
};

export type PacketIn = { readonly kind: "packetIn" } & StructValue<typeof packetInFields>;
