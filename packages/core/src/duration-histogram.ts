/** How long something took, each time that it happened, as Prometheus has histograms. */
export interface HistogramReading {
  /** Upper bounds of the buckets, in seconds, ascending; behind the last one there is a bucket without a bound. */
  readonly boundsSec: readonly number[];
  /** How many fell into each bucket, and into no lower one: one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sumSec: number;
}

/** From what one event loop can't tell apart to what somebody would call an outage. */
const boundsSec = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Counts durations in buckets. To take one costs the same however many there were. */
export class DurationHistogram {
  readonly #counts: number[] = Array.from({ length: boundsSec.length + 1 }, () => 0);
  #sumSec = 0;

  /** @param durationMs one that is negative, because the clock was set back, counts as 0 */
  observe(durationMs: number): void {
    const sec = Math.max(0, durationMs) / 1_000;
    const found = boundsSec.findIndex((bound) => sec <= bound);
    const bucket = found < 0 ? boundsSec.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumSec += sec;
  }

  read(): HistogramReading {
    return { boundsSec, counts: [...this.#counts], sumSec: this.#sumSec };
  }
}
