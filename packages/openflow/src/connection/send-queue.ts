import type { Writable } from "node:stream";
import type { Message } from "../of13/messages.ts";

/** Bytes that are put together before they are handed to the stream in bulk transfers. */
const batchSize = 64 << 10;

/** What most messages that are put together come to. */
const fewBytes = 1 << 10;

/** Messages one behind the other. */
class Batch {
  size = 0;
  #buffer: Buffer;

  /** @param room bytes that are likely to be needed */
  constructor(room: number) {
    this.#buffer = Buffer.allocUnsafe(room);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.size);
  }

  add(bytes: Uint8Array): void {
    const size = this.size + bytes.byteLength;
    if (size > this.#buffer.byteLength) {
      const larger = Buffer.allocUnsafe(2 * size);
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.size);
    this.size = size;
  }
}

/** Writes messages to a stream: single ones at once, many at the pace of the reader. */
export class SendQueue {
  readonly #stream: Writable;
  readonly #encode: (message: Message, xid: number) => Uint8Array;
  /** What goes on once the bytes of each bulk transfer are written. */
  readonly #writing = new Set<() => void>();
  /** What was sent in this turn of the process. */
  #unwritten: Uint8Array[] = [];
  #unwrittenSize = 0;

  constructor(stream: Writable, encode: (message: Message, xid: number) => Uint8Array) {
    this.#stream = stream;
    this.#encode = encode;
    // A write that is on its way when the stream is destroyed isn't sure to be called back.
    stream.once("close", () => {
      for (const done of this.#writing) done();
    });
  }

  /** Bytes that the stream hasn't got rid of yet. */
  get waitingSize(): number {
    return this.#unwrittenSize + this.#stream.writableLength;
  }

  /** What is sent in one go, such as the answers to all packets of a chunk, goes to the kernel in one go. */
  send(message: Message, xid: number): void {
    this.#put(this.#encode(message, xid));
  }

  /** Gives the stream what was sent in this turn, as has to be done before the stream is ended. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    const parts = joined(this.#unwritten);
    [this.#unwritten, this.#unwrittenSize] = [[], 0];
    if (!this.#stream.writable) return;
    this.#stream.cork();
    for (const part of parts) this.#stream.write(part);
    this.#stream.uncork();
  }

  /**
   * Sends `messages` in batches, and lets other work of the process go on in between. Stops early once they are no
   * longer wanted. As few as make one batch go to the kernel with what is sent in front of them and behind: that is most
   * bundles, which change a flow or two. Each message is copied before the next one is asked for.
   */
  async sendAll(messages: Iterable<Uint8Array>, wanted: () => boolean): Promise<void> {
    let batch = new Batch(fewBytes);
    let isFirst = true;
    for (const bytes of messages) {
      batch.add(bytes);
      if (batch.size < batchSize) continue;
      await this.#write(batch.bytes);
      if (!wanted() || !this.#stream.writable) return;
      batch = new Batch(batchSize + fewBytes);
      isFirst = false;
    }
    if (batch.size === 0) return;
    if (isFirst) this.#put(batch.bytes);
    else await this.#write(batch.bytes);
  }

  #put(bytes: Uint8Array): void {
    if (this.#unwritten.length === 0) process.nextTick(() => this.flush());
    this.#unwritten.push(bytes);
    this.#unwrittenSize += bytes.byteLength;
  }

  /** Resolves once the bytes are with the kernel, or never will be: the connection's end is told elsewhere. */
  #write(bytes: Uint8Array): Promise<void> {
    this.flush();
    if (!this.#stream.writable) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#writing.delete(done);
        resolve();
      };
      this.#writing.add(done);
      this.#stream.write(bytes, done);
    });
  }
}

/**
 * The same bytes in as few parts as can be had without copying: messages that are encoded one after the other mostly lie
 * side by side. A stream needs longer for a part than it takes to encode a small message.
 */
function joined(messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let buffer: ArrayBufferLike | undefined;
  let [start, end] = [0, 0];
  for (const message of messages) {
    if (message.buffer !== buffer || message.byteOffset !== end) {
      if (buffer !== undefined) parts.push(new Uint8Array(buffer, start, end - start));
      buffer = message.buffer;
      start = message.byteOffset;
    }
    end = message.byteOffset + message.byteLength;
  }
  if (buffer !== undefined) parts.push(new Uint8Array(buffer, start, end - start));
  return parts;
}
