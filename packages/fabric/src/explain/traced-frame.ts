/** The bytes of a packet that is traced live: what its guest would send, with something in it that tells it from others. */
import { type Ip, ipToBigint, isIpv6, macToBytes } from "@loomstack/core";
import { etherType, icmpv6Type as icmpv6 } from "../packets/protocol-numbers.ts";
import type { Packet } from "./packet.ts";
import { isQuestion } from "./packet-size.ts";

/** 32 bits that no other packet of these moments is likely to have in its place. */
export type Nonce = number;

/** Bytes of the shortest Ethernet frame, without its check sequence. */
const shortestFrame = 60;
/** A neighbour solicitation's nonce (RFC 3971, 5.3.2): its type, and its length in units of 8 bytes. */
const nonceOption = [14, 1, 0, 0] as const;
const sourceLinkLayerOption = [1, 1] as const;
const identifier = 0x4c54;

/** What a frame is made of. A question, be it who has an address, has the size that it has. */
export interface Sent {
  readonly packet: Packet;
  /** Of the IP packet. */
  readonly bytes: number;
  readonly question?: ((nonce: Nonce) => Uint8Array) | undefined;
}

export function tracedFrame(sent: Sent, nonce: Nonce): Uint8Array {
  const { packet } = sent;
  const { ethSrc, ethDst, ethType = 0 } = packet;
  if (ethSrc === undefined || ethDst === undefined) throw new TypeError("a packet without Ethernet addresses");
  const body = ethType === etherType.arp ? arp(packet, nonce) : ip(sent, nonce);
  const frame = Buffer.concat([macToBytes(ethDst), macToBytes(ethSrc), u16(ethType), body]);
  return frame.length >= shortestFrame ? frame : Buffer.concat([frame, Buffer.alloc(shortestFrame - frame.length)]);
}

/** Whether a frame, or its beginning, is the one that was sent with the nonce. */
export function carriesNonce(frame: Uint8Array, nonce: Nonce): boolean {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).includes(u32(nonce));
}

/** RFC 826; the nonce is in the frame's padding. */
function arp({ arpSha, arpSpa, arpTpa, arpOp = 1 }: Packet, nonce: Nonce): Buffer {
  if (arpSha === undefined || arpSpa === undefined || arpTpa === undefined) throw new TypeError("no question in ARP");
  const head = Buffer.from([0, 1, 0x08, 0x00, 6, 4, 0, arpOp]);
  return Buffer.concat([head, macToBytes(arpSha), address(arpSpa), Buffer.alloc(6), address(arpTpa), u32(nonce)]);
}

function ip(sent: Sent, nonce: Nonce): Buffer {
  const { packet, bytes } = sent;
  const { ipv4Src, ipv4Dst, ipv6Src, ipv6Dst, ipProto = 0, ipTtl = 64, ipv6Flabel = 0 } = packet;
  const hasIpv6 = ipv6Src !== undefined && ipv6Dst !== undefined;
  const [source, destination] = hasIpv6 ? [ipv6Src, ipv6Dst] : [ipv4Src, ipv4Dst];
  if (source === undefined || destination === undefined) throw new TypeError("a packet without IP addresses");
  const addresses = Buffer.concat([address(source), address(destination)]);
  const payload = transport(sent, bytes - (hasIpv6 ? 40 : 20), nonce);
  const pseudo = hasIpv6
    ? [addresses, u32(payload.length), u32(ipProto)]
    : [addresses, Buffer.from([0, ipProto]), u16(payload.length)];
  // ICMPv4 (RFC 792) has no pseudo header in its checksum.
  fillChecksum(payload, checksumOffset[ipProto] ?? 0, ipProto === 1 ? [] : pseudo);
  if (hasIpv6) {
    // RFC 8200, 3.
    const head = Buffer.concat([u32(0x6000_0000 + ipv6Flabel), u16(payload.length), Buffer.from([ipProto, ipTtl])]);
    return Buffer.concat([head, addresses, payload]);
  }
  // RFC 791, 3.1: not to be fragmented.
  const start = Buffer.concat([Buffer.from([0x45, 0]), u16(20 + payload.length), u16(nonce & 0xffff), u16(0x4000)]);
  const header = Buffer.concat([start, Buffer.from([ipTtl, ipProto, 0, 0]), addresses]);
  fillChecksum(header, 10, []);
  return Buffer.concat([header, payload]);
}

const checksumOffset: Readonly<Record<number, number>> = { 1: 2, 58: 2, 6: 16, 17: 6 };

/** @param length of all that comes behind the IP header */
function transport({ packet, question }: Sent, length: number, nonce: Nonce): Buffer {
  const { ipProto, tcpSrc = 0, tcpDst = 0, udpSrc = 0, udpDst = 0, icmpv4Type = 0, icmpv6Type = 0 } = packet;
  if (isQuestion(packet)) return solicitation(packet, nonce);
  if (icmpv6Type === icmpv6.routerSolicitation) return routerSolicitation(packet, nonce);
  const filled = (header: Buffer, rest: Buffer = Buffer.alloc(0)): Buffer =>
    Buffer.concat([header, rest, Buffer.alloc(Math.max(0, length - header.length - rest.length))]);
  switch (ipProto) {
    case 6:
      // RFC 9293, 3.1: a SYN without options; the sequence number is the nonce.
      return filled(
        Buffer.concat([u16(tcpSrc), u16(tcpDst), u32(nonce), u32(0), u16(0x5002), u16(64_240), Buffer.alloc(4)]),
      );
    case 17:
      return filled(
        Buffer.concat([u16(udpSrc), u16(udpDst), u16(length), u16(0)]),
        question === undefined ? fitting(nonce, length - 8) : Buffer.from(question(nonce)),
      );
    default: {
      const head = Buffer.from([icmpv4Type || icmpv6Type, 0, 0, 0]);
      return filled(Buffer.concat([head, u16(identifier), u16(nonce & 0xffff)]), fitting(nonce, length - 8));
    }
  }
}

function fitting(nonce: Nonce, room: number): Buffer {
  return u32(nonce).subarray(0, Math.max(0, room));
}

/** RFC 4861, 4.3, with the asker's link-layer address and a nonce. */
function solicitation({ ndTarget, ndSll }: Packet, nonce: Nonce): Buffer {
  if (ndTarget === undefined || ndSll === undefined) throw new TypeError("no question in neighbour discovery");
  const head = Buffer.concat([Buffer.from([icmpv6.neighbourSolicitation, 0, 0, 0]), u32(0), address(ndTarget)]);
  const source = Buffer.concat([Buffer.from(sourceLinkLayerOption), macToBytes(ndSll)]);
  return Buffer.concat([head, source, Buffer.from(nonceOption), u32(nonce)]);
}

/** RFC 4861, 4.1, with the asker's link-layer address and a nonce. */
function routerSolicitation({ ethSrc }: Packet, nonce: Nonce): Buffer {
  if (ethSrc === undefined) throw new TypeError("a router solicitation from nobody");
  const source = Buffer.concat([Buffer.from(sourceLinkLayerOption), macToBytes(ethSrc)]);
  return Buffer.concat([
    Buffer.from([icmpv6.routerSolicitation, 0, 0, 0]),
    u32(0),
    source,
    Buffer.from(nonceOption),
    u32(nonce),
  ]);
}

/** The internet checksum (RFC 1071) of a header, and of what is before it, at `offset` of the header. */
function fillChecksum(header: Buffer, offset: number, before: readonly Buffer[]): void {
  header.writeUInt16BE(0, offset);
  const all = Buffer.concat([...before, header, Buffer.alloc(header.length % 2)]);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += all.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  // UDP says with 0 that there is none (RFC 768).
  header.writeUInt16BE(sum === 0xffff ? 0xffff : 0xffff - sum, offset);
}

function address(value: Ip): Buffer {
  return Buffer.from(
    ipToBigint(value)
      .toString(16)
      .padStart(isIpv6(value) ? 32 : 8, "0"),
    "hex",
  );
}

function u16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 0xff]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
}
