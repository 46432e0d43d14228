import type { Hash64 } from "@loomstack/core";

/** Words of a slot: the hash of the identity, that of the fingerprint. */
const slotWords = 4;
const fewestSlots = 16;

/**
 * Which flows there are: for each identity (table, priority and match) a fingerprint of everything else that counts.
 * Only 64 bits of each are kept, in one array, for there are as many flows as ports times hypervisors: a fiftieth of
 * what the texts would take. Two identities that are taken for each other are to be expected in one of a hundred
 * billion bridges with 20,000 flows.
 */
export class FlowIndex {
  #slots = new Int32Array(fewestSlots * slotWords);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.#slots.byteLength;
  }

  has(identity: Hash64): boolean {
    return this.#isTaken(this.#find(identity));
  }

  /** Whether the flow with this identity has this fingerprint. */
  holds(identity: Hash64, { high, low }: Hash64): boolean {
    const at = this.#find(identity);
    return this.#isTaken(at) && this.#slots[at + 2] === high && this.#slots[at + 3] === low;
  }

  set(identity: Hash64, fingerprint: Hash64): void {
    const at = this.#find(identity);
    if (this.#isTaken(at)) this.#put(at, identity, fingerprint);
    else this.#insert(at, identity, fingerprint);
  }

  /** As set, but leaves one that is there as it is. Gives whether there was none. */
  add(identity: Hash64, fingerprint: Hash64): boolean {
    const at = this.#find(identity);
    if (this.#isTaken(at)) return false;
    this.#insert(at, identity, fingerprint);
    return true;
  }

  /** Gives whether it was there. */
  delete(identity: Hash64): boolean {
    const at = this.#find(identity);
    if (!this.#isTaken(at)) return false;
    this.#size -= 1;
    this.#close(at);
    const slots = this.#slots.length / slotWords;
    if (slots > fewestSlots && this.#size * 8 < slots) this.#resize(slots / 2);
    return true;
  }

  /** @param at where the identity would be */
  #insert(at: number, identity: Hash64, fingerprint: Hash64): void {
    const isFull = (this.#size + 1) * 4 * slotWords > this.#slots.length * 3;
    if (isFull) this.#resize((this.#slots.length / slotWords) * 2);
    this.#size += 1;
    this.#put(isFull ? this.#find(identity) : at, identity, fingerprint);
  }

  #isTaken(at: number): boolean {
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  /** Where the identity is, or would be. */
  #find({ high, low }: Hash64): number {
    const slots = this.#slots;
    let at = this.#home(low);
    while (this.#isTaken(at) && (slots[at] !== high || slots[at + 1] !== low)) at = this.#next(at);
    return at;
  }

  #home(low: number): number {
    return (low & (this.#slots.length / slotWords - 1)) * slotWords;
  }

  #next(at: number): number {
    return (at + slotWords) & (this.#slots.length - 1);
  }

  #put(at: number, identity: Hash64, fingerprint: Hash64): void {
    const slots = this.#slots;
    slots[at] = identity.high;
    slots[at + 1] = identity.low;
    slots[at + 2] = fingerprint.high;
    slots[at + 3] = fingerprint.low;
  }

  /** Empties a slot, and moves those behind it that would not be found any more. (Knuth 6.4, algorithm R) */
  #close(empty: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = empty;
    for (let at = this.#next(hole); this.#isTaken(at); at = this.#next(at)) {
      const home = this.#home(slots[at + 1] ?? 0);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots.copyWithin(hole, at, at + slotWords);
      hole = at;
    }
    slots.fill(0, hole, hole + slotWords);
  }

  #resize(slots: number): void {
    const before = this.#slots;
    this.#slots = new Int32Array(slots * slotWords);
    for (let from = 0; from < before.length; from += slotWords) {
      const [high = 0, low = 0] = [before[from], before[from + 1]];
      if (high === 0 && low === 0) continue;
      const at = this.#find({ high, low });
      for (let word = 0; word < slotWords; word += 1) this.#slots[at + word] = before[from + word] ?? 0;
    }
  }
}
