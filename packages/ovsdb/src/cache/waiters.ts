import { LoomstackError, messageOf } from "@loomstack/core";

interface Waiter {
  /** Settles the waiter when what it waits for is there, or when asking throws. */
  readonly ask: () => void;
  readonly reject: (error: LoomstackError) => void;
}

/** Those who wait for something under a key. They are asked again only when what is under their key has changed. */
export class Waiters<Key> {
  readonly #byKey = new Map<Key, Set<Waiter>>();
  #ending: LoomstackError | undefined;

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /**
   * Resolves with the first answer of `answerOf` that isn't undefined. It is asked at once, and after each change.
   *
   * @throws what `answerOf` throws; CORE__ABORTED when the signal aborts; what `end` was given
   */
  async wait<Answer>(key: Key, answerOf: () => Answer | undefined, signal?: AbortSignal): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const ask = (): void => {
      try {
        const answer = answerOf();
        if (answer !== undefined) resolve(answer);
      } catch (error) {
        reject(error);
      }
    };
    const aborted = (): void =>
      reject(new LoomstackError("CORE__ABORTED", { what: "waiting for rows", reason: messageOf(signal?.reason) }));
    using _waiting = this.#add(key, { ask, reject });
    ask();
    if (this.#ending !== undefined) reject(this.#ending);
    if (signal?.aborted === true) aborted();
    signal?.addEventListener("abort", aborted);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", aborted);
    }
  }

  /** Asks those who wait under a key. */
  changed(key: Key): void {
    for (const waiter of this.#byKey.get(key) ?? []) waiter.ask();
  }

  /** What is waited for will never come. */
  end(error: LoomstackError): void {
    this.#ending ??= error;
    for (const waiters of this.#byKey.values()) for (const waiter of waiters) waiter.reject(error);
  }

  #add(key: Key, waiter: Waiter): Disposable {
    const waiters = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, waiters.add(waiter));
    const remove = (): void => {
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#byKey.get(key) === waiters) this.#byKey.delete(key);
    };
    return { [Symbol.dispose]: remove };
  }
}
