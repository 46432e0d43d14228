import { isLoomstackError, LoomstackError } from "@loomstack/core";
import { Path } from "./path.ts";

/** Small values share a block of memory: one of its own for each costs more than writing it. */
const blockSize = 32 << 10;
const smallSize = 16;

let idle: Writer | undefined;

/**
 * What `write` writes. The bytes never change, but they are part of a larger block: whoever keeps them for long copies
 * them.
 *
 * @param name what is being written, the root of the path in errors
 * @throws WIRE__WRONG_TYPE besides what `write` throws: values that aren't of the type that they claim to be (decoded
 *   JSON) make codecs trip over a part that is missing
 */
export function written(name: string, write: (writer: Writer) => void): Uint8Array {
  const writer = idle ?? new Writer();
  // Whoever writes meanwhile has another one, and one that has thrown is not used again.
  idle = undefined;
  writer.path.root(name);
  try {
    write(writer);
  } catch (error) {
    throw typed(writer, error);
  }
  idle = writer;
  return writer.finish();
}

function typed(writer: Writer, error: unknown): unknown {
  const isOfTypes = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  if (isLoomstackError(error) || !isOfTypes) return error;
  const context = { path: writer.path.toString(), problem: "a part is missing, or of another type" };
  return new LoomstackError("WIRE__WRONG_TYPE", context, { cause: error });
}

/** Writes big-endian values into a buffer that grows. Values are checked by the codecs, not here. */
export class Writer {
  readonly path: Path;
  /** How many values that may contain themselves are being written. */
  depth = 0;
  #bytes = new Uint8Array(blockSize);
  #view = new DataView(this.#bytes.buffer);
  /** Bytes of the block. */
  #room = blockSize;
  /** Where in the block what is being written begins, and where it ends for now. */
  #start = 0;
  #end = 0;

  /** @param name what is being written, the root of the path in errors */
  constructor(name = "value") {
    this.path = new Path(name);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#end - this.#start;
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
    const block = this.#bytes;
    const { byteLength } = value;
    if (byteLength > smallSize) return block.set(value, start);
    // For so few bytes faster than a call of set().
    for (let index = 0; index < byteLength; index++) block[start + index] = value[index] ?? 0;
  }

  zeros(count: number): void {
    this.#advance(count);
  }

  /**
   * Leaves room for `size` bytes, which are zero. With `view`, they can be filled in: until more is written, which may
   * go on with another view.
   *
   * @returns where they begin in `view`
   */
  claim(size: number): number {
    return this.#advance(size);
  }

  get view(): DataView {
    return this.#view;
  }

  /** Replaces two bytes at `offset`, for a length that is known only once its body is written. */
  setU16(offset: number, value: number): void {
    this.#view.setUint16(this.#start + offset, value);
  }

  /** Replaces four bytes at `offset`. */
  setU32(offset: number, value: number): void {
    this.#view.setUint32(this.#start + offset, value);
  }

  /**
   * What was written since the writer was made, or finished last; it begins anew. The bytes never change, but they are
   * part of a larger block: whoever keeps them for long copies them.
   */
  finish(): Uint8Array {
    const written = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return written;
  }

  /** The error for a value that the wire type can't hold, to be thrown by the caller. */
  outOfRange(value: string | number | bigint, type: string): LoomstackError<"WIRE__OUT_OF_RANGE"> {
    return new LoomstackError("WIRE__OUT_OF_RANGE", { path: this.path.toString(), value, type });
  }

  /** The error for a value that isn't of the type that a codec writes, to be thrown by the caller. */
  wrongType(value: unknown, type: string): LoomstackError<"WIRE__WRONG_TYPE"> {
    const problem = `${described(value)} where a ${type} is expected`;
    return new LoomstackError("WIRE__WRONG_TYPE", { path: this.path.toString(), problem });
  }

  #advance(size: number): number {
    if (this.#end + size > this.#room) this.#grow(size);
    const start = this.#end;
    this.#end = start + size;
    return start;
  }

  /** Goes on in a new block, which has what is being written and room for twice as much. */
  #grow(more: number): void {
    const written = this.#bytes.subarray(this.#start, this.#end);
    const grown = new Uint8Array(Math.max(blockSize, 2 * (written.byteLength + more)));
    grown.set(written);
    this.#bytes = grown;
    this.#room = grown.byteLength;
    this.#view = new DataView(grown.buffer);
    this.#start = 0;
    this.#end = written.byteLength;
  }
}

/** The longest text that an error repeats. */
const mostRepeated = 40;

function described(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the string ${JSON.stringify(value.slice(0, mostRepeated))}`;
    case "number":
    case "boolean":
      return `the ${typeof value} ${value}`;
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return typeof value === "undefined" ? "nothing" : `a ${typeof value}`;
  }
}
