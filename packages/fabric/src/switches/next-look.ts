import type { Clock } from "@loomstack/core";

/** How often a switch is looked at that can't tell when others change what is ours. */
const lookMs = 5_000;
/** After how long what was refused is tried again. */
const retryMs = 30_000;

export interface NextLookNeeds {
  /** Whether others may change something without us being told. */
  readonly isBlind: boolean;
  readonly hasRefusals: boolean;
}

/** When a switch is to be looked at once more, though nothing was told. */
export class NextLook implements Disposable {
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #triedAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets the time anew. @param look is told whether what was refused is to be tried again */
  plan({ isBlind, hasRefusals }: NextLookNeeds, look: (isRetry: boolean) => void): void {
    this[Symbol.dispose]();
    if (!isBlind && !hasRefusals) return;
    this.#triedAtMs ??= this.#clock.now();
    this.#timer = this.#clock.after(isBlind ? lookMs : retryMs, () => {
      const nowMs = this.#clock.now();
      const isRetry = nowMs - (this.#triedAtMs ?? nowMs) >= retryMs;
      if (isRetry) this.#triedAtMs = nowMs;
      look(isRetry);
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
