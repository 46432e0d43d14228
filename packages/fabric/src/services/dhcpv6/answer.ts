import { isLinkLocalIpv6 } from "@loomstack/core";
import type { Ipv6Frame } from "../../packets/ipv6-frame.ts";
import { decodeUdp } from "../../packets/udp.ts";
import { encodeIpv6Datagram } from "../../packets/udp-over-ipv6.ts";
import { allDhcpRelayAgentsAndServers } from "../ipv6-multicast.ts";
import { virtualRouter } from "../virtual-router.ts";
import { answerMessage } from "./answer-message.ts";
import type { Dhcpv6Lease } from "./lease.ts";
import { decodeMessage, type Dhcpv6Message, encodeMessage } from "./message.ts";

/** @see RFC 8415, 7.2 */
export const dhcpv6Port = { client: 546, server: 547 } as const;
const hopLimit = 64;

/** The message that a guest sends to all servers of its link; undefined when the frame is something else. */
export function dhcpv6Question({ dst, ...rest }: Ipv6Frame): Dhcpv6Message | undefined {
  const datagram = decodeUdp(rest.nextHeader, rest.payload);
  if (datagram?.dstPort !== dhcpv6Port.server || dst !== allDhcpRelayAgentsAndServers) return undefined;
  // A server answers clients at their link-local addresses; a relay agent would have another (RFC 8415, 13.1).
  return isLinkLocalIpv6(rest.src) ? decodeMessage(datagram.data) : undefined;
}

/** The frame that answers `question`, which `frame` carried; undefined when it isn't answered. */
export function answerDhcpv6(frame: Ipv6Frame, question: Dhcpv6Message, lease: Dhcpv6Lease): Uint8Array | undefined {
  const answer = answerMessage(question, lease);
  if (answer === undefined) return undefined;
  const { mac, address } = virtualRouter;
  const packet = { ethSrc: mac, ethDst: frame.ethSrc, src: address, dst: frame.src, hopLimit };
  const ports = { srcPort: dhcpv6Port.server, dstPort: dhcpv6Port.client };
  return encodeIpv6Datagram({ ...packet, ...ports, data: encodeMessage(answer) });
}
