import type { OfPort } from "@loomstack/core";
import { bytesToEnd, mapped, openEnumOf, pad, sized, struct, u16, u32, u8, withDefault } from "@loomstack/wire";
import { type PacketIn, laterPacketInReasons } from "../../of13/messages/packet-in.ts";
import type { PacketOut } from "../../of13/messages/packet-out.ts";
import { allTables, noBuffer, Port, shortPortNo } from "../../of13/ports.ts";
import { unsayable } from "../../version/version.ts";
import { actions10 } from "../actions.ts";

const packetIn = struct({
  bufferId: u32,
  totalLength: u16,
  inPort: shortPortNo,
  reason: openEnumOf(u8, laterPacketInReasons),
  _: pad(1),
  data: bytesToEnd,
});

/** What OpenFlow 1.3 has for a packet whose flow isn't known. */
const noCookie = 2n ** 64n - 1n;

/** A packet that a switch sends us; it doesn't say by which flow. @see OpenFlow 1.0.0, 5.4.1 (ofp_packet_in) */
export const packetIn10 = mapped(packetIn, {
  decode: ({ inPort, ...packet }) => ({ ...packet, tableId: allTables, cookie: noCookie, match: { inPort } }),
  encode: ({ match, ...packet }: Omit<PacketIn, "kind">) => {
    const { inPort } = match;
    if (typeof inPort !== "number") throw unsayable("1.0", "a packet without the port that it came in by");
    return { ...packet, inPort };
  },
});

const packetOut = struct({
  bufferId: withDefault(u32, noBuffer),
  inPort: shortPortNo,
  actions: sized(u16, actions10),
  data: bytesToEnd,
});

/** A packet for a switch to send. @see OpenFlow 1.0.0, 5.3.6 (ofp_packet_out) */
export const packetOut10 = mapped(packetOut, {
  decode: ({ inPort, ...packet }) => ({ ...packet, inPort: inPort === Port.any ? Port.controller : inPort }),
  encode: (packet: Omit<PacketOut, "kind">) => ({ ...packet, inPort: portOf(packet.inPort ?? Port.controller) }),
});

/** A packet of the controller's own came in by no port. */
function portOf(port: OfPort): OfPort {
  return port === Port.controller ? Port.any : port;
}
