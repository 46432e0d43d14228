/**
 * The messages that Open vSwitch has under Nicira's number. Those that only OpenFlow 1.0 needs, because later versions
 * have their own (flow mods, flow statistics, flow monitors, roles), aren't here.
 *
 * @see ovs-ofctl(8)
 */
import { inside, mapped, openEnumOf, pad, u16, u32, u8, variants } from "@loomstack/wire";
import { nicira } from "./actions.ts";
import { asyncConfig2Fields } from "./async-config2.ts";
import { ctFlushFields } from "./ct-flush.ts";
import { bucketGroupMod } from "./group-mod.ts";
import { ipfixStatsReplyFields } from "./ipfix-stats.ts";
import { nxtPacketInFields } from "./packet-in.ts";
import { packetIn2Fields, resumeFields } from "./packet-in2.ts";
import { tlvTableModFields, tlvTableReplyFields } from "./tlv-table.ts";

/** The forms in which a switch can send packets. (NXPIF_*) */
const packetInFormats = { standard: 0, nxtPacketIn: 1, nxtPacketIn2: 2 } as const;

const flag = { decode: (octet: number) => octet !== 0, encode: (on: boolean) => (on ? 1 : 0) };

/** The messages by their kinds, for versions that have some of their own. */
export const niciraMessageRows = {
  /** Whether flow mods of OpenFlow 1.0 name a table, in the high byte of their command. */
  flowModTableId: [15, { on: mapped(u8, flag), _: pad(7) }],
  setPacketInFormat: [16, { format: openEnumOf(u32, packetInFormats) }],
  nxtPacketIn: [17, nxtPacketInFields],
  /** Asks for the age of flows in the statistics of OpenFlow 1.0's extended form. */
  flowAge: [18, {}],
  /** Which of the controllers that a controller action can name this connection is. */
  setControllerId: [20, { _: pad(6), controllerId: u16 }],
  tlvTableMod: [24, tlvTableModFields],
  tlvTableRequest: [25, {}],
  tlvTableReply: [26, tlvTableReplyFields],
  setAsyncConfig2: [27, asyncConfig2Fields],
  resume: [28, resumeFields],
  /** Forgets the tracked connections of a zone. */
  ctFlushZone: [29, { _: pad(6), zone: u16 }],
  packetIn2: [30, packetIn2Fields],
  bucketGroupMod: [31, bucketGroupMod],
  ctFlush: [32, ctFlushFields],
} as const;

export const niciraMessages = inside(nicira, u32, variants(niciraMessageRows));

export const niciraMultipartRequest = inside(
  0xffff,
  u32,
  inside(nicira, u32, variants({ ipfixBridge: [3, {}], ipfixFlow: [4, {}] })),
);

export const niciraMultipartReply = inside(
  0xffff,
  u32,
  inside(nicira, u32, variants({ ipfixBridge: [3, ipfixStatsReplyFields], ipfixFlow: [4, ipfixStatsReplyFields] })),
);
