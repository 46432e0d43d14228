import { backoffDelayMs, type BackoffPolicy, type Clock } from "@loomstack/core";

export interface ReconcileLoopOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: BackoffPolicy;
  /** Moves observed to desired once. A rejection is told to `failed` and tried again with back-off. */
  readonly work: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Runs `work` after each trigger: never twice at a time, once for any number of triggers that came while it ran, and
 * again with back-off after a failure. It looks at levels, not edges: a lost or doubled trigger changes nothing about
 * where it ends.
 */
export class ReconcileLoop implements Disposable {
  readonly #options: ReconcileLoopOptions;
  #running = false;
  #triggered = false;
  #disposed = false;
  #failures = 0;
  #retry: Disposable | undefined;

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
  }

  /** Whether nothing is running or waiting to run. */
  get idle(): boolean {
    return !this.#running && !this.#triggered && this.#retry === undefined;
  }

  trigger(): void {
    if (this.#disposed) return;
    this.#triggered = true;
    if (!this.#running) void this.#run();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#triggered && !this.#isDisposed()) {
      this.#triggered = false;
      this.#retry?.[Symbol.dispose]();
      this.#retry = undefined;
      try {
        await this.#options.work();
        this.#failures = 0;
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#running = false;
  }

  #fail(error: unknown): void {
    if (this.#isDisposed()) return;
    this.#options.failed(error);
    this.#failures += 1;
    const delayMs = backoffDelayMs(this.#options.backoff, this.#failures, this.#options.random);
    this.#retry = this.#options.clock.after(delayMs, () => {
      this.#retry = undefined;
      this.trigger();
    });
  }

  // Behind a method, because the compiler takes the field for unchanged across an await.
  #isDisposed(): boolean {
    return this.#disposed;
  }
}
