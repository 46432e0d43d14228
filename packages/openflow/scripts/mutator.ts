/** Changes of bytes that are likely to hurt: lengths above all. The same seed gives the same changes. */
const interesting = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 0x7f, 0x80, 0xfe, 0xff];
const interestingWords = [0, 1, 3, 4, 7, 8, 12, 16, 24, 0x7fff, 0x8000, 0xfff8, 0xffff];
const mostBytes = 4096;
const headerSize = 8;

export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, and not with, `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** A changed copy of `bytes`, maybe with a part of `other`. The header's length is mostly right. */
  mutate(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    let changed = [...bytes];
    const changes = 1 + this.below(4);
    for (let change = 0; change < changes; change++) changed = this.#change(changed, other);
    changed = changed.slice(0, mostBytes);
    if (changed.length >= 4 && this.below(10) > 0) {
      changed[2] = changed.length >> 8;
      changed[3] = changed.length & 0xff;
    }
    if (this.below(40) === 0 && changed.length > 0) changed[0] = this.pick([1, 4, 6]);
    return Uint8Array.from(changed);
  }

  #change(bytes: number[], other: Uint8Array): number[] {
    const at = this.below(bytes.length + 1);
    const aligned = Math.min(bytes.length, at - (at % 8));
    switch (this.below(11)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << this.below(8));
        return bytes;
      case 1:
        bytes[at] = this.pick(interesting);
        return bytes;
      case 2:
        return this.#setWord(bytes, at - (at % 2), this.pick(interestingWords));
      case 3:
        return this.#addToWord(bytes, at - (at % 2), this.pick([-8, -4, -1, 1, 4, 8]));
      case 4:
        return bytes.slice(0, at);
      case 5:
        return [
          ...bytes.slice(0, at),
          ...Array.from({ length: 1 + this.below(16) }, () => this.below(256)),
          ...bytes.slice(at),
        ];
      case 6:
        return this.#repeat(bytes, aligned);
      case 7:
        return [...bytes.slice(0, aligned), ...bytes.slice(aligned + 8 * (1 + this.below(3)))];
      case 8:
        return [...bytes.slice(0, at), ...other.slice(this.below(other.length + 1))];
      case 9:
        return this.#graft(bytes, aligned, other);
      default:
        bytes[headerSize + this.below(Math.max(1, Math.min(16, bytes.length - headerSize)))] = this.below(256);
        return bytes;
    }
  }

  /** Doubles some bytes, and makes the lengths around them fit, as far as they look like lengths. */
  #repeat(bytes: number[], at: number): number[] {
    const size = 8 * (1 + this.below(4));
    const part = bytes.slice(at, at + size);
    const times = this.below(50) === 0 ? 30 : 1;
    const added = Array.from({ length: times }, () => part).flat();
    return this.#grown([...bytes.slice(0, at), ...added, ...bytes.slice(at)], at, added.length);
  }

  #graft(bytes: number[], at: number, other: Uint8Array): number[] {
    const from = 8 * this.below(Math.ceil((other.length + 1) / 8));
    const part = other.slice(from, from + 8 * (1 + this.below(6)));
    return this.#grown([...bytes.slice(0, at), ...part, ...bytes.slice(at)], at, part.length);
  }

  #grown(bytes: number[], at: number, by: number): number[] {
    for (let offset = headerSize; offset + 1 < at; offset += 2) {
      const length = (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
      const reachesOver = length >= 4 && offset - 2 + length >= at && offset + length <= bytes.length;
      if (reachesOver && this.below(3) > 0) this.#setWord(bytes, offset, length + by);
    }
    return bytes;
  }

  #addToWord(bytes: number[], at: number, by: number): number[] {
    return this.#setWord(bytes, at, (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0) + by);
  }

  #setWord(bytes: number[], at: number, word: number): number[] {
    bytes[at] = (word >> 8) & 0xff;
    bytes[at + 1] = word & 0xff;
    // A word behind the end leaves holes.
    return Array.from(bytes, (octet: number | undefined) => octet ?? 0);
  }
}
