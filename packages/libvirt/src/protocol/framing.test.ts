import fc from "fast-check";
import { expect, test } from "vitest";
import { frame, MessageFramer } from "./framing.ts";

const message = fc.uint8Array({ minLength: 24, maxLength: 200 });

/** `bytes` cut at the given places. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

test("messages come out whole and in order wherever the chunks end", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }), (messages, cuts) => {
      const framer = new MessageFramer("test");
      const stream = Uint8Array.from(messages.flatMap((each) => [...frame(each)]));
      const received = chunksOf(stream, cuts).flatMap((chunk) => framer.push(chunk));
      expect(received).toEqual(messages);
    }),
  );
});

test("messages that were handed out don't change when more arrives", () => {
  const framer = new MessageFramer("test");
  const stream = Uint8Array.from([1, 2, 3].flatMap((fill) => [...frame(new Uint8Array(40).fill(fill))]));
  framer.push(stream.slice(0, 50));
  const [second] = framer.push(stream.slice(50, 100));
  framer.push(stream.slice(100));
  expect(second).toEqual(new Uint8Array(40).fill(2));
});

test.each([0, 4, 27, 33_554_437, 0xffff_ffff])("a message that claims %d bytes is refused at once", (length) => {
  const framer = new MessageFramer("test");
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, length);
  framer.push(word.subarray(0, 3));
  expect(() => framer.push(word.subarray(3))).toThrow(`claims to have ${length} bytes`);
});

test("a large message that comes byte by byte costs no more than its size allows", () => {
  const framer = new MessageFramer("test");
  const stream = frame(new Uint8Array(300_000).fill(7));
  const before = process.memoryUsage().arrayBuffers;
  for (const byte of stream.subarray(0, -1)) expect(framer.push(Uint8Array.of(byte))).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * stream.length);
  expect(framer.push(stream.slice(-1))).toEqual([new Uint8Array(300_000).fill(7)]);
});
