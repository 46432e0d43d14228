/** How often one subject may fail: `burst` times at once, and once more each `refillMs`. */
export interface AttemptPolicy {
  readonly burst: number;
  readonly refillMs: number;
  /** How many subjects are remembered; the one that is forgiven soonest is forgotten first. */
  readonly subjects: number;
}

/** Counts failures of subjects, in bounded memory. Times are in milliseconds and given by the caller. */
export class AttemptLimit {
  readonly #policy: AttemptPolicy;
  /** When the failures of a subject will all have been forgiven. */
  readonly #forgivenAt = new Map<string, number>();

  constructor(policy: AttemptPolicy) {
    this.#policy = policy;
  }

  /** How many subjects are remembered. */
  get size(): number {
    return this.#forgivenAt.size;
  }

  /** For how long a subject has to wait before its next attempt; 0 when it need not. */
  waitMs(subject: string, now: number): number {
    const { burst, refillMs } = this.#policy;
    return Math.max(0, this.#next(subject, now) - now - burst * refillMs);
  }

  /** Counts a failure. */
  count(subject: string, now: number): void {
    const next = this.#next(subject, now);
    if (!this.#forgivenAt.has(subject) && this.#forgivenAt.size >= this.#policy.subjects) this.#forget();
    this.#forgivenAt.set(subject, next);
  }

  /** Takes back one failure that was counted. */
  takeBack(subject: string): void {
    const forgivenAt = this.#forgivenAt.get(subject);
    if (forgivenAt !== undefined) this.#forgivenAt.set(subject, forgivenAt - this.#policy.refillMs);
  }

  #next(subject: string, now: number): number {
    return Math.max(now, this.#forgivenAt.get(subject) ?? now) + this.#policy.refillMs;
  }

  /** Whoever fails under many names, once each, can't have one forgotten that failed often. */
  #forget(): void {
    let [soonest, soonestAt] = ["", Infinity];
    for (const [subject, forgivenAt] of this.#forgivenAt) {
      if (forgivenAt < soonestAt) [soonest, soonestAt] = [subject, forgivenAt];
    }
    this.#forgivenAt.delete(soonest);
  }
}
