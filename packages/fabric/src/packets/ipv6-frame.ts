import { type Ipv6, ipv6FromBigint, ipv6ToBigint, type Mac, macFromBytes, macToBytes } from "@loomstack/core";
import { etherType } from "./protocol-numbers.ts";
import { onesComplementSum } from "./ones-complement-sum.ts";

/** An IPv6 packet in an Ethernet frame (RFC 8200, 3; RFC 2464, 3), without extension headers. */
export interface Ipv6Frame {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly src: Ipv6;
  readonly dst: Ipv6;
  readonly hopLimit: number;
  /** What `payload` is, by IANA's numbers. */
  readonly nextHeader: number;
  readonly payload: Uint8Array;
}

const ethernetLength = 14;
const ipv6Length = 40;
const payloadAt = ethernetLength + ipv6Length;
const version = 6;

/** Reads a frame without a VLAN tag; undefined when it is something else, or cut short. */
export function decodeIpv6Frame(bytes: Uint8Array): Ipv6Frame | undefined {
  if (bytes.length < payloadAt) return undefined;
  const view = viewOf(bytes);
  if (view.getUint16(12) !== etherType.ipv6 || view.getUint8(ethernetLength) >> 4 !== version) return undefined;
  const end = payloadAt + view.getUint16(ethernetLength + 4);
  // What follows the end is Ethernet's padding.
  if (end > bytes.length) return undefined;
  return {
    ethDst: macFromBytes(bytes.subarray(0, 6)),
    ethSrc: macFromBytes(bytes.subarray(6, 12)),
    nextHeader: view.getUint8(ethernetLength + 6),
    hopLimit: view.getUint8(ethernetLength + 7),
    src: getIpv6(view, ethernetLength + 8),
    dst: getIpv6(view, ethernetLength + 24),
    payload: bytes.subarray(payloadAt, end),
  };
}

export function encodeIpv6Frame({ ethDst, ethSrc, src, dst, hopLimit, nextHeader, payload }: Ipv6Frame): Uint8Array {
  const bytes = new Uint8Array(payloadAt + payload.length);
  bytes.set(macToBytes(ethDst), 0);
  bytes.set(macToBytes(ethSrc), 6);
  const view = viewOf(bytes);
  view.setUint16(12, etherType.ipv6);
  view.setUint8(ethernetLength, version << 4);
  view.setUint16(ethernetLength + 4, payload.length);
  view.setUint8(ethernetLength + 6, nextHeader);
  view.setUint8(ethernetLength + 7, hopLimit);
  bytes.set(ipv6ToBytes(src), ethernetLength + 8);
  bytes.set(ipv6ToBytes(dst), ethernetLength + 24);
  bytes.set(payload, payloadAt);
  return bytes;
}

/**
 * The checksum of what is above IPv6 (RFC 8200, 8.1), over a payload whose own checksum is zero; 0 when it is that of a
 * payload that has its checksum already.
 */
export function upperLayerChecksum({
  src,
  dst,
  nextHeader,
  payload,
}: Pick<Ipv6Frame, "src" | "dst" | "nextHeader" | "payload">): number {
  const pseudo = new Uint8Array(40);
  pseudo.set(ipv6ToBytes(src), 0);
  pseudo.set(ipv6ToBytes(dst), 16);
  const view = viewOf(pseudo);
  view.setUint32(32, payload.length);
  view.setUint8(39, nextHeader);
  return 0xffff - onesComplementSum(payload, onesComplementSum(pseudo));
}

export function ipv6ToBytes(address: Ipv6): Uint8Array {
  const bytes = new Uint8Array(16);
  const number = ipv6ToBigint(address);
  const view = viewOf(bytes);
  view.setBigUint64(0, number >> 64n);
  view.setBigUint64(8, BigInt.asUintN(64, number));
  return bytes;
}

/** @param bytes 16 of them */
export function ipv6FromBytes(bytes: Uint8Array): Ipv6 {
  return getIpv6(viewOf(bytes), 0);
}

/** The Ethernet address that packets to a multicast address go to (RFC 2464, 7). */
export function macOfMulticast(group: Ipv6): Mac {
  return macFromBytes(Uint8Array.of(0x33, 0x33, ...ipv6ToBytes(group).subarray(12)));
}

/** A view of exactly these bytes, wherever in their buffer they are. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function getIpv6(view: DataView, offset: number): Ipv6 {
  return ipv6FromBigint((view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8));
}
