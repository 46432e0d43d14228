import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage } from "../of13/messages.ts";
import { MessageFramer } from "./framing.ts";

const messages = [0, 1, 40_000].map((size, index) =>
  encodeMessage({ kind: "echoRequest", data: new Uint8Array(size).fill(index) }, index),
);
const anyHeader = (): undefined => undefined;
const stream = Buffer.concat(messages);

test("messages come out whole, wherever the stream is cut into chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.byteLength), { maxLength: 20 }), (cuts) => {
      const framer = new MessageFramer(anyHeader);
      const borders = [0, ...cuts.sort((a, b) => a - b), stream.byteLength];
      const found = borders.slice(1).flatMap((end, index) => [...framer.push(stream.subarray(borders[index], end))]);
      expect(found.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
        messages.map((bytes) => Buffer.from(bytes).toString("hex")),
      );
      expect(framer.pendingSize).toBe(0);
    }),
  );
});

test("a message that comes byte by byte comes out once it is complete", () => {
  const framer = new MessageFramer(anyHeader);
  const found = Array.from(stream, (byte) => framer.push(Uint8Array.of(byte))).flat();
  expect(found.map((bytes) => bytes.byteLength)).toEqual(messages.map((bytes) => bytes.byteLength));
});

test("what isn't complete is pending", () => {
  const framer = new MessageFramer(anyHeader);
  expect(framer.push(stream.subarray(0, 5))).toEqual([]);
  expect(framer.pendingSize).toBe(5);
});

test("a length of less than a header is refused, as nothing behind it can be found", () => {
  expect(() => new MessageFramer(anyHeader).push(Uint8Array.of(4, 0, 0, 7, 0, 0, 0, 0))).toThrow(
    "a message length of 7",
  );
});
