/**
 * Cuts a stream of bytes into JSON texts. OVSDB's connections have no separator between messages (RFC 7047, 4): a
 * message ends where its outermost object ends. The structure of JSON is ASCII, and no byte of a longer UTF-8 sequence
 * is, so it can be followed in the bytes themselves; text is decoded once a message is whole. Each byte is looked at
 * once and copied at most twice, however the chunks fall.
 */
import { LoomstackError } from "@loomstack/core";
import { isJsonObject, type JsonObject, parseJson } from "../notation/json.ts";
import { HeldBytes } from "./held-bytes.ts";

export interface FramingLimits {
  /** The largest message that is accepted, in bytes. */
  readonly maxMessageBytes: number;
  /** How deeply arrays and objects may be nested; OVSDB itself needs about ten, ovsdb-server allows 1000. */
  readonly maxDepth: number;
}

export const defaultFramingLimits: FramingLimits = { maxMessageBytes: 128 * 1024 * 1024, maxDepth: 1000 };

const code = {
  quote: 0x22,
  backslash: 0x5c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  colon: 0x3a,
  zero: 0x30,
  nine: 0x39,
} as const;

/** The fewest digits that an integer beyond 2^53 has. */
const longNumberDigits = 16;

/** Follows one stream. No I/O; after an error the stream can't be followed any more. */
export class MessageFraming {
  readonly #limits: FramingLimits;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The beginning of the message that isn't whole yet. */
  #held = new HeldBytes();
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #digits = 0;
  #hasLongNumber = false;
  /** Whether the string of now, or the last one, holds an escape. */
  #isStringEscaped = false;
  #hasEscapedName = false;

  constructor(limits: FramingLimits = defaultFramingLimits) {
    this.#limits = limits;
  }

  /** How many bytes of an unfinished message are held. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /**
   * The messages that `chunk` completes, one by one: a message is handed out before what follows it is looked at. The
   * chunk must not change until all were taken.
   *
   * @throws OVSDB__MALFORMED_MESSAGE, OVSDB__MESSAGE_SIZE_EXCEEDED
   */
  *push(chunk: Uint8Array): Generator<JsonObject, void, undefined> {
    let start = 0;
    while (start < chunk.length) {
      if (this.#depth === 0) start = this.#skipWhitespace(chunk, start);
      const end = this.#scan(chunk, start);
      this.#checkSize(this.#held.length + end - start);
      if (this.#depth > 0) return this.#held.add(chunk.subarray(start, end));
      if (end > start) yield this.#take(chunk.subarray(start, end));
      start = end;
    }
  }

  #skipWhitespace(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && isWhitespace(chunk[at])) at++;
    if (at < chunk.length && chunk[at] !== code.openBrace) throw malformed("a message doesn't begin with {");
    return at;
  }

  /** Goes on to the end of the message or of the chunk; gives the place after the last byte looked at. */
  #scan(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length) {
      at = this.#isInString ? this.#scanString(chunk, at) : this.#scanStructure(chunk, at);
      if (this.#depth === 0) break;
    }
    return at;
  }

  /** Goes on to the end of the string or of the chunk. The state is kept in variables: this loop sees most bytes. */
  #scanString(chunk: Uint8Array, start: number): number {
    let isEscaped = this.#isEscaped;
    let at = start;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (isEscaped) {
        isEscaped = false;
      } else if (byte === code.backslash) {
        isEscaped = true;
        this.#isStringEscaped = true;
      } else if (byte === code.quote) {
        this.#isInString = false;
        at++;
        break;
      }
    }
    this.#isEscaped = isEscaped;
    return at;
  }

  /** Goes on to the next string, or to the end of the message or of the chunk. */
  #scanStructure(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte >= code.zero && byte <= code.nine) {
        if (++this.#digits >= longNumberDigits) this.#hasLongNumber = true;
        continue;
      }
      this.#digits = 0;
      if (byte === code.quote) {
        this.#isInString = true;
        this.#isStringEscaped = false;
        return at + 1;
      }
      if (byte === code.openBrace || byte === code.openBracket) this.#descend();
      else if ((byte === code.closeBrace || byte === code.closeBracket) && --this.#depth === 0) return at + 1;
      else if (byte === code.colon && this.#isStringEscaped) this.#hasEscapedName = true;
    }
    return chunk.length;
  }

  #descend(): void {
    if (++this.#depth > this.#limits.maxDepth) throw malformed(`it is nested more than ${this.#limits.maxDepth} deep`);
  }

  #checkSize(size: number): void {
    if (size <= this.#limits.maxMessageBytes) return;
    throw new LoomstackError("OVSDB__MESSAGE_SIZE_EXCEEDED", { limitBytes: this.#limits.maxMessageBytes });
  }

  /** The message that ends with `part`. */
  #take(part: Uint8Array): JsonObject {
    const [hasLongNumber, hasEscapedName] = [this.#hasLongNumber, this.#hasEscapedName];
    this.#hasLongNumber = false;
    this.#hasEscapedName = false;
    try {
      const json = parseJson(this.#text(part), hasLongNumber, hasEscapedName);
      if (isJsonObject(json)) return json;
    } catch (cause) {
      // The parser quotes what it read in its message, and that may hold secrets: only what kind of fault it was is
      // passed on.
      throw malformed(faultOf(cause), { cause });
    }
    throw malformed("it isn't an object");
  }

  /** The text of what is held and of `part`. */
  #text(part: Uint8Array): string {
    const held = this.#held;
    if (held.length === 0) return this.#decoder.decode(part);
    this.#held = new HeldBytes();
    let text = "";
    for (const bytes of held.drain()) text += this.#decoder.decode(bytes, { stream: true });
    return text + this.#decoder.decode(part);
  }
}

function faultOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return "it isn't JSON";
  return cause instanceof RangeError ? "it is longer than a text can be" : "it isn't UTF-8";
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function malformed(reason: string, options?: ErrorOptions): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_MESSAGE", { reason }, options);
}
