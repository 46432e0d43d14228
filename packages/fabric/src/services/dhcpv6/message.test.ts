import type { Ipv6 } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerMessage } from "./answer-message.ts";
import { iaNa, lease } from "./dhcpv6-under-test.ts";
import { decodeIaNa, encodeIaNa } from "./identity-association.ts";
import { decodeMessage, type Dhcpv6Message, encodeMessage, messageType } from "./message.ts";
import { decodeOptions, optionCode } from "./options.ts";

const anyOption = fc.record({ code: fc.integer({ min: 0, max: 0xffff }), data: fc.uint8Array({ maxLength: 40 }) });
const anyMessage = fc.record({
  type: fc.integer({ min: 1, max: 11 }),
  transactionId: fc.integer({ min: 0, max: 0xff_ffff }),
  options: fc.array(anyOption, { maxLength: 6 }),
});

test("a message survives the way to bytes and back", () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(decodeMessage(encodeMessage(message))).toEqual(message);
    }),
  );
});

test("an identity association survives the way to bytes and back", () => {
  const seconds = fc.integer({ min: 0, max: 0xffff_ffff });
  const address = fc.record({
    address: fc.constantFrom("2001:db8::1" as Ipv6, "fe80::" as Ipv6),
    preferredSec: seconds,
    validSec: seconds,
  });
  const times = { iaid: seconds, t1Sec: seconds, t2Sec: seconds };
  fc.assert(
    fc.property(fc.record({ ...times, addresses: fc.array(address, { maxLength: 3 }) }), (ia) => {
      expect(decodeIaNa(encodeIaNa(ia))).toEqual(ia);
    }),
  );
});

test("a solicitation as RFC 8415 draws it is read", () => {
  const parts = ["01abcdef", "0001000a0003000102000000000b", "0006000400170018", "0008000200c8"];
  const bytes = Buffer.from(parts.join(""), "hex");
  expect(decodeMessage(bytes)).toMatchObject({
    type: messageType.solicit,
    transactionId: 0xabcdef,
    options: [{ code: optionCode.clientId }, { code: optionCode.optionRequest }, { code: 8 }],
  });
});

test("a message, an option or an association that is cut short is none", () => {
  const message: Dhcpv6Message = { type: 1, transactionId: 1, options: [iaNa(1, "2001:db8::1")] };
  const bytes = encodeMessage(message);
  for (let length = 0; length < bytes.length; length += 1)
    // After its header a message without options is a whole one.
    if (length !== 4) expect(decodeMessage(bytes.subarray(0, length))).toBeUndefined();
  const { data } = iaNa(1, "2001:db8::1");
  for (let length = 0; length < data.length; length += 1)
    if (length !== 12) expect(decodeIaNa({ code: 3, data: data.subarray(0, length) })).toBeUndefined();
  expect(decodeOptions(Uint8Array.of(0, 1, 0, 9, 1))).toBeUndefined();
});

test.each([messageType.relayForward, messageType.relayReply])(
  "what comes from a relay agent is no message (%d)",
  (type) => {
    expect(decodeMessage(Uint8Array.from([type, ...new Array<number>(33).fill(0)]))).toBeUndefined();
  },
);

test("whatever a guest sends, the answer is one that can be sent, about the port's addresses alone, or none", () => {
  const interesting = fc.constantFrom(...Object.values(optionCode));
  const option = fc.record({ code: interesting, data: fc.uint8Array({ maxLength: 60 }) });
  const message = fc.record({
    type: fc.integer({ min: 0, max: 14 }),
    transactionId: fc.integer({ min: 0, max: 0xff_ffff }),
    options: fc.array(option, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(message, (asked) => {
      const answer = answerMessage(asked, lease);
      if (answer === undefined) return;
      expect(encodeMessage(answer).length).toBeLessThan(1280);
      const associations = answer.options.flatMap((one) =>
        one.code === optionCode.iaNa ? (decodeIaNa(one) ?? []) : [],
      );
      for (const { address, validSec } of associations.flatMap(({ addresses }) => addresses))
        if (validSec > 0) expect(lease.addresses).toContain(address);
    }),
    { numRuns: 500 },
  );
});

test("bytes of any kind are read, or are nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const message = decodeMessage(bytes);
      if (message !== undefined) answerMessage(message, lease);
    }),
  );
});
