import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isLoomstackError } from "@loomstack/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryFlow } from "../of13/flow.arbitrary.ts";
import { encodeMessage } from "../of13/messages.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { dialectOf } from "../version/dialect.ts";
import { messageFromJson, messageToJson } from "./message-json.ts";

const folder = path.resolve(import.meta.dirname, "../../vectors");
const vectors = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".vec"))
  .map((file) => {
    const [octets = ""] = readFileSync(path.join(folder, file), "utf8").split("\n---\n");
    return { name: file, bytes: bytesOf(octets.replaceAll(/#.*|\s/g, "")) };
  });

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Bytes through JSON and back. */
function again(bytes: Uint8Array): string {
  return hexOf(messageFromJson(messageToJson(bytes)));
}

test.each(vectors)("$name comes back from JSON byte for byte, and its value says all", ({ bytes }) => {
  expect(again(bytes)).toBe(hexOf(bytes));
  expect(JSON.parse(messageToJson(bytes))).not.toHaveProperty("bytes");
});

test("any message that can be read comes back byte for byte", () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { maxLength: 4 });
  let read = 0;
  fc.assert(
    fc.property(fc.constantFrom(...vectors), changes, ({ bytes }, changed) => {
      const changedBytes = Uint8Array.from(bytes);
      for (const { at, to } of changed) changedBytes[at % bytes.byteLength] = to;
      let json: string;
      try {
        json = messageToJson(changedBytes);
      } catch (error) {
        if (isLoomstackError(error)) return;
        throw error;
      }
      read += 1;
      expect(hexOf(messageFromJson(json))).toBe(hexOf(changedBytes));
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(100);
}, 30_000);

test("any flow that can be written comes back byte for byte", () => {
  fc.assert(
    fc.property(arbitraryFlow, fc.nat(0xffff_ffff), (flow, xid) => {
      const bytes = encodeMessage(flowMod("add", flow), xid);
      expect(again(bytes)).toBe(hexOf(bytes));
    }),
    { numRuns: 300 },
  );
});

test("messages of any version come back, known or not", () => {
  const body = fc.uint8Array({ maxLength: 64 });
  const header = fc.record({ version: fc.nat(255), type: fc.nat(255), xid: fc.nat(0xffff_ffff) });
  fc.assert(
    fc.property(header, body, ({ version, type, xid }, bytes) => {
      const message = Buffer.alloc(8 + bytes.byteLength);
      message.set([version, type, 0, message.byteLength]);
      message.writeUInt32BE(xid, 4);
      message.set(bytes, 8);
      try {
        messageToJson(message);
      } catch (error) {
        expect(isLoomstackError(error)).toBe(true);
        return;
      }
      expect(again(message)).toBe(hexOf(message));
    }),
    { numRuns: 2000 },
  );
});

test("a message is a document with version, xid and the value", () => {
  const bytes = encodeMessage({ kind: "echoRequest", data: Uint8Array.of(0, 255) }, 7);
  expect(messageToJson(bytes)).toBe('{"version":"1.3","xid":7,"message":{"kind":"echoRequest","data":"0x00ff"}}');
  const flow = { tableId: 1, priority: 2, cookie: 2n ** 64n - 1n, match: { ethType: 0x0800 }, instructions: [] };
  expect(JSON.parse(messageToJson(encodeMessage(flowMod("add", flow), 1)))).toMatchObject({
    message: { kind: "flowMod", cookie: "18446744073709551615", priority: 2, match: { ethType: 2048 } },
  });
});

test("bytes stand beside a value that doesn't say all", () => {
  // A barrier doesn't care for its flags, but the padding of a role request isn't zero here.
  const bytes = bytesOf("04180018000000010000000200000001000000000000000a");
  const document = JSON.parse(messageToJson(bytes)) as Record<string, unknown>;
  expect(document["bytes"]).toBe(`0x${hexOf(bytes)}`);
  expect(again(bytes)).toBe(hexOf(bytes));
  const changed = { ...document, xid: 2 };
  expect(() => messageFromJson(JSON.stringify(changed))).toThrow("bytes: they don't say what the message says");
  expect(hexOf(messageFromJson(JSON.stringify({ ...changed, bytes: undefined })))).toBe(
    "04180018000000020000000200000000000000000000000a",
  );
});

test("defaults may be left out, and names of a peer may look like anything", () => {
  const encoded = messageFromJson('{"version":"1.3","xid":1,"message":{"kind":"flowMod","command":"add","tableId":3}}');
  expect(hexOf(encoded)).toBe(hexOf(encodeMessage({ kind: "flowMod", command: "add", tableId: 3 }, 1)));
  for (const serialNumber of ["12345", "0x12", "bytes"]) {
    const texts = { manufacturer: "1", hardware: "0x", software: "", serialNumber, datapath: "-1" };
    const bytes = encodeMessage({ kind: "multipartReply", more: false, body: { kind: "description", ...texts } }, 1);
    expect(JSON.parse(messageToJson(bytes))).toMatchObject({ message: { body: texts } });
    expect(again(bytes)).toBe(hexOf(bytes));
  }
});

test("a hello has whatever version, and other versions' messages are kept", () => {
  expect(JSON.parse(messageToJson(bytesOf("0500000800000001")))).toEqual({
    version: 5,
    xid: 1,
    message: { kind: "hello", elements: [] },
  });
  expect(again(bytesOf("0500000800000001"))).toBe("0500000800000001");
  expect(again(bytesOf("050a000a000000010102"))).toBe("050a000a000000010102");
  const barrier = dialectOf("1.0").encode({ kind: "barrierRequest" }, 9);
  expect(messageToJson(barrier)).toBe('{"version":"1.0","xid":9,"message":{"kind":"barrierRequest"}}');
  expect(again(barrier)).toBe(hexOf(barrier));
});

describe("JSON that is no message is refused, with what is wrong and where", () => {
  const flow = (members: string): string => message(`{"kind":"flowMod","command":"add","tableId":0,${members}}`);
  const message = (text: string): string => `{"version":"1.3","xid":1,"message":${text}}`;

  test.each([
    ["{", /^the JSON: /],
    ["[]", /^the JSON: an object with version, xid and message/],
    ['{"version":"1.3","xid":1,"message":{"kind":"hello"},"x":1}', /^x: only version/],
    ['{"version":"1.4","xid":1,"message":{}}', /^version: /],
    ['{"version":4,"xid":"1","message":{}}', /^xid: a number/],
    ['{"version":2,"xid":1,"message":{"kind":"barrierRequest"}}', /^version: version 2 isn't spoken/],
    [message("{}"), /^message: an object with a "kind"/],
    [message('{"kind":"flowMud"}'), /^message/],
    [message('{"kind":"packetOut","inPort":null}'), /^message.inPort: there is no null/],
    [message('{"kind":"echoRequest","data":5}'), /^message/],
    [message('{"kind":"echoRequest","data":"hello"}'), /^message/],
    [message('{"kind":"echoRequest"}'), /^message.data: it is missing/],
    [flow('"cookie":1'), /^message.cookie: .*64-bit integers are strings/],
    [flow('"cookie":1e30'), /^message.cookie: .* no integer/],
    [flow('"cooki":"1"'), /^message.cooki: a flowMod has no such part/],
    [flow('"flags":{"checkOverlab":true}'), /^message.flags.checkOverlab: /],
    [flow('"priority":65536'), /^message.flowMod.priority: 65536 does not fit/],
    [flow('"priority":"5"'), /priority/],
    [flow('"match":{"inPrt":1}'), /inPrt is no match field/],
    [flow('"match":{"ipv4Src":"10.0.0"}'), /10\.0\.0/],
    [flow('"instructions":[{"kind":"applyActions"}]'), /^message.instructions\[0\].actions: it is missing/],
    [flow('"instructions":[{"kind":"applyActions","actions":[{"kind":"outptu"}]}]'), /outptu|actions\[0\]/],
    [message(`${'{"a":'.repeat(300)}1${"}".repeat(300)}`), /nested more than 200 deep/],
  ])("%s", (text, reason) => {
    expect(() => messageFromJson(text)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(reason) as string, code: expect.any(String) as string }),
    );
  });
});
