import type { Ipv4, Ipv6, Mac } from "@loomstack/core";
import { expect, test } from "vitest";
import type { Packet } from "./packet.ts";
import { carriesNonce, tracedFrame } from "./traced-frame.ts";

const ethernet = { ethSrc: "02:00:00:00:00:11" as Mac, ethDst: "02:00:00:00:00:12" as Mac };
const ipv4 = { ...ethernet, ethType: 0x0800, ipv4Src: "10.0.0.11" as Ipv4, ipv4Dst: "10.0.0.12" as Ipv4, ipTtl: 40 };
const ipv6 = { ...ethernet, ethType: 0x86dd, ipv6Src: "2001:db8::11" as Ipv6, ipv6Dst: "2001:db8::12" as Ipv6 };
const nonce = 0xf1e2d3c4;

/** RFC 1071: over data that has its right checksum in it, the sum is all ones. */
function sumOf(data: Buffer): number {
  const even = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
  let sum = 0;
  for (let at = 0; at < even.length; at += 2) sum += even.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

test.each<[string, Packet, number]>([
  ["ICMP", { ...ipv4, ipProto: 1, icmpv4Type: 8 }, 84],
  ["TCP", { ...ipv4, ipProto: 6, tcpSrc: 50_000, tcpDst: 80 }, 40],
  ["UDP of an odd size", { ...ipv4, ipProto: 17, udpSrc: 50_000, udpDst: 53 }, 1_401],
])("%s over IPv4 has the size that was asked for, its checksums, and the nonce", (_, packet, bytes) => {
  const frame = Buffer.from(tracedFrame({ packet, bytes }, nonce));
  expect([frame.length, frame.readUInt16BE(16)]).toEqual([Math.max(60, 14 + bytes), bytes]);
  expect(sumOf(frame.subarray(14, 34))).toBe(0xffff);
  const body = frame.subarray(34, 14 + bytes);
  const pseudo = packet.ipProto === 1 ? [] : [frame.subarray(26, 34), Buffer.from([0, packet.ipProto ?? 0, 0, 0])];
  pseudo[1]?.writeUInt16BE(body.length, 2);
  expect(sumOf(Buffer.concat([...pseudo, body]))).toBe(0xffff);
  expect([carriesNonce(frame, nonce), carriesNonce(frame, nonce + 1)]).toEqual([true, false]);
});

test.each<[string, Packet, number]>([
  ["ICMPv6", { ...ipv6, ipProto: 58, icmpv6Type: 128, ipv6Flabel: 0xabcde }, 104],
  ["TCP", { ...ipv6, ipProto: 6, tcpSrc: 50_000, tcpDst: 80 }, 60],
  ["a router solicitation", { ...ipv6, ipProto: 58, icmpv6Type: 133, ipv6Dst: "ff02::2" as Ipv6, ipTtl: 255 }, 64],
  [
    "a neighbour solicitation",
    { ...ipv6, ipProto: 58, icmpv6Type: 135, ndTarget: "2001:db8::12" as Ipv6, ndSll: ethernet.ethSrc, ipTtl: 255 },
    80,
  ],
])("%s over IPv6 has its checksum, flow label and nonce", (_, packet, bytes) => {
  const frame = Buffer.from(tracedFrame({ packet, bytes }, nonce));
  expect(frame.length).toBe(14 + bytes);
  expect(frame.readUInt32BE(14) & 0xf_ffff).toBe(packet.ipv6Flabel ?? 0);
  const body = frame.subarray(54);
  const pseudo = Buffer.concat([frame.subarray(22, 54), Buffer.from([0, body.length, 0, packet.ipProto ?? 0])]);
  expect(sumOf(Buffer.concat([pseudo, body]))).toBe(0xffff);
  expect(carriesNonce(frame, nonce)).toBe(true);
});

test("a question in ARP has the nonce behind it, in the padding of the shortest frame", () => {
  const arp = { ...ethernet, ethType: 0x0806, arpOp: 1, arpSha: ethernet.ethSrc };
  const packet = { ...arp, arpSpa: "10.0.0.11" as Ipv4, arpTpa: "10.0.0.12" as Ipv4 };
  const frame = Buffer.from(tracedFrame({ packet, bytes: 28 }, nonce));
  expect([frame.length, frame.readUInt32BE(42)]).toEqual([60, nonce]);
});
