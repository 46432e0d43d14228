import { LoomstackError } from "@loomstack/core";
import { Path } from "./path.ts";

let idle: Reader | undefined;

/**
 * What `read` makes of all of `bytes`.
 *
 * @param name what the bytes are, the root of the path in errors
 * @throws WIRE__TRAILING_BYTES where the value ends before the bytes do, and what `read` throws
 */
export function reading<Value>(bytes: Uint8Array, name: string, read: (reader: Reader) => Value): Value {
  const reader = idle ?? new Reader(bytes, name);
  // Whoever reads meanwhile has another one, and one that has thrown is not used again.
  idle = undefined;
  reader.begin(bytes, name);
  const value = read(reader);
  reader.expectEnd();
  idle = reader;
  return value;
}

/**
 * Reads big-endian values from bytes, within a scope that nested lengths narrow: whoever reads the body of a TLV can't
 * read past its end. Every failure is a typed error with the path of the field and its offset. A reader that has thrown
 * is of no further use.
 */
export class Reader {
  readonly path: Path;
  /** How many values that may contain themselves are being read. */
  depth = 0;
  // Of the whole buffer: the messages of one chunk share it, and so they share these, which take long to make.
  #buffer: ArrayBufferLike;
  #bytes: Uint8Array;
  #view: DataView;
  /** Where in the buffer what is being read begins. */
  #start: number;
  #offset: number;
  #end: number;

  /** @param name what the bytes are, the root of the path in errors */
  constructor(bytes: Uint8Array, name = "bytes") {
    const { buffer, byteOffset, byteLength } = bytes;
    this.#buffer = buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#start = this.#offset = byteOffset;
    this.#end = byteOffset + byteLength;
    this.path = new Path(name);
  }

  /** Begins anew with other bytes. */
  begin(bytes: Uint8Array, name: string): void {
    const { buffer, byteOffset, byteLength } = bytes;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    this.#start = this.#offset = byteOffset;
    this.#end = byteOffset + byteLength;
    this.path.root(name);
  }

  /** Bytes from the start of what is being read. */
  get offset(): number {
    return this.#offset - this.#start;
  }

  /** Bytes left in the present scope. */
  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  /** The next `size` bytes, as a copy: what is read never keeps a receive buffer alive, or changes with it. */
  bytes(size: number): Uint8Array {
    const start = this.#advance(size);
    return this.#bytes.slice(start, start + size);
  }

  /**
   * Goes past the next `size` bytes, which are to be read with `view`.
   *
   * @returns where they begin in `view`, or -1 where there are fewer in the present scope
   */
  take(size: number): number {
    if (size > this.remaining) return -1;
    const start = this.#offset;
    this.#offset = start + size;
    return start;
  }

  get view(): DataView {
    return this.#view;
  }

  skip(size: number): void {
    this.#advance(size);
  }

  /** Goes back to an `offset` that this reader was at, in the same scope. */
  rewind(offset: number): void {
    this.#offset = this.#start + offset;
  }

  /**
   * Runs `read` on the next `size` bytes and no further; it must use them all.
   *
   * @throws WIRE__TRUNCATED where there are fewer, WIRE__TRAILING_BYTES where `read` leaves some
   */
  scoped<Value>(size: number, read: (reader: Reader) => Value): Value {
    const outerEnd = this.narrow(size);
    const value = read(this);
    this.widen(outerEnd);
    return value;
  }

  /**
   * Begins what `scoped` does, for those who read too often to make a function for it each time.
   *
   * @returns what `widen` is to be given at the end
   * @throws WIRE__TRUNCATED
   */
  narrow(size: number): number {
    this.#require(size);
    const outerEnd = this.#end;
    this.#end = this.#offset + size;
    return outerEnd;
  }

  /** @throws WIRE__TRAILING_BYTES */
  widen(outerEnd: number): void {
    this.expectEnd();
    this.#end = outerEnd;
  }

  /** @throws WIRE__TRAILING_BYTES where the present scope isn't used up */
  expectEnd(): void {
    if (this.remaining === 0) return;
    throw new LoomstackError("WIRE__TRAILING_BYTES", {
      path: this.path.toString(),
      surplus: this.remaining,
      offset: this.offset,
    });
  }

  /** The error for bytes that can be read but mean nothing, to be thrown by the caller. */
  malformed(reason: string): LoomstackError<"WIRE__MALFORMED"> {
    return new LoomstackError("WIRE__MALFORMED", { path: this.path.toString(), offset: this.offset, reason });
  }

  #advance(size: number): number {
    this.#require(size);
    const start = this.#offset;
    this.#offset = start + size;
    return start;
  }

  #require(size: number): void {
    const missing = size - this.remaining;
    if (missing > 0)
      throw new LoomstackError("WIRE__TRUNCATED", {
        path: this.path.toString(),
        offset: this.#end - this.#start,
        missing,
      });
  }
}
