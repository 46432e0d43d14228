import { type Ipv4, ipv4FromNumber, type Mac, macFromBytes } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDhcpMessage, type DhcpMessage, encodeDhcpMessage } from "./message.ts";
import { decodeOptions, encodeOptions, optionCode, routesOption } from "./options.ts";
import { message } from "./dhcp-under-test.ts";

const address = fc.nat(0xffff_ffff).map(ipv4FromNumber);
const options = fc
  .uniqueArray(
    // Whatever an option has been given, but that more of them are elsewhere.
    fc.tuple(
      fc.integer({ min: 1, max: 254 }).filter((code) => code !== optionCode.overload),
      fc.uint8Array({ maxLength: 600 }),
    ),
    { selector: ([code]) => code, maxLength: 8 },
  )
  .map((entries) => new Map(entries));
const anyMessage: fc.Arbitrary<DhcpMessage> = fc.record({
  ...{ operation: fc.nat(255), hops: fc.nat(255), transactionId: fc.nat(0xffff_ffff), seconds: fc.nat(0xffff) },
  ...{ isBroadcast: fc.boolean(), clientAddress: address, yourAddress: address, nextServer: address },
  relayAgent: address,
  hardwareAddress: fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macFromBytes),
  options,
});

/** Byte arrays of other classes are the same bytes. */
function plain({ options: given, ...rest }: DhcpMessage): unknown {
  return { ...rest, options: [...given].map(([code, data]) => [code, Buffer.from(data).toString("hex")]) };
}

test("a message is read as it was written, with options of any length", () => {
  fc.assert(
    fc.property(anyMessage, (sent) => {
      const read = decodeDhcpMessage(encodeDhcpMessage(sent));
      expect(read && plain(read)).toEqual(plain(sent));
    }),
  );
});

test("a message that is cut short anywhere before the end of its options is none, or says less", () => {
  const whole = encodeDhcpMessage(message("request", { requestedAddress: "10.0.0.11", hostName: [0x61, 0x62] }));
  for (let length = 0; length < whole.length; length++) {
    const read = decodeDhcpMessage(whole.subarray(0, length));
    if (length < 240) expect(read).toBeUndefined();
    else expect([...(read?.options.keys() ?? [])].every((code) => [50, 12, 53].includes(code))).toBe(true);
  }
});

test("no bytes, and no change of a byte, are more than a message that is not understood", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => void decodeDhcpMessage(bytes)));
  const whole = encodeDhcpMessage(message("discover", { parameterRequestList: [1, 3, 6, 121], overload: [3] }));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const spoiled = Uint8Array.from(whole);
      spoiled[at] = byte;
      const read = decodeDhcpMessage(spoiled);
      if (read !== undefined) expect(encodeDhcpMessage(read).length).toBeGreaterThanOrEqual(300);
    }),
    { numRuns: 500 },
  );
});

test("options are also found where the fields for the server's name and the boot file are used for them", () => {
  const bytes = encodeDhcpMessage(message("request", { overload: [3] }));
  bytes.set(encodeOptions(new Map([[optionCode.requestedAddress, Uint8Array.of(10, 0, 0, 11)]])), 108);
  bytes.set(encodeOptions(new Map([[optionCode.hostName, Buffer.from("ab")]])), 44);
  const found = decodeDhcpMessage(bytes)?.options;
  expect([found?.get(optionCode.requestedAddress), found?.get(optionCode.hostName)]).toEqual([
    Uint8Array.of(10, 0, 0, 11),
    Uint8Array.of(0x61, 0x62),
  ]);
});

test("an option that is longer than what there is makes the message none", () => {
  expect(decodeOptions(Uint8Array.of(50, 4, 10, 0))).toBeUndefined();
  expect(decodeOptions(Uint8Array.of(50))).toBeUndefined();
});

test("a route has only the octets of its destination that count", () => {
  const route = (network: string, prefixLength: number, nextHop: string) => ({
    destination: { network: network as Ipv4, prefixLength },
    nextHop: nextHop as Ipv4,
  });
  // The examples of RFC 3442.
  expect([...routesOption([route("10.0.0.0", 8, "10.0.0.1")])]).toEqual([8, 10, 10, 0, 0, 1]);
  expect([...routesOption([route("10.17.0.0", 16, "10.0.0.1")])]).toEqual([16, 10, 17, 10, 0, 0, 1]);
  expect([...routesOption([route("10.229.0.128", 25, "10.0.0.1")])]).toEqual([25, 10, 229, 0, 128, 10, 0, 0, 1]);
  expect([...routesOption([route("0.0.0.0", 0, "10.0.0.1")])]).toEqual([0, 10, 0, 0, 1]);
});

test("a message for other hardware than Ethernet is none", () => {
  const bytes = encodeDhcpMessage(message("discover", {}, { hardwareAddress: "02:00:00:00:00:01" as Mac }));
  bytes[1] = 6;
  expect(decodeDhcpMessage(bytes)).toBeUndefined();
});
