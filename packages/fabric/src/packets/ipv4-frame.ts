import { type Ipv4, ipv4FromNumber, ipv4ToNumber, type Mac, macFromBytes, macToBytes } from "@loomstack/core";
import { etherType } from "./protocol-numbers.ts";
import { viewOf } from "./ipv6-frame.ts";
import { onesComplementSum } from "./ones-complement-sum.ts";

/** An IPv4 packet in an Ethernet frame (RFC 791, 3.1; RFC 894), without options. */
export interface Ipv4Frame {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly src: Ipv4;
  readonly dst: Ipv4;
  /** What `payload` is, by IANA's numbers. */
  readonly protocol: number;
  readonly payload: Uint8Array;
}

const ethernetLength = 14;
const headerLength = 20;
const timeToLive = 64;
/** More fragments, and the offset of this one (RFC 791, 3.1). */
const fragmentBits = 0x3fff;

/**
 * Reads a frame without a VLAN tag, whose options, if it has any, are passed over; undefined when it is something else,
 * cut short, or a fragment: a question that needs several is none for us.
 */
export function decodeIpv4Frame(bytes: Uint8Array): Ipv4Frame | undefined {
  if (bytes.length < ethernetLength + headerLength) return undefined;
  const view = viewOf(bytes);
  const first = view.getUint8(ethernetLength);
  const optionsEnd = ethernetLength + (first & 0x0f) * 4;
  // What follows the end is Ethernet's padding.
  const end = ethernetLength + view.getUint16(ethernetLength + 2);
  if (view.getUint16(12) !== etherType.ipv4 || first >> 4 !== 4) return undefined;
  if (optionsEnd < ethernetLength + headerLength || optionsEnd > end || end > bytes.length) return undefined;
  if ((view.getUint16(ethernetLength + 6) & fragmentBits) !== 0) return undefined;
  return {
    ethDst: macFromBytes(bytes.subarray(0, 6)),
    ethSrc: macFromBytes(bytes.subarray(6, 12)),
    protocol: view.getUint8(ethernetLength + 9),
    src: ipv4FromNumber(view.getUint32(ethernetLength + 12)),
    dst: ipv4FromNumber(view.getUint32(ethernetLength + 16)),
    payload: bytes.subarray(optionsEnd, end),
  };
}

export function encodeIpv4Frame({ ethDst, ethSrc, src, dst, protocol, payload }: Ipv4Frame): Uint8Array {
  const bytes = new Uint8Array(ethernetLength + headerLength + payload.length);
  bytes.set(macToBytes(ethDst), 0);
  bytes.set(macToBytes(ethSrc), 6);
  const view = viewOf(bytes);
  view.setUint16(12, etherType.ipv4);
  view.setUint16(ethernetLength, 0x4500);
  view.setUint16(ethernetLength + 2, headerLength + payload.length);
  view.setUint8(ethernetLength + 8, timeToLive);
  view.setUint8(ethernetLength + 9, protocol);
  view.setUint32(ethernetLength + 12, ipv4ToNumber(src));
  view.setUint32(ethernetLength + 16, ipv4ToNumber(dst));
  const header = bytes.subarray(ethernetLength, ethernetLength + headerLength);
  view.setUint16(ethernetLength + 10, 0xffff - onesComplementSum(header));
  bytes.set(payload, ethernetLength + headerLength);
  return bytes;
}

export function ipv4ToBytes(address: Ipv4): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, ipv4ToNumber(address));
  return bytes;
}

/** The address in these bytes; undefined when they aren't four. */
export function ipv4FromBytes(bytes: Uint8Array | undefined): Ipv4 | undefined {
  return bytes?.length === 4 ? ipv4FromNumber(viewOf(bytes).getUint32(0)) : undefined;
}
