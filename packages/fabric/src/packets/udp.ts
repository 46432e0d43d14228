import { viewOf } from "./ipv6-frame.ts";
import { ipProto } from "./protocol-numbers.ts";

/** A UDP datagram (RFC 768). */
export interface Udp {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly data: Uint8Array;
}

const headerLength = 8;
const checksumAt = 6;

/**
 * Reads what an IP packet carries; undefined when it isn't UDP, or cut short. The checksum isn't looked at: a guest
 * leaves it to its network card, which is a virtual one, and it may be missing still when the packet is shown to us.
 *
 * @param protocol what `payload` is, by IANA's numbers
 */
export function decodeUdp(protocol: number, payload: Uint8Array): Udp | undefined {
  if (protocol !== ipProto.udp || payload.length < headerLength) return undefined;
  const view = viewOf(payload);
  const length = view.getUint16(4);
  if (length < headerLength || length > payload.length) return undefined;
  return { srcPort: view.getUint16(0), dstPort: view.getUint16(2), data: payload.subarray(headerLength, length) };
}

/**
 * What an IP packet carries of a datagram.
 *
 * @param checksum over bytes whose own checksum is zero, with those of the packet that count
 */
export function encodeUdp({ srcPort, dstPort, data }: Udp, checksum: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = new Uint8Array(headerLength + data.length);
  const view = viewOf(bytes);
  view.setUint16(0, srcPort);
  view.setUint16(2, dstPort);
  view.setUint16(4, bytes.length);
  bytes.set(data, headerLength);
  // A sum of zero is sent as all ones: zero means that there is none, which IPv6 doesn't allow (RFC 8200, 8.1).
  view.setUint16(checksumAt, checksum(bytes) || 0xffff);
  return bytes;
}
