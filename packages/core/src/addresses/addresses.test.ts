import fc from "fast-check";
import { expect, test } from "vitest";
import { cidrAddress, cidrContains, cidrNetmask, formatCidr, parseCidr } from "./cidr.ts";
import { ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "./ipv4.ts";
import { isGroupMac, macFromBytes, macToBytes, parseMac } from "./mac.ts";

test("an IPv4 address survives the way to a number and back", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(ipv4FromNumber(ipv4ToNumber(parseIpv4(text)))).toBe(text);
    }),
  );
});

test("a MAC address survives the way to bytes and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      expect(macToBytes(macFromBytes(bytes))).toEqual(bytes);
    }),
  );
});

test("MAC addresses are read in any case and with hyphens", () => {
  expect(parseMac("52-54-00-AB-CD-EF")).toBe("52:54:00:ab:cd:ef");
  expect(isGroupMac(parseMac("01:00:5e:00:00:01"))).toBe(true);
});

test.each(["52:54:00:ab:cd", "52:54:00:ab:cd:eg", "", "5254.00ab.cdef"])("%j is not a MAC address", (text) => {
  expect(() => parseMac(text)).toThrow("is not a MAC address");
});

test.each(["10.1", "010.0.0.1", "256.0.0.1", "::1", ""])("%j is not an IPv4 address", (text) => {
  expect(() => parseIpv4(text)).toThrow("is not an IPv4 address");
});

test("a prefix knows its addresses, its mask and what it contains", () => {
  const cidr = parseCidr("192.168.0.128/25");
  expect(formatCidr(cidr)).toBe("192.168.0.128/25");
  expect(cidrNetmask(cidr)).toBe("255.255.255.128");
  expect(cidrAddress(cidr, 2)).toBe("192.168.0.130");
  expect(cidrContains(cidr, parseIpv4("192.168.0.127"))).toBe(false);
  expect(cidrContains(cidr, parseIpv4("192.168.0.255"))).toBe(true);
  expect(cidrNetmask(parseCidr("0.0.0.0/0"))).toBe("0.0.0.0");
});

test.each(["192.168.0.1/24", "192.168.0.0", "192.168.0.0/33", "192.168.0.0/24/1", "192.168.0.0/-1"])(
  "%j is not a prefix",
  (text) => {
    expect(() => parseCidr(text)).toThrow("is not an IPv4 prefix");
  },
);
