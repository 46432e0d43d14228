import type { Clock } from "@loomstack/core";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";

/** How many are remembered, and for how long: whoever is turned away dials again every few seconds. */
const mostRemembered = 256;
const rememberedMs = 3_600_000;

export interface StrangersOptions {
  readonly clock: Clock;
  readonly event: TellEvent;
}

/** Tells of those who were turned away: once an hour for each reason, and no flood of them, whoever they say they are. */
export class Strangers {
  readonly #options: StrangersOptions;
  readonly #throttle: EventThrottle;
  /** When each was told of last, the one that was told of first in front. */
  readonly #told = new Map<string, number>();

  constructor(options: StrangersOptions) {
    this.#options = options;
    this.#throttle = new EventThrottle(options.clock, options.event);
  }

  /** @param hypervisor whom it says that it is */
  turnedAway(hypervisor: string, message: string): void {
    const nowMs = this.#options.clock.now();
    const toldMs = this.#told.get(message);
    if (toldMs !== undefined && nowMs - toldMs < rememberedMs) return;
    // What a flood of others keeps back has its turn when it comes again.
    if (!this.#throttle.tell("warning", "hypervisor-refused", message, { hypervisor })) return;
    this.#told.delete(message);
    const [first] = this.#told.keys();
    if (this.#told.size >= mostRemembered && first !== undefined) this.#told.delete(first);
    this.#told.set(message, nowMs);
  }

  /** What was told of it may be told again. */
  forget(): void {
    this.#told.clear();
  }
}
