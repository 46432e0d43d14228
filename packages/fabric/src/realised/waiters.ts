/** What somebody waits for: a hypervisor by key, a network or a port by id, a path by its key. */
export type Topic = string;

interface Waiter {
  readonly look: () => void;
  topics: readonly Topic[];
}

/** How many may wait at a time. */
export const mostWaiting = 10_000;

/**
 * Those who wait for something to hold, found by what it depends on now: what happens elsewhere costs them nothing. They
 * look again once for all that happens in one go.
 */
export class Waiters implements Disposable {
  readonly #byTopic = new Map<Topic, Set<Waiter>>();
  readonly #all = new Set<Waiter>();
  readonly #stirred = new Set<Waiter>();
  #isOver = false;

  /** How many wait. */
  get size(): number {
    return this.#all.size;
  }

  /** Something happened to this. */
  stir(topic: Topic): void {
    const waiters = this.#byTopic.get(topic);
    if (waiters === undefined) return;
    if (this.#stirred.size === 0) queueMicrotask(() => this.#look());
    for (const waiter of waiters) this.#stirred.add(waiter);
  }

  /**
   * Resolves true once it holds; false when `signal` aborts before, and at once where too many wait already.
   *
   * @param missing what it waits for, asked again whenever that is stirred; undefined when it holds
   */
  async until(missing: () => readonly Topic[] | undefined, signal: AbortSignal): Promise<boolean> {
    const topics = missing();
    if (topics === undefined) return true;
    if (signal.aborted || this.#isOver || this.#all.size >= mostWaiting) return false;
    return new Promise<boolean>((resolve) => {
      const end = (): void => {
        this.#setTopics(waiter, []);
        this.#all.delete(waiter);
        signal.removeEventListener("abort", end);
        resolve(missing() === undefined);
      };
      const look = (): void => {
        const now = missing();
        if (now === undefined || this.#isOver) end();
        else this.#setTopics(waiter, now);
      };
      const waiter: Waiter = { look, topics: [] };
      this.#all.add(waiter);
      this.#setTopics(waiter, topics);
      signal.addEventListener("abort", end, { once: true });
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const { look } of [...this.#all]) look();
  }

  #look(): void {
    const stirred = [...this.#stirred];
    this.#stirred.clear();
    for (const waiter of stirred) if (this.#all.has(waiter)) waiter.look();
  }

  #setTopics(waiter: Waiter, topics: readonly Topic[]): void {
    for (const topic of waiter.topics) {
      const waiters = this.#byTopic.get(topic);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#byTopic.delete(topic);
    }
    waiter.topics = topics;
    for (const topic of topics) this.#byTopic.set(topic, (this.#byTopic.get(topic) ?? new Set<Waiter>()).add(waiter));
  }
}
