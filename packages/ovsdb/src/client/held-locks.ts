import { LoomstackError } from "@loomstack/core";
import type { OvsdbClient } from "./client.ts";
import { type Lock, LockState } from "./locks.ts";

/** A lock that is asked for again on each connection. */
export class HeldLock implements Lock {
  readonly name: string;
  readonly #state = new LockState();
  readonly #onEnd: (lock: HeldLock) => void;
  #current: Lock | undefined;
  #isEnded = false;

  constructor(name: string, onEnd: (lock: HeldLock) => void) {
    this.name = name;
    this.#onEnd = onEnd;
  }

  get owned(): boolean {
    return this.#state.owned;
  }

  get changes(): Lock["changes"] {
    return this.#state.changes;
  }

  acquired(signal?: AbortSignal): Promise<void> {
    return this.#state.acquired(signal);
  }

  /** Stands in line on a connection; the one before has ended. @throws as OvsdbClient.lock */
  async take(client: OvsdbClient): Promise<void> {
    const lock = await client.lock(this.name);
    if (this.#isEnded) await lock[Symbol.asyncDispose]();
    else this.#current = lock;
  }

  /** From now on it says what the connection says, its end too: whoever hears that it is ours can act on it at once. */
  show(): void {
    const current = this.#current;
    if (current === undefined || this.#isEnded) return;
    current.changes.add((owned) => this.#state.set(owned));
    this.#state.set(current.owned);
  }

  /** It isn't asked for any more. */
  end(error: LoomstackError): void {
    this.#isEnded = true;
    this.#state.end(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isEnded) return;
    this.#onEnd(this);
    await this.#current?.[Symbol.asyncDispose]();
  }
}

/** The locks that outlive connections. */
export class HeldLocks {
  readonly #remotes: string;
  readonly #held = new Set<HeldLock>();

  /** @param remotes what errors call the servers */
  constructor(remotes: string) {
    this.#remotes = remotes;
  }

  /** Not yet one of those that are taken again. */
  create(name: string): HeldLock {
    return new HeldLock(name, (lock) => {
      this.#held.delete(lock);
      lock.end(new LoomstackError("OVSDB__CLOSED", { remote: this.#remotes, what: `holding lock ${name}` }));
    });
  }

  /** Is taken again from now on. */
  add(lock: HeldLock): void {
    this.#held.add(lock);
    lock.show();
  }

  /** Stands in line for all of them on a new connection. @throws as OvsdbClient.lock */
  async takeAll(client: OvsdbClient): Promise<void> {
    await Promise.all(Array.from(this.#held, (lock) => lock.take(client)));
  }

  /** The new connection is the one of now. */
  showAll(): void {
    for (const lock of this.#held) lock.show();
  }

  endAll(error: LoomstackError): void {
    for (const lock of this.#held) lock.end(error);
    this.#held.clear();
  }
}
