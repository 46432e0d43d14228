import { decodeIpv6Frame, encodeIpv6Frame, type Ipv6Frame, upperLayerChecksum } from "./ipv6-frame.ts";
import { ipProto } from "./protocol-numbers.ts";
import { decodeUdp, encodeUdp, type Udp } from "./udp.ts";

type Envelope = Omit<Ipv6Frame, "nextHeader" | "payload">;

/** A datagram, and the packet that carries it. */
export type Ipv6Datagram = Envelope & Udp;

/** Reads the frame of a datagram in an IPv6 packet; undefined when it is something else, or cut short. */
export function decodeIpv6Datagram(frame: Uint8Array): Ipv6Datagram | undefined {
  const packet = decodeIpv6Frame(frame);
  const udp = packet && decodeUdp(packet.nextHeader, packet.payload);
  if (packet === undefined || udp === undefined) return undefined;
  const { ethSrc, ethDst, src, dst, hopLimit } = packet;
  return { ethSrc, ethDst, src, dst, hopLimit, ...udp };
}

/** The frame of a datagram in an IPv6 packet. */
export function encodeIpv6Datagram({ srcPort, dstPort, data, ...envelope }: Ipv6Datagram): Uint8Array {
  const carried = { ...envelope, nextHeader: ipProto.udp };
  const payload = encodeUdp({ srcPort, dstPort, data }, (bytes) => upperLayerChecksum({ ...carried, payload: bytes }));
  return encodeIpv6Frame({ ...carried, payload });
}
