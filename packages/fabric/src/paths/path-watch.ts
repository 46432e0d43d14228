import type { Clock } from "@loomstack/core";
import { type Path, pathKey, type PathProber } from "./path-prober.ts";

/** How long a path that works is left alone before it is looked at again, where there are few. */
const restMs = 5_000;
/** The least time between two looks, however many paths there are: what watching costs doesn't grow with the cloud. */
const paceMs = 20;

interface Watched {
  readonly path: Path;
  readonly dueAtMs: number;
}

/**
 * Looks again and again at paths that work, for nothing else tells when the underlay stops carrying packets: each of a few
 * paths every five seconds, and of many those first that were looked at longest ago.
 */
export class PathWatch implements Disposable {
  readonly #clock: Clock;
  readonly #prober: PathProber;
  /** Those that are due first come first. */
  readonly #watched = new Map<string, Watched>();
  readonly #subscriptions = new DisposableStack();
  #timer: Disposable | undefined;

  constructor(clock: Clock, prober: PathProber) {
    this.#clock = clock;
    this.#prober = prober;
    this.#subscriptions.use(prober.confirmed.add((path) => this.#watch(path)));
  }

  [Symbol.dispose](): void {
    this.#subscriptions.dispose();
    this.#timer?.[Symbol.dispose]();
    this.#watched.clear();
  }

  #watch(path: Path): void {
    const key = pathKey(path);
    this.#watched.delete(key);
    this.#watched.set(key, { path, dueAtMs: this.#clock.now() + restMs });
    this.#arm();
  }

  #arm(): void {
    const [first] = this.#watched.values();
    if (first === undefined || this.#timer !== undefined) return;
    const waitMs = Math.max(paceMs, first.dueAtMs - this.#clock.now());
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#lookAtFirst();
      this.#arm();
    });
  }

  #lookAtFirst(): void {
    const [first] = this.#watched;
    if (first === undefined || first[1].dueAtMs > this.#clock.now()) return;
    const [key, { path }] = first;
    this.#watched.delete(key);
    // One that is no longer needed, or doubted already, comes back when it is confirmed.
    if (this.#prober.recheck(path)) this.#watched.set(key, { path, dueAtMs: this.#clock.now() + restMs });
  }
}
