import { encodeIpv6Frame, type Ipv6Frame, upperLayerChecksum } from "./ipv6-frame.ts";
import { ipProto } from "./protocol-numbers.ts";
import { encodeUdp, type Udp } from "./udp.ts";

type Envelope = Omit<Ipv6Frame, "nextHeader" | "payload">;

/** A datagram, and the packet that carries it. */
export type Ipv6Datagram = Envelope & Udp;

/** The frame of a datagram in an IPv6 packet. */
export function encodeIpv6Datagram({ srcPort, dstPort, data, ...envelope }: Ipv6Datagram): Uint8Array {
  const carried = { ...envelope, nextHeader: ipProto.udp };
  const payload = encodeUdp({ srcPort, dstPort, data }, (bytes) => upperLayerChecksum({ ...carried, payload: bytes }));
  return encodeIpv6Frame({ ...carried, payload });
}
