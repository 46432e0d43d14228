import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromPlain } from "../json/plain-value.ts";
import { messageFromJson, messageToJson } from "../json/message-json.ts";
import { dialectOf } from "./dialect.ts";
import { checkRoundTrip } from "./round-trip.check.ts";
import { vectors } from "./vector-file.check.ts";

interface Document {
  readonly xid: number;
  readonly message: unknown;
}

describe.each(vectors)("$name", ({ bytes, json, version, provenance, labels }) => {
  const { decode, encode } = dialectOf(version, { flowModTableId: true });

  test("decodes to the value", () => {
    const document = JSON.parse(json) as Document;
    const { xid, message } = decode(bytes);
    expect({ xid, message }).toEqual({ xid: document.xid, message: fromPlain(document.message, "message") });
    expect(messageToJson(bytes)).toBe(JSON.stringify(document));
  });

  test("encodes to the same bytes", () => {
    const { message, xid } = decode(bytes);
    expect(Buffer.from(encode(message, xid)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
    expect(Buffer.from(messageFromJson(json)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  });

  test("is refused as truncated wherever it is cut off", () => {
    for (let size = 0; size < bytes.byteLength; size++) {
      expect(() => decode(bytes.subarray(0, size))).toThrow(expect.objectContaining({ code: "WIRE__TRUNCATED" }));
    }
  });

  test("says who sent it, and what each of its bytes is", () => {
    expect(provenance).toMatch(/^# Sent by (?:ovs-vswitchd|ovs-ofctl|loomstack)/);
    expect(labels.slice(0, 4)).toEqual(["version", "type", "length", "transaction id"]);
    expect(labels).not.toContain("");
  });
});

test("a message with bytes changed at random is read or refused, and nothing worse", () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...vectors), changes, ({ bytes }, changed) => {
      const hostile = Uint8Array.from(bytes);
      for (const { at, to } of changed) hostile[at % bytes.byteLength] = to;
      checkRoundTrip(hostile);
    }),
    { numRuns: 3000 },
  );
});
