/** How hops know a packet that is traced live, and the answer to it: by what a flow can match, and by their bytes. */
import { type Match } from "@loomstack/openflow";
import { etherType, icmpv6Type } from "../../packets/protocol-numbers.ts";
import type { Packet } from "../packet.ts";
import { isQuestion } from "../packet-size.ts";
import { carriesNonce, type Nonce } from "../traced-frame.ts";

export interface Watched {
  readonly what: "packet" | "answer";
  readonly match: Match;
  /** Whether a frame that the match takes, or its beginning, is the one. */
  readonly isIt: (frame: Uint8Array) => boolean;
}

export interface MarkedPacket {
  readonly packet: Packet;
  readonly nonce: Nonce;
  /** The packet itself, and the answers that a guest may give. */
  readonly watched: readonly Watched[];
}

/** TTLs that guests don't begin with, of IPv4 packets. */
const oddTtl = { first: 33, count: 30 } as const;
const ephemeral = { first: 49_152, count: 16_384 } as const;
const destinationUnreachable = { ipv4: 3, ipv6: 1 } as const;

/**
 * Gives a packet an odd TTL or flow label, and its own source port, so that flows can match it and hardly any other; the
 * nonce in its bytes tells it from those.
 *
 * @param hasReceiver whether somebody is known to whom it goes and who may answer
 */
export function marked(packet: Packet, random: () => number, hasReceiver: boolean): MarkedPacket {
  const below = (count: number): number => Math.floor(random() * count);
  // Never 0, nor near the end: an answer in TCP says one more.
  const nonce = 1 + below(0xffff_fff0);
  const source = ephemeral.first + below(ephemeral.count);
  const own: Packet = {
    ...packet,
    ...(packet.ethType === etherType.ipv4 && { ipTtl: oddTtl.first + below(oddTtl.count) }),
    ...(packet.ethType === etherType.ipv6 && { ipv6Flabel: 1 + below(0xf_fffe) }),
    ...(packet.tcpSrc !== undefined && { tcpSrc: source }),
    // DHCP's clients have a port of their own, by which flows know them.
    ...(packet.udpSrc !== undefined && packet.udpSrc >= ephemeral.first && { udpSrc: source }),
  };
  const itself: Watched = { what: "packet", match: matchOf(own), isIt: (frame) => carriesNonce(frame, nonce) };
  return { packet: own, nonce, watched: [itself, ...(hasReceiver ? answersTo(own, nonce) : [])] };
}

/** What the switch rewrites when it answers a question itself is left out. */
function matchOf(packet: Packet): Match {
  const { ethSrc, ethDst, ethType, arpSpa, arpTpa, ipProto, ipTtl, ipv6Flabel } = packet;
  if (packet.arpOp !== undefined) return { ethType, ethSrc, arpOp: packet.arpOp, arpSpa, arpTpa };
  if (isQuestion(packet)) return { ethType, ipProto, ipv6Flabel };
  const addresses = { ethSrc, ethDst, ethType, ipv4Src: packet.ipv4Src, ipv4Dst: packet.ipv4Dst };
  const { ipv6Src, ipv6Dst, tcpSrc, tcpDst, udpSrc, udpDst, icmpv4Type, icmpv6Type: type6 } = packet;
  const rest = { tcpSrc, tcpDst, udpSrc, udpDst, icmpv4Type, icmpv6Type: type6 };
  return present({
    ...addresses,
    ipv6Src,
    ipv6Dst,
    ipv6Flabel,
    ipProto,
    ipTtl: ipv6Flabel === undefined ? ipTtl : undefined,
    ...rest,
  });
}

/** In the other direction, whatever its TTL is. */
function answersTo(packet: Packet, nonce: Nonce): Watched[] {
  const { ethSrc, ethDst, ethType, ipv4Src, ipv4Dst, ipv6Src, ipv6Dst, ipProto } = packet;
  const answer = (match: Packet, isIt: Watched["isIt"] = (frame) => carriesNonce(frame, nonce)): Watched => ({
    ...{ what: "answer", isIt },
    match: present(match),
  });
  const anything = (): boolean => true;
  if (packet.arpOp !== undefined) {
    const reply = { ethType, arpOp: 2, ethDst: ethSrc, arpSpa: packet.arpTpa, arpTpa: packet.arpSpa };
    return [answer(reply as Packet, anything)];
  }
  if (isQuestion(packet)) {
    const reply = { ethType, ethDst: ethSrc, ipProto, icmpv6Type: icmpv6Type.neighbourAdvertisement };
    return [answer({ ...reply, ndTarget: packet.ndTarget } as Packet, anything)];
  }
  const back = { ethSrc: ethDst, ethDst: ethSrc, ethType, ipv6Src: ipv6Dst, ipv6Dst: ipv6Src };
  const reversed = { ...back, ipv4Src: ipv4Dst, ipv4Dst: ipv4Src, ipProto } as Packet;
  const { tcpSrc, tcpDst, udpSrc, udpDst, icmpv4Type } = packet;
  if (tcpSrc !== undefined && tcpDst !== undefined)
    return [answer({ ...reversed, tcpSrc: tcpDst, tcpDst: tcpSrc }, (frame) => carriesNonce(frame, nonce + 1))];
  if (udpSrc !== undefined && udpDst !== undefined) {
    const refusal =
      ipv6Src === undefined
        ? { ipProto: 1, icmpv4Type: destinationUnreachable.ipv4 }
        : { ipProto: 58, icmpv6Type: destinationUnreachable.ipv6 };
    return [answer({ ...reversed, udpSrc: udpDst, udpDst: udpSrc }, anything), answer({ ...reversed, ...refusal })];
  }
  return [answer({ ...reversed, ...(icmpv4Type === undefined ? { icmpv6Type: 129 } : { icmpv4Type: 0 }) })];
}

function present(packet: { readonly [F in keyof Packet]?: Packet[F] | undefined }): Match {
  return Object.fromEntries(Object.entries(packet).filter(([, value]) => value !== undefined));
}
