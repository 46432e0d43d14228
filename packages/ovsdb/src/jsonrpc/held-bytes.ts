const smallestBlockBytes = 4 * 1024;
const largestBlockBytes = 1024 * 1024;

/**
 * Bytes that are kept until the rest comes. They are copied into blocks, which are never copied again: what is kept
 * takes no more memory than its length and one block, in chunks however small.
 */
export class HeldBytes {
  readonly #blocks: Uint8Array[] = [];
  /** How much of the last block is used. */
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const block = this.#block();
      const part = bytes.subarray(start, start + block.length - this.#used);
      block.set(part, this.#used);
      this.#used += part.length;
      this.#length += part.length;
      start += part.length;
    }
  }

  /** Hands the bytes out in order, and lets go of each block when the next is asked for. */
  *drain(): Generator<Uint8Array, void, undefined> {
    const last = this.#blocks.at(-1);
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      yield block === last ? block.subarray(0, this.#used) : block;
    }
    this.#used = 0;
    this.#length = 0;
  }

  /** One with room in it. */
  #block(): Uint8Array {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#used < last.length) return last;
    const size = Math.min(Math.max(this.#length, smallestBlockBytes), largestBlockBytes);
    const block = new Uint8Array(size);
    this.#blocks.push(block);
    this.#used = 0;
    return block;
  }
}
