import type { Clock } from "@loomstack/core";

/** Events that may come at once, and how long it takes until one more may. */
const burst = 100;
const refillMs = 1_000;
/** Where few are left, what has to be told all the same comes together, so long after each other. */
const few = 10;
const restMs = 5_000;

/** How many events of states may be told, so that they don't push everything else out of the record. */
export class EventAllowance {
  readonly #clock: Clock;
  #tokens = burst;
  #atMs: number;
  #spentAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.now();
  }

  left(): number {
    const nowMs = this.#clock.now();
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, nowMs - this.#atMs) / refillMs);
    this.#atMs = nowMs;
    return Math.floor(this.#tokens);
  }

  spend(events: number): void {
    this.#tokens = Math.max(0, this.left() - events);
    if (events > 0) this.#spentAtMs = this.#atMs;
  }

  /** How long to wait before more is told. */
  pauseMs(): number {
    return this.left() >= few ? 0 : Math.max(0, this.#spentAtMs + restMs - this.#atMs);
  }
}
