/**
 * Hashes for comparisons within one process. Two lanes of multiply and rotate over the input's units, and the finalizer of
 * MurmurHash3 over each, which lets every bit of the input reach every bit of the hash. Not against people who choose
 * their inputs.
 */

/** 64 bits, in two halves of 32 with a sign, which take no memory of their own; never 0 in both. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

const firstHigh = 0x9e37_79b1;
const firstLow = 0x4c53;

/** The hash of a text: of its UTF-16 units. */
export function hash64(text: string): Hash64 {
  let high = firstHigh ^ text.length;
  let low = firstLow;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = mixedHigh(high, unit);
    low = mixedLow(low, unit);
  }
  return hashOf(high, low);
}

/** The hash of words of 32 bits, which are given one after the other. */
export class WordHash {
  #high = firstHigh;
  #low = firstLow;

  add(word: number): void {
    this.#high = mixedHigh(this.#high, word);
    this.#low = mixedLow(this.#low, word);
  }

  /** The hash of all words since the last one was finished; the next word is the first of another one. */
  finish(): Hash64 {
    const hash = hashOf(this.#high, this.#low);
    this.#high = firstHigh;
    this.#low = firstLow;
    return hash;
  }
}

function mixedHigh(high: number, unit: number): number {
  return Math.imul(rotate(high ^ unit, 13), 0x85eb_ca6b);
}

function mixedLow(low: number, unit: number): number {
  return Math.imul(rotate(low ^ unit, 17), 0xc2b2_ae35);
}

function hashOf(high: number, low: number): Hash64 {
  const hash = { high: finish(high ^ (low >>> 7)), low: finish(low ^ (high >>> 11)) };
  return hash.high === 0 && hash.low === 0 ? { high: 0, low: 1 } : hash;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finish(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
