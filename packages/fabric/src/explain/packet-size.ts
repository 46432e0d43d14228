/** How large the packets are that traces are of, in bytes. */
import { etherType, icmpv6Type as icmpv6 } from "../packets/protocol-numbers.ts";
import type { Packet } from "./packet.ts";

/** Of Ethernet's header without a tag. */
export const ethernetHeader = 14;
/** An ARP packet for IPv4 over Ethernet (RFC 826), and a neighbour solicitation with its option (RFC 4861, 4.3). */
const arpBytes = 28;
const solicitationBytes = 40 + 24 + 8;
/** A router solicitation with its option, and room for a nonce (RFC 4861, 4.1; RFC 3971, 5.3.2). */
const routerSolicitationBytes = 40 + 8 + 8 + 8;
const ipHeader = { ipv4: 20, ipv6: 40 } as const;
/** Of TCP without options, UDP, and ICMP's echo. */
const transportHeader: Readonly<Record<number, number>> = { 6: 20, 17: 8, 1: 8, 58: 8 };
/** What ping sends, and what is enough to tell a packet by. */
const usualPayload: Readonly<Record<number, number>> = { 6: 0, 17: 16, 1: 56, 58: 56 };
/** The largest that IPv4's length says (RFC 791, 3.1). */
export const mostBytes = 65_535;

/** Whether a packet is a question who has an address; its size is its own. */
export function isQuestion({ arpOp, icmpv6Type }: Packet): boolean {
  return arpOp === 1 || icmpv6Type === icmpv6.neighbourSolicitation;
}

/** Of a question whose size is its own. */
export function fixedBytes(packet: Packet): number | undefined {
  if (packet.icmpv6Type === icmpv6.routerSolicitation) return routerSolicitationBytes;
  if (!isQuestion(packet)) return undefined;
  return packet.arpOp === undefined ? solicitationBytes : arpBytes;
}

/** Of the IP packet (or of ARP's), as its guest would send it. */
export function usualBytes(packet: Packet): number {
  return fixedBytes(packet) ?? leastBytes(packet) + (usualPayload[packet.ipProto ?? 0] ?? 0);
}

/** Its headers alone. */
export function leastBytes({ ethType, ipProto = 0 }: Packet): number {
  return ipHeader[ethType === etherType.ipv6 ? "ipv6" : "ipv4"] + (transportHeader[ipProto] ?? 0);
}
