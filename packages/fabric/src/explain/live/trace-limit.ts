import { type Clock, LoomstackError } from "@loomstack/core";

/** Live traces that may be made at once, and how long it takes until one more may. */
const burst = 5;
const everyMs = 1_000;

/** Holds live traces to a pace that switches and guests don't mind. */
export class TraceLimit {
  readonly #clock: Clock;
  #tokens = burst;
  #atMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws FABRIC__LIVE_TRACE_LIMITED */
  take(): void {
    const nowMs = this.#clock.now();
    const passedMs = Math.max(0, nowMs - (this.#atMs ?? nowMs));
    this.#tokens = Math.min(burst, this.#tokens + passedMs / everyMs);
    this.#atMs = nowMs;
    if (this.#tokens < 1) throw new LoomstackError("FABRIC__LIVE_TRACE_LIMITED", { burst, everySec: everyMs / 1_000 });
    this.#tokens -= 1;
  }
}
