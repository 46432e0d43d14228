import { LoomstackError } from "@loomstack/core";
import { headerSize } from "../of13/header.ts";

/**
 * Cuts a stream of bytes into messages by the length in their headers. Holds at most one message that isn't complete,
 * so less than 64 KiB.
 */
export class MessageFramer {
  readonly #checkHeader: (version: number, type: number) => void;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #needed = headerSize;

  /** @param checkHeader told of each header as soon as it is there; may throw */
  constructor(checkHeader: (version: number, type: number) => void) {
    this.#checkHeader = checkHeader;
  }

  /** Bytes of a message that isn't complete yet. */
  get pendingSize(): number {
    return this.#size;
  }

  /**
   * The messages that are complete with `chunk`, as views into it or into a copy.
   *
   * @throws WIRE__MALFORMED for a length less than a header's, and what checkHeader throws
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    // Putting chunks together only once there is enough of them keeps a message that comes byte by byte at linear cost.
    if (this.#size < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const messages: Uint8Array[] = [];
    let offset = 0;
    let needed = this.#lengthAt(bytes, offset);
    while (bytes.byteLength - offset >= needed) {
      messages.push(bytes.subarray(offset, offset + needed));
      offset += needed;
      needed = this.#lengthAt(bytes, offset);
    }
    const rest = bytes.subarray(offset);
    this.#chunks = rest.byteLength === 0 ? [] : [rest];
    this.#size = rest.byteLength;
    this.#needed = needed;
    return messages;
  }

  /** The length of the message at `offset`, or as long as it can't be read that of a header. */
  #lengthAt(bytes: Uint8Array, offset: number): number {
    if (bytes.byteLength - offset < headerSize) return headerSize;
    this.#checkHeader(bytes[offset] ?? 0, bytes[offset + 1] ?? 0);
    const length = (bytes[offset + 2] ?? 0) * 256 + (bytes[offset + 3] ?? 0);
    if (length >= headerSize) return length;
    throw new LoomstackError("WIRE__MALFORMED", { path: "message", offset, reason: `a message length of ${length}` });
  }
}
