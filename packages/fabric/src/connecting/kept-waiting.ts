import type { Clock } from "@loomstack/core";

/** How many may wait at once, and how many of them from one address: whoever finds no place dials again. */
export const mostWaiting = 256;
export const mostFromOneAddress = 16;
/** How long one may wait, all in all. Whoever was sent away after that dials again, and waits anew. */
export const waitingLimitMs = 60_000;

/** A connection that may wait. */
export interface Waiter {
  /** The other end, as in `tcp:192.0.2.7:41234`. */
  readonly remote: string;
  /** Resolves when the connection is over. */
  readonly closed: Promise<unknown>;
}

/** What one connection waits for, over and over, in the time that it has. */
export interface Place extends Disposable {
  /**
   * Waits until this hypervisor is to be judged again: true. False when there is no room, its time is over, or its
   * connection is.
   */
  wait(systemId: string | undefined): Promise<boolean>;
  /** What it shows has changed: it is to be judged again. */
  look(): void;
}

interface Waiting {
  readonly systemId: string | undefined;
  readonly settle: (isJudgedAgain: boolean) => void;
}

/**
 * Hypervisors that have dialled in and were not let in. They stay connected for a while, so that one that is accepted is
 * taken at once: ovsdb-server waits up to 8 s before it dials again. They are bounded in number and time.
 */
export class KeptWaiting implements Disposable {
  readonly #clock: Clock;
  readonly #waiting = new Map<Waiter, Waiting>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** A place for one connection; its time starts now. */
  place(waiter: Waiter): Place {
    const leave = (): void => this.#settle(waiter, false);
    let isOver = false;
    const end = (): void => {
      isOver = true;
      leave();
    };
    const timer = this.#clock.after(waitingLimitMs, end);
    void waiter.closed.then(end);
    return {
      wait: async (systemId) => !isOver && this.#hasRoomFor(waiter) && (await this.#wait(waiter, systemId)),
      look: () => this.#settle(waiter, true),
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]();
        end();
      },
    };
  }

  /** Whoever says that it is this hypervisor is judged again. */
  lookAgain(systemId: string): void {
    for (const [waiter, waiting] of [...this.#waiting]) if (waiting.systemId === systemId) this.#settle(waiter, true);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const waiter of [...this.#waiting.keys()]) this.#settle(waiter, false);
  }

  async #wait(waiter: Waiter, systemId: string | undefined): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.set(waiter, { systemId, settle: resolve });
    return await promise;
  }

  #settle(waiter: Waiter, isJudgedAgain: boolean): void {
    const waiting = this.#waiting.get(waiter);
    this.#waiting.delete(waiter);
    waiting?.settle(isJudgedAgain);
  }

  #hasRoomFor({ remote }: Waiter): boolean {
    if (this.#isOver || this.#waiting.size >= mostWaiting) return false;
    const address = hostOf(remote);
    const neighbours = [...this.#waiting.keys()].filter((other) => hostOf(other.remote) === address);
    return neighbours.length < mostFromOneAddress;
  }
}

/** Without the port, which is another one each time. */
export function hostOf(remote: string): string {
  return remote.replace(/:\d+$/, "");
}
