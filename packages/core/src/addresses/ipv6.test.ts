import fc from "fast-check";
import { expect, test } from "vitest";
import { ipFromBigint, ipToBigint, isIpv6, parseIp } from "./ip.ts";
import {
  type Ipv6,
  ipv6FromBigint,
  ipv6ToBigint,
  ipv6WithInterfaceOf,
  isLinkLocalIpv6,
  isMulticastIpv6,
  linkLocalOf,
  parseIpv6,
  solicitedNodeOf,
} from "./ipv6.ts";
import { parseMac } from "./mac.ts";
import {
  formatPrefix,
  isSingleAddress,
  parsePrefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixMask,
  prefixOf,
  prefixOffset,
} from "./prefix.ts";

test("an IPv6 address survives the way to a number and back, and has one text form", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
      const address = ipv6FromBigint(value);
      expect(ipv6ToBigint(address)).toBe(value);
      expect(parseIpv6(address)).toBe(address);
      expect(parseIpv6(address.toUpperCase())).toBe(address);
    }),
  );
});

test.each([
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
])("%s is written as %s", (text, canonical) => {
  expect(parseIpv6(text)).toBe(canonical);
});

test.each(["fe80::1%eth0", "::1::", "2001:db8::g", "192.0.2.1", "", "1:2:3"])("%j is not an IPv6 address", (text) => {
  expect(() => parseIpv6(text)).toThrow("is not an IPv6 address");
});

test("an address of either version is told by its text", () => {
  expect([parseIp("192.0.2.1"), parseIp("2001:DB8::1")].map(isIpv6)).toEqual([false, true]);
  expect(ipFromBigint(4, ipToBigint(parseIp("192.0.2.1")) + 1n)).toBe("192.0.2.2");
  expect(() => parseIp("192.0.2")).toThrow("is not an IP address");
});

test("a MAC address gives its link-local address, and an address its solicited-node group", () => {
  expect(linkLocalOf(parseMac("52:54:00:12:34:56"))).toBe("fe80::5054:ff:fe12:3456");
  expect(linkLocalOf(parseMac("02:00:00:00:00:01"))).toBe("fe80::ff:fe00:1");
  expect(solicitedNodeOf("2001:db8::1:800e:2345" as Ipv6)).toBe("ff02::1:ff0e:2345");
});

test("link-local and multicast addresses are known as such", () => {
  expect(["fe80::1", "febf::1", "fec0::1", "2001:db8::1"].map((one) => isLinkLocalIpv6(one as Ipv6))).toEqual([
    ...[true, true, false, false],
  ]);
  expect(["ff02::1", "fe80::1"].map((one) => isMulticastIpv6(one as Ipv6))).toEqual([true, false]);
});

test("a prefix of either version knows its addresses, its mask and what it contains", () => {
  const prefix = parsePrefix("2001:db8::/64");
  expect(formatPrefix(prefix)).toBe("2001:db8::/64");
  expect(prefixMask(prefix)).toBe("ffff:ffff:ffff:ffff::");
  expect(prefixMask(parsePrefix("10.0.0.0/8"))).toBe("255.0.0.0");
  expect(prefixAddress(prefix, 2n)).toBe("2001:db8::2");
  expect(prefixOffset(prefix, parseIp("2001:db8::1:0"))).toBe(65_536n);
  expect(prefixContains(prefix, parseIp("2001:db8:0:1::"))).toBe(false);
  expect(prefixContains(prefix, parseIp("2001:db8::ffff:ffff:ffff:ffff"))).toBe(true);
  expect(prefixContains(parsePrefix("::/0"), parseIp("10.0.0.1"))).toBe(false);
  expect(prefixesOverlap(prefix, parsePrefix("2001:db8::/32"))).toBe(true);
  expect(prefixesOverlap(parsePrefix("0.0.0.0/0"), parsePrefix("::/0"))).toBe(false);
  expect(isSingleAddress(prefixOf(parseIp("2001:db8::1")))).toBe(true);
  expect(isSingleAddress(parsePrefix("10.0.0.0/31"))).toBe(false);
});

test.each(["2001:db8::1/64", "2001:db8::", "2001:db8::/129", "10.0.0.0/33", "10.0.0.1/24", "10.0.0.0/8/8"])(
  "%j is not a prefix",
  (text) => {
    expect(() => parsePrefix(text)).toThrow("is not an IP prefix");
  },
);

test("the address of a prefix and a MAC address is the prefix and the modified EUI-64 (RFC 4291, appendix A)", () => {
  const address = ipv6WithInterfaceOf(parseIpv6("2001:db8:0:7::"), parseMac("34:56:78:9a:bc:de"));
  expect(address).toBe("2001:db8:0:7:3656:78ff:fe9a:bcde");
});
