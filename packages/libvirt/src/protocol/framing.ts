import { LoomstackError } from "@loomstack/core";

/** The length word, which counts itself (virnetprotocol.x, "RPC wire format"). */
const lengthBytes = 4;
/** program, version, procedure, type, serial, status: six words. */
const headerBytes = 24;
const minMessageBytes = lengthBytes + headerBytes;
/** libvirt's VIR_NET_MESSAGE_MAX (32 MiB of header and payload) and the length word. */
const maxMessageBytes = 33_554_432 + lengthBytes;
const initialBufferBytes = 65_536;

/**
 * Cuts a byte stream into messages, wherever the chunks happen to end. Memory grows with the bytes that have arrived,
 * not with the length that a message claims, and each byte is copied a bounded number of times on average.
 */
export class MessageFramer {
  readonly #uri: string;
  #buffer = new Uint8Array(0);
  #filled = 0;

  /** @param uri names the peer in errors */
  constructor(uri: string) {
    this.#uri = uri;
  }

  /**
   * Takes a chunk and gives the messages that it completes, each without its length word: views, not copies.
   *
   * @throws LIBVIRT__MALFORMED when a message claims a length that the protocol doesn't allow; the stream can't be read
   * on after that
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#filled === 0 ? chunk : this.#append(chunk);
    const messages: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      const length = this.#messageLength(bytes, offset);
      if (length === undefined || bytes.byteLength - offset < length) break;
      messages.push(bytes.subarray(offset + lengthBytes, offset + length));
      offset += length;
    }
    // What was appended without completing a message stays where it is.
    if (this.#filled === 0 || offset > 0) this.#startOver(bytes.subarray(offset));
    return messages;
  }

  #messageLength(bytes: Uint8Array, offset: number): number | undefined {
    if (bytes.byteLength - offset < lengthBytes) return undefined;
    const length = new DataView(bytes.buffer, bytes.byteOffset + offset, lengthBytes).getUint32(0);
    if (length >= minMessageBytes && length <= maxMessageBytes) return length;
    throw new LoomstackError("LIBVIRT__MALFORMED", {
      uri: this.#uri,
      reason: `a message claims to have ${length} bytes where ${minMessageBytes} to ${maxMessageBytes} are allowed`,
    });
  }

  #append(chunk: Uint8Array): Uint8Array {
    const total = this.#filled + chunk.byteLength;
    if (total > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(total, this.#buffer.byteLength * 2));
      grown.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#filled);
    this.#filled = total;
    return this.#buffer.subarray(0, total);
  }

  /** Takes a new buffer, because views of the old one have been handed out. */
  #startOver(rest: Uint8Array): void {
    this.#filled = rest.byteLength;
    this.#buffer = new Uint8Array(rest.byteLength === 0 ? 0 : Math.max(rest.byteLength, initialBufferBytes));
    this.#buffer.set(rest);
  }
}

/** A message with its length word in front. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(lengthBytes + message.byteLength);
  new DataView(framed.buffer).setUint32(0, framed.byteLength);
  framed.set(message, lengthBytes);
  return framed;
}
