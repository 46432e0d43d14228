import { backoffDelayMs, type BackoffPolicy, type Clock } from "@loomstack/core";

export interface ReconcileLoopOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: BackoffPolicy;
  /** Moves observed to desired once. A rejection is told to `failed` and tried again with back-off. */
  readonly work: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** Told of each round how long it took, in ms, whether or not it failed. */
  readonly ended?: (durationMs: number) => void;
  /** How long the next round has to wait, in ms; asked before each. Default: not at all. */
  readonly pauseMs?: () => number;
}

/** Failures in a row after which triggers wait for the back-off, too. */
const patience = 3;

/**
 * Runs `work` after each trigger: never twice at a time, never inside of the trigger, once for any number of triggers
 * that came before it ran, and again with back-off after a failure. It looks at levels, not edges: a lost or doubled
 * trigger changes nothing about where it ends.
 */
export class ReconcileLoop implements Disposable {
  readonly #options: ReconcileLoopOptions;
  #running = false;
  #triggered = false;
  #disposed = false;
  #failures = 0;
  #retry: Disposable | undefined;
  #endPause: (() => void) | undefined;

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
  }

  /** Whether nothing is running or waiting to run. */
  get idle(): boolean {
    return !this.#running && !this.#triggered && this.#retry === undefined;
  }

  trigger(): void {
    if (this.#disposed) return;
    if (this.#retry !== undefined && this.#failures >= patience) return;
    this.#triggered = true;
    if (!this.#running) void this.#run();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#triggered && !this.#isDisposed()) {
      // Whoever triggered may be in the middle of telling others: what they change now belongs to the same round.
      await this.#pause();
      if (this.#isDisposed()) break;
      this.#triggered = false;
      this.#retry?.[Symbol.dispose]();
      this.#retry = undefined;
      const startedAtMs = this.#options.clock.now();
      try {
        await this.#options.work();
        this.#failures = 0;
      } catch (error) {
        this.#fail(error);
      }
      this.#options.ended?.(this.#options.clock.now() - startedAtMs);
    }
    this.#running = false;
  }

  async #pause(): Promise<void> {
    const delayMs = this.#options.pauseMs?.() ?? 0;
    if (delayMs <= 0) return Promise.resolve();
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(delayMs, resolve);
      this.#endPause = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
    this.#endPause = undefined;
  }

  #fail(error: unknown): void {
    if (this.#isDisposed()) return;
    this.#failures += 1;
    const delayMs = backoffDelayMs(this.#options.backoff, this.#failures, this.#options.random);
    this.#retry = this.#options.clock.after(delayMs, () => {
      this.#retry = undefined;
      this.trigger();
    });
    if (this.#failures >= patience) this.#triggered = false;
    this.#options.failed(error);
  }

  // Behind a method, because the compiler takes the field for unchanged across an await.
  #isDisposed(): boolean {
    return this.#disposed;
  }
}
