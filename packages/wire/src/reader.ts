import { LoomstackError } from "@loomstack/core";
import { Path } from "./path.ts";

const smallSize = 64;

/**
 * Reads big-endian values from bytes, within a scope that nested lengths narrow: whoever reads the body of a TLV can't
 * read past its end. Every failure is a typed error with the path of the field and its offset. A reader that has thrown
 * is of no further use.
 */
export class Reader {
  readonly path: Path;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** How many values that may contain themselves are being read. */
  depth = 0;
  #offset = 0;
  #end: number;

  /** @param name what the bytes are, the root of the path in errors */
  constructor(bytes: Uint8Array, name = "bytes") {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
    this.path = new Path(name);
  }

  /** Bytes from the start of what the reader was made of. */
  get offset(): number {
    return this.#offset;
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
    const copy = new Uint8Array(size);
    // Faster than a call of set() with a view.
    if (size <= smallSize) for (let index = 0; index < size; index++) copy[index] = this.#bytes[start + index] ?? 0;
    else copy.set(this.#bytes.subarray(start, start + size));
    return copy;
  }

  skip(size: number): void {
    this.#advance(size);
  }

  /** Goes back to an `offset` that this reader was at, in the same scope. */
  rewind(offset: number): void {
    this.#offset = offset;
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
      offset: this.#offset,
    });
  }

  /** The error for bytes that can be read but mean nothing, to be thrown by the caller. */
  malformed(reason: string): LoomstackError<"WIRE__MALFORMED"> {
    return new LoomstackError("WIRE__MALFORMED", { path: this.path.toString(), offset: this.#offset, reason });
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
      throw new LoomstackError("WIRE__TRUNCATED", { path: this.path.toString(), offset: this.#end, missing });
  }
}
