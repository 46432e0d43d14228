import type { Clock } from "@loomstack/core";

/** Repairs in a row that are made at once. */
const atOnce = 5;
const firstPauseMs = 10;
const longestPauseMs = 1_000;
/** Repairs in a row after which somebody seems to want it otherwise. */
const contestedAfter = 10;
/** How long nothing had to be repaired before the next repair counts as the first again. */
const quietMs = 5_000;

/**
 * How long to wait before what is ours is put back again. What somebody changes once is put back at once; against
 * somebody who changes it all the time the pauses grow to a second, so that neither the hypervisor nor the controller
 * does nothing else.
 */
export class RepairPace {
  readonly #clock: Clock;
  #inARow = 0;
  #lastAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something had to be put back. Gives whether that is the time from which somebody seems to want it otherwise. */
  repaired(): boolean {
    const nowMs = this.#clock.now();
    this.#inARow = nowMs - this.#lastAtMs < quietMs ? this.#inARow + 1 : 1;
    this.#lastAtMs = nowMs;
    return this.#inARow === contestedAfter;
  }

  /** Whether somebody undoes what is put back again and again, and has done so just now. */
  get isContested(): boolean {
    return this.#inARow >= contestedAfter && this.#clock.now() - this.#lastAtMs < quietMs;
  }

  /** What is left of the pause after the last repair, in ms. */
  pauseMs(): number {
    if (this.#inARow < atOnce) return 0;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#inARow - atOnce, 30));
    return Math.max(0, this.#lastAtMs + pauseMs - this.#clock.now());
  }
}
