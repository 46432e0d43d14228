import { type Clock, DurationHistogram, type Uuid } from "@loomstack/core";
import type { ControllerReading } from "@loomstack/model";
import type { IntentStep } from "../intent/intent-step.ts";

/** Ports that are timed at once, and the least time between two looks at them: both bound what timing costs. */
const mostTimed = 16;
const restMs = 10;
/** A port that isn't ACTIVE by then gives its place to another one. */
const patienceMs = 60_000;

export interface PortTimingOptions {
  readonly clock: Clock;
  readonly isActive: (port: Uuid) => boolean;
}

/**
 * Measures how long ports take from being seen on a hypervisor, when their binding is stored, until they are ACTIVE.
 * Where many come at once a few of them are measured, so that it costs little however many there are.
 */
export class PortTiming implements Disposable {
  readonly #options: PortTimingOptions;
  /** Those that started first come first. */
  readonly #startedAtMs = new Map<Uuid, number>();
  readonly #realised = new DurationHistogram();
  #notTimed = 0;
  #rest: Disposable | undefined;
  #isNews = false;

  constructor(options: PortTimingOptions) {
    this.#options = options;
  }

  /** Takes a step of intent: ports that it has bound or moved are timed from now on, those that it let go no more. */
  step({ changes }: Pick<IntentStep, "changes">): void {
    for (const change of changes) {
      if (change.resource === "port" && change.after === undefined) this.#startedAtMs.delete(change.id);
      if (change.resource !== "binding") continue;
      const { before, after } = change;
      if (after === undefined) this.#startedAtMs.delete(change.id);
      else if (after.nodeKey !== before?.nodeKey) this.#start(change.id);
    }
  }

  /** Something may have changed that ports wait for. */
  look(): void {
    if (this.#startedAtMs.size === 0) return;
    if (this.#rest !== undefined) {
      this.#isNews = true;
      return;
    }
    this.#isNews = false;
    this.#observe();
    if (this.#startedAtMs.size > 0) this.#rest = this.#options.clock.after(restMs, () => this.#lookAgain());
  }

  reading(): Pick<ControllerReading, "portsRealised" | "portsRealising" | "portsNotTimed"> {
    return {
      portsRealised: this.#realised.read(),
      portsRealising: this.#startedAtMs.size,
      portsNotTimed: this.#notTimed,
    };
  }

  [Symbol.dispose](): void {
    this.#rest?.[Symbol.dispose]();
    this.#startedAtMs.clear();
  }

  #lookAgain(): void {
    this.#rest = undefined;
    if (this.#isNews) this.look();
  }

  #observe(): void {
    const nowMs = this.#options.clock.now();
    for (const [port, startedAtMs] of this.#startedAtMs) {
      if (!this.#options.isActive(port)) continue;
      this.#startedAtMs.delete(port);
      this.#realised.observe(nowMs - startedAtMs);
    }
  }

  #start(port: Uuid): void {
    const nowMs = this.#options.clock.now();
    // A port that moves on is timed anew.
    this.#startedAtMs.delete(port);
    const [[oldest, sinceMs] = [undefined, nowMs]] = this.#startedAtMs;
    if (oldest !== undefined && nowMs - sinceMs > patienceMs) {
      this.#startedAtMs.delete(oldest);
      this.#notTimed += 1;
    }
    if (this.#startedAtMs.size >= mostTimed) this.#notTimed += 1;
    else this.#startedAtMs.set(port, nowMs);
  }
}
