import { ipProto } from "./protocol-numbers.ts";
import { encodeIpv6Frame, type Ipv6Frame, upperLayerChecksum, viewOf } from "./ipv6-frame.ts";

/** An ICMPv6 message (RFC 4443, 2.1). */
export interface Icmpv6 {
  readonly type: number;
  readonly code: number;
  /** What follows the checksum. */
  readonly body: Uint8Array;
}

const headerLength = 4;
const checksumAt = 2;

/** Reads what an IPv6 packet carries; undefined when it isn't ICMPv6, is cut short, or its checksum is wrong. */
export function decodeIcmpv6(packet: Pick<Ipv6Frame, "src" | "dst" | "nextHeader" | "payload">): Icmpv6 | undefined {
  const { nextHeader, payload } = packet;
  if (nextHeader !== ipProto.icmpv6 || payload.length < headerLength || upperLayerChecksum(packet) !== 0)
    return undefined;
  const view = viewOf(payload);
  return { type: view.getUint8(0), code: view.getUint8(1), body: payload.subarray(headerLength) };
}

/** The frame of a message in an IPv6 packet. */
export function encodeIcmpv6Frame(
  packet: Omit<Ipv6Frame, "nextHeader" | "payload">,
  { type, code, body }: Icmpv6,
): Uint8Array {
  const payload = new Uint8Array(headerLength + body.length);
  const view = viewOf(payload);
  view.setUint8(0, type);
  view.setUint8(1, code);
  payload.set(body, headerLength);
  const carried = { ...packet, nextHeader: ipProto.icmpv6, payload };
  view.setUint16(checksumAt, upperLayerChecksum(carried));
  return encodeIpv6Frame(carried);
}
