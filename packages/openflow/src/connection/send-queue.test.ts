import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { encodeMessage, type Message } from "../of13/messages.ts";
import { SendQueue } from "./send-queue.ts";

/** A reader that takes what is written only when the test says so. */
class SlowReader extends Writable {
  readonly taken: number[] = [];
  #take: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take = () => {
      this.taken.push(chunk.byteLength);
      done();
    };
    this.emit("waiting");
  }

  async takeOne(): Promise<void> {
    if (this.#take === undefined) await once(this, "waiting");
    const take = this.#take;
    this.#take = undefined;
    take?.();
  }
}

const message: Message = { kind: "echoRequest", data: new Uint8Array(992) };

function* counted(total: number, made: { count: number }): Generator<Uint8Array> {
  for (; made.count < total; made.count++) yield encodeMessage(message, made.count);
}

test("a bulk transfer makes messages only as fast as the reader takes them", async () => {
  const reader = new SlowReader();
  const made = { count: 0 };
  const sending = new SendQueue(reader, encodeMessage).sendAll(counted(200, made), () => true);
  for (const expected of [66, 132, 198]) {
    expect(made.count).toBeLessThan(expected);
    await reader.takeOne();
  }
  await reader.takeOne();
  await sending;
  expect(made.count).toBe(200);
  expect(reader.taken.reduce((sum, size) => sum + size, 0)).toBe(200_000);
});

test("a bulk transfer stops once it is no longer wanted", async () => {
  const reader = new SlowReader();
  const made = { count: 0 };
  const sending = new SendQueue(reader, encodeMessage).sendAll(counted(1000, made), () => false);
  await reader.takeOne();
  await sending;
  expect(made.count).toBeLessThan(70);
});

test("a bulk transfer ends with the stream", async () => {
  const reader = new SlowReader();
  const sending = new SendQueue(reader, encodeMessage).sendAll(counted(1000, { count: 0 }), () => true);
  reader.destroy();
  await expect(sending).resolves.toBeUndefined();
});

test("many bulk transfers at once leave no listeners behind, and all end with the stream", async () => {
  const reader = new SlowReader({ highWaterMark: 1 << 30 });
  const queue = new SendQueue(reader, encodeMessage);
  const before = reader.listenerCount("close");
  const sending = Array.from({ length: 50 }, () => queue.sendAll(counted(200, { count: 0 }), () => true));
  expect(reader.listenerCount("close")).toBe(before);
  reader.destroy();
  await expect(Promise.all(sending)).resolves.toHaveLength(50);
});

test("what is sent in one go is written in one go", async () => {
  const writes: number[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.byteLength);
      done();
    },
  });
  const queue = new SendQueue(stream, encodeMessage);
  for (let xid = 1; xid <= 3; xid++) queue.send(message, xid);
  expect(queue.waitingSize).toBe(3000);
  queue.flush();
  expect(queue.waitingSize).toBe(0);
  stream.end();
  await once(stream, "finish");
  expect(writes).toEqual([3000]);
});

test("a bulk transfer that is small is written with what is sent in front of it and behind it", async () => {
  const writes: number[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.byteLength);
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.reduce((sum, { chunk }) => sum + (chunk as Buffer).byteLength, 0));
      done();
    },
  });
  const queue = new SendQueue(stream, encodeMessage);
  // As in a promise's continuation, where all messages of a connection are made.
  await Promise.resolve();
  queue.send(message, 7);
  await queue.sendAll(counted(2, { count: 0 }), () => true);
  queue.send(message, 8);
  expect(queue.waitingSize).toBe(4000);
  await new Promise((resolve) => process.nextTick(resolve));
  expect([queue.waitingSize, writes]).toEqual([0, [4000]]);
});

test("what is sent keeps its place in front of a bulk transfer that begins behind it", async () => {
  const xids: number[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (let start = 0; start < chunk.byteLength; start += 1000) xids.push(chunk.readUInt32BE(start + 4));
      done();
    },
  });
  const queue = new SendQueue(stream, encodeMessage);
  queue.send(message, 7);
  await queue.sendAll(counted(2, { count: 0 }), () => true);
  queue.send(message, 8);
  await Promise.resolve();
  await new Promise((resolve) => process.nextTick(resolve));
  expect(xids).toEqual([7, 0, 1, 8]);
});
