/**
 * A packet for the controller as a list of properties, some of which only this form has: the controller action's
 * userdata, and the state with which a paused packet goes on. Switches send it to those who have asked for the format.
 *
 * @see ovs-actions(7), "The controller action"
 */
import {
  bytesToEnd,
  listToEnd,
  openEnumOf,
  pad,
  type StructInput,
  type StructValue,
  u32,
  u64,
  u8,
  variants,
} from "@loomstack/wire";
import { matchFields } from "../of13/match.ts";
import { laterPacketInReasons } from "../of13/messages/packet-in.ts";
import { property } from "../onf/properties.ts";

/** NXPINT_*, in the order in which Open vSwitch sends them. */
const properties = variants({
  packet: [0, { data: bytesToEnd }],
  /** Bytes of the whole packet, where `packet` isn't all of it. */
  fullLength: [1, { bytes: u32 }],
  bufferId: [2, { bufferId: u32 }],
  tableId: [3, { tableId: u8 }],
  cookie: [4, { _: pad(4), cookie: u64 }],
  reason: [5, { reason: openEnumOf(u8, laterPacketInReasons) }],
  /** What the switch knows of the packet besides its bytes. */
  metadata: [6, { match: matchFields }],
  userdata: [7, { data: bytesToEnd }],
  /** The switch's own; goes back to it in `resume`. */
  continuation: [8, { data: bytesToEnd }],
});

export const packetIn2Fields = { properties: listToEnd(property(properties)) };

/** Lets a paused packet go on, changed or not: properties of its packet-in, the continuation among them. */
export const resumeFields = packetIn2Fields;

export type PacketIn2 = { readonly kind: "packetIn2" } & StructValue<typeof packetIn2Fields>;
export type Resume = { readonly kind: "resume" } & StructInput<typeof resumeFields>;
