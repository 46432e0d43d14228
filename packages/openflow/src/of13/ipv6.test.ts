import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv6FromInteger, ipv6ToInteger, parseIpv6 } from "./ipv6.ts";

test("an address survives the way to a number and back", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), (value) => {
      expect(ipv6ToInteger(ipv6FromInteger(value))).toBe(value);
    }),
  );
});

test.each([
  ["::", "::"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["fe80::", "fe80::"],
])("%s is written as %s", (text, canonical) => {
  expect(parseIpv6(text)).toBe(canonical);
});

test.each(["", ":", "1", "1:2:3:4:5:6:7:8:9", "::1::", "12345::", "g::", "1:2:3:4:5:6:7::8", "::ffff:192.0.2.1"])(
  "%j is not an address",
  (text) => {
    expect(() => parseIpv6(text)).toThrow("is not an IPv6 address");
  },
);
