import type { Writable } from "node:stream";
import type { Message } from "../of13/messages.ts";

/** Bytes that are put together before they are handed to the stream in bulk transfers. */
const batchSize = 64 << 10;

/** Writes messages to a stream: single ones at once, many at the pace of the reader. */
export class SendQueue {
  readonly #stream: Writable;
  readonly #encode: (message: Message, xid: number) => Uint8Array;
  #corked = false;

  constructor(stream: Writable, encode: (message: Message, xid: number) => Uint8Array) {
    this.#stream = stream;
    this.#encode = encode;
  }

  /** Bytes that the stream hasn't got rid of yet. */
  get waitingSize(): number {
    return this.#stream.writableLength;
  }

  /** What is sent in one go, such as the answers to all packets of a chunk, goes to the kernel in one go. */
  send(message: Message, xid: number): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#stream.uncork();
      });
    }
    this.#stream.write(this.#encode(message, xid));
  }

  /**
   * Sends `messages` in batches, and lets other work of the process go on in between. Stops early once they are no
   * longer wanted.
   */
  async sendAll(
    messages: Iterable<{ readonly message: Message; readonly xid: number }>,
    wanted: () => boolean,
  ): Promise<void> {
    let batch: Uint8Array[] = [];
    let size = 0;
    for (const { message, xid } of messages) {
      const bytes = this.#encode(message, xid);
      batch.push(bytes);
      size += bytes.byteLength;
      if (size < batchSize) continue;
      await this.#write(Buffer.concat(batch));
      if (!wanted() || !this.#stream.writable) return;
      [batch, size] = [[], 0];
    }
    if (size > 0) await this.#write(Buffer.concat(batch));
  }

  /** Resolves once the bytes are with the kernel, or never will be: the connection's end is told elsewhere. */
  #write(bytes: Uint8Array): Promise<void> {
    if (!this.#stream.writable) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off("close", done);
        resolve();
      };
      // A write that is on its way when the stream is destroyed isn't sure to be called back.
      this.#stream.once("close", done);
      this.#stream.write(bytes, done);
    });
  }
}
