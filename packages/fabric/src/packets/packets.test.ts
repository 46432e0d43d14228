import type { Ipv6, Mac } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeDomainName } from "./domain-name.ts";
import { decodeIcmpv6, encodeIcmpv6Frame } from "./icmpv6.ts";
import { decodeIpv6Frame, ipv6FromBytes, ipv6ToBytes, macOfMulticast, upperLayerChecksum } from "./ipv6-frame.ts";
import { onesComplementSum } from "./ones-complement-sum.ts";
import { decodeUdp } from "./udp.ts";
import { encodeIpv6Datagram } from "./udp-over-ipv6.ts";

const packet = {
  ethSrc: "02:00:00:00:00:01" as Mac,
  ethDst: "33:33:00:01:00:02" as Mac,
  src: "fe80::1" as Ipv6,
  dst: "ff02::1:2" as Ipv6,
  hopLimit: 1,
};

test("the sum of RFC 1071's example is its sum, in one piece or in two", () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(onesComplementSum(bytes)).toBe(0xddf2);
  expect(onesComplementSum(bytes.subarray(4), onesComplementSum(bytes.subarray(0, 4)))).toBe(0xddf2);
  expect(onesComplementSum(Uint8Array.of(0x12))).toBe(0x1200);
});

test("a datagram and a message survive the way into a frame and back, and their checksums are right", () => {
  const anyPort = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(anyPort, anyPort, fc.uint8Array({ maxLength: 99 }), (srcPort, dstPort, data) => {
      const datagram = decodeIpv6Frame(encodeIpv6Datagram({ ...packet, srcPort, dstPort, data }));
      expect(datagram).toMatchObject(packet);
      expect(datagram && upperLayerChecksum(datagram)).toBe(0);
      expect(datagram && decodeUdp(datagram.nextHeader, datagram.payload)).toEqual({ srcPort, dstPort, data });
      const message = decodeIpv6Frame(encodeIcmpv6Frame(packet, { type: 133, code: 0, body: data }));
      expect(message && decodeIcmpv6(message)).toEqual({ type: 133, code: 0, body: data });
    }),
  );
});

test("Ethernet's padding is no part of a packet, and a packet that is cut short is none", () => {
  const frame = encodeIpv6Datagram({ ...packet, srcPort: 1, dstPort: 2, data: Uint8Array.of(3) });
  const padded = new Uint8Array(80);
  padded.set(frame);
  expect(decodeIpv6Frame(padded)).toEqual(decodeIpv6Frame(frame));
  for (let length = 0; length < frame.length; length += 1)
    expect(decodeIpv6Frame(frame.subarray(0, length))).toBeUndefined();
});

test("a message whose checksum is wrong is none", () => {
  const frame = encodeIcmpv6Frame(packet, { type: 133, code: 0, body: new Uint8Array(4) });
  frame[frame.length - 1] = 1;
  const spoiled = decodeIpv6Frame(frame);
  expect(spoiled && decodeIcmpv6(spoiled)).toBeUndefined();
});

test("bytes of any kind are read, or are nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, isIpv6) => {
      if (isIpv6 && bytes.length > 14) bytes.set([0x86, 0xdd, 0x60], 12);
      const frame = decodeIpv6Frame(bytes);
      if (frame === undefined) return;
      decodeUdp(frame.nextHeader, frame.payload);
      decodeIcmpv6(frame);
    }),
  );
});

test("an address survives the way to bytes and back, and its group has its Ethernet address (RFC 2464, 7)", () => {
  expect(ipv6FromBytes(ipv6ToBytes("2001:db8::ff00:1" as Ipv6))).toBe("2001:db8::ff00:1");
  expect(macOfMulticast("ff02::1:ff28:9c5a" as Ipv6)).toBe("33:33:ff:28:9c:5a");
});

test("a domain name is a row of labels; one that is empty or too long is none", () => {
  expect(encodeDomainName("a.bc.")).toEqual(Uint8Array.of(1, 0x61, 2, 0x62, 0x63, 0));
  for (const name of ["", ".", "a..b", "x".repeat(64), "abc.".repeat(64)])
    expect(encodeDomainName(name)).toBeUndefined();
});
