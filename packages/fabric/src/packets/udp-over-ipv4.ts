import { decodeIpv4Frame, encodeIpv4Frame, type Ipv4Frame, ipv4ToBytes } from "./ipv4-frame.ts";
import { onesComplementSum } from "./ones-complement-sum.ts";
import { ipProto } from "./protocol-numbers.ts";
import { decodeUdp, encodeUdp, type Udp } from "./udp.ts";

type Envelope = Omit<Ipv4Frame, "protocol" | "payload">;

/** A datagram, and the packet that carries it. */
export type Ipv4Datagram = Envelope & Udp;

/** Reads the frame of a datagram in an IPv4 packet; undefined when it is something else, or cut short. */
export function decodeIpv4Datagram(frame: Uint8Array): Ipv4Datagram | undefined {
  const packet = decodeIpv4Frame(frame);
  const udp = packet && decodeUdp(packet.protocol, packet.payload);
  if (packet === undefined || udp === undefined) return undefined;
  const { ethSrc, ethDst, src, dst } = packet;
  return { ethSrc, ethDst, src, dst, ...udp };
}

/** The frame of a datagram in an IPv4 packet. @see RFC 768 */
export function encodeIpv4Datagram({ srcPort, dstPort, data, ...envelope }: Ipv4Datagram): Uint8Array {
  const checksum = (bytes: Uint8Array): number => {
    const addresses = [...ipv4ToBytes(envelope.src), ...ipv4ToBytes(envelope.dst)];
    const pseudo = Uint8Array.from([...addresses, 0, ipProto.udp, bytes.length >> 8, bytes.length & 0xff]);
    return 0xffff - onesComplementSum(bytes, onesComplementSum(pseudo));
  };
  const payload = encodeUdp({ srcPort, dstPort, data }, checksum);
  return encodeIpv4Frame({ ...envelope, protocol: ipProto.udp, payload });
}
