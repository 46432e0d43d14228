import { LoomstackError } from "@loomstack/core";
import { Path } from "./path.ts";

const initialCapacity = 256;

/** Writes big-endian values into a buffer that grows. Values are checked by the codecs, not here. */
export class Writer {
  readonly path: Path;
  #bytes = new Uint8Array(initialCapacity);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** @param name what is being written, the root of the path in errors */
  constructor(name = "value") {
    this.path = new Path(name);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  // In each of these, making room comes first: it may replace the view.
  u8(value: number): void {
    const start = this.#advance(1);
    this.#view.setUint8(start, value);
  }

  u16(value: number): void {
    const start = this.#advance(2);
    this.#view.setUint16(start, value);
  }

  u32(value: number): void {
    const start = this.#advance(4);
    this.#view.setUint32(start, value);
  }

  u64(value: bigint): void {
    const start = this.#advance(8);
    this.#view.setBigUint64(start, value);
  }

  i32(value: number): void {
    const start = this.#advance(4);
    this.#view.setInt32(start, value);
  }

  i64(value: bigint): void {
    const start = this.#advance(8);
    this.#view.setBigInt64(start, value);
  }

  bytes(value: Uint8Array): void {
    const start = this.#advance(value.byteLength);
    this.#bytes.set(value, start);
  }

  zeros(count: number): void {
    this.#advance(count);
  }

  /** Replaces two bytes at `offset`, for a length that is known only once its body is written. */
  setU16(offset: number, value: number): void {
    this.#view.setUint16(offset, value);
  }

  /** Replaces four bytes at `offset`. */
  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value);
  }

  /** What was written, as a copy; the writer can go on. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  /** The error for a value that the wire type can't hold, to be thrown by the caller. */
  outOfRange(value: string | number | bigint, type: string): LoomstackError<"WIRE__OUT_OF_RANGE"> {
    return new LoomstackError("WIRE__OUT_OF_RANGE", { path: this.path.toString(), value, type });
  }

  #advance(size: number): number {
    const start = this.#size;
    const end = start + size;
    if (end > this.#bytes.byteLength) this.#grow(end);
    this.#size = end;
    return start;
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.byteLength * 2, atLeast));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
