import type { Item } from "./item.ts";

const lineEnd = 0x0a;

/**
 * The lines of a text, as many at a time as have come; never holds more than one that isn't complete.
 *
 * @param maxBytes a longer line is broken, and isn't kept
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<readonly Item<string>[]> {
  const cutter = new LineCutter(maxBytes);
  for await (const chunk of chunks) yield cutter.push(chunk);
  yield cutter.finish();
}

class LineCutter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #number = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): readonly Item<string>[] {
    const lines: Item<string>[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, start)) {
      this.#hold(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
    return lines;
  }

  /** What stands behind the last line end. */
  finish(): readonly Item<string>[] {
    return this.#size === 0 ? [] : [this.#take()];
  }

  #hold(part: Uint8Array): void {
    this.#size += part.byteLength;
    if (this.#size > this.#maxBytes) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }

  #take(): Item<string> {
    const where = `line ${this.#number}`;
    const isTooLong = this.#size > this.#maxBytes;
    const text = Buffer.concat(this.#parts).toString("utf8");
    this.#number += 1;
    this.#parts = [];
    this.#size = 0;
    return isTooLong ? { where, broken: `it is longer than ${this.#maxBytes} bytes` } : { where, value: text };
  }
}
