import { ipProto } from "../features/feature.ts";
import { encodeIpv6Frame, type Ipv6Frame, upperLayerChecksum, viewOf } from "./ipv6-frame.ts";

/** A UDP datagram (RFC 768). */
export interface Udp {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly data: Uint8Array;
}

const headerLength = 8;
const checksumAt = 6;

/**
 * Reads what an IPv6 packet carries; undefined when it isn't UDP, or cut short. The checksum isn't looked at: a guest
 * leaves it to its network card, which is a virtual one, and it may be missing still when the packet is shown to us.
 */
export function decodeUdp({ nextHeader, payload }: Pick<Ipv6Frame, "nextHeader" | "payload">): Udp | undefined {
  if (nextHeader !== ipProto.udp || payload.length < headerLength) return undefined;
  const view = viewOf(payload);
  const length = view.getUint16(4);
  if (length < headerLength || length > payload.length) return undefined;
  return { srcPort: view.getUint16(0), dstPort: view.getUint16(2), data: payload.subarray(headerLength, length) };
}

/** The frame of a datagram in an IPv6 packet. */
export function encodeUdpFrame(
  packet: Omit<Ipv6Frame, "nextHeader" | "payload">,
  { srcPort, dstPort, data }: Udp,
): Uint8Array {
  const payload = new Uint8Array(headerLength + data.length);
  const view = viewOf(payload);
  view.setUint16(0, srcPort);
  view.setUint16(2, dstPort);
  view.setUint16(4, payload.length);
  payload.set(data, headerLength);
  const carried = { ...packet, nextHeader: ipProto.udp, payload };
  // A sum of zero is sent as all ones: zero would mean that there is none (RFC 8200, 8.1).
  view.setUint16(checksumAt, upperLayerChecksum(carried) || 0xffff);
  return encodeIpv6Frame(carried);
}
