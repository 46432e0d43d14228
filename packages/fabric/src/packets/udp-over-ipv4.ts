import { ipProto } from "../features/feature.ts";
import { decodeIpv4Frame, encodeIpv4Frame, type Ipv4Frame, ipv4ToBytes } from "./ipv4-frame.ts";
import { viewOf } from "./ipv6-frame.ts";
import { onesComplementSum } from "./ones-complement-sum.ts";
import { decodeUdp, type Udp } from "./udp.ts";

type Envelope = Omit<Ipv4Frame, "protocol" | "payload">;

const headerLength = 8;

/** A datagram, and the packet that carries it. */
export type Ipv4Datagram = Envelope & Udp;

/** Reads the frame of a datagram in an IPv4 packet; undefined when it is something else, or cut short. */
export function decodeIpv4Datagram(frame: Uint8Array): Ipv4Datagram | undefined {
  const packet = decodeIpv4Frame(frame);
  const udp = packet && decodeUdp({ nextHeader: packet.protocol, payload: packet.payload });
  if (packet === undefined || udp === undefined) return undefined;
  const { ethSrc, ethDst, src, dst } = packet;
  return { ethSrc, ethDst, src, dst, ...udp };
}

/** The frame of a datagram in an IPv4 packet. @see RFC 768 */
export function encodeIpv4Datagram({ srcPort, dstPort, data, ...envelope }: Ipv4Datagram): Uint8Array {
  const payload = new Uint8Array(headerLength + data.length);
  const view = viewOf(payload);
  view.setUint16(0, srcPort);
  view.setUint16(2, dstPort);
  view.setUint16(4, payload.length);
  payload.set(data, headerLength);
  const pseudo = Uint8Array.from([
    ...ipv4ToBytes(envelope.src),
    ...ipv4ToBytes(envelope.dst),
    ...[0, ipProto.udp, payload.length >> 8, payload.length & 0xff],
  ]);
  // A sum of zero is sent as all ones: zero means that there is none.
  view.setUint16(6, 0xffff - onesComplementSum(payload, onesComplementSum(pseudo)) || 0xffff);
  return encodeIpv4Frame({ ...envelope, protocol: ipProto.udp, payload });
}
