import { LoomstackError } from "@loomstack/core";

/** How often one remote address may fail: `burst` times at once, and once more each `refillMs`. */
export interface AttemptPolicy {
  readonly burst: number;
  readonly refillMs: number;
  /** How many addresses are remembered; the one that failed longest ago is forgotten first. */
  readonly addresses: number;
}

/**
 * Counts failed attempts to log in, for each remote address, in bounded memory. Times are in milliseconds and given by
 * the caller.
 */
export class AttemptLimit {
  readonly #policy: AttemptPolicy;
  /** When the failures of an address will all have been forgotten; in the order of the last failure. */
  readonly #forgottenAt = new Map<string, number>();

  constructor(policy: AttemptPolicy) {
    this.#policy = policy;
  }

  /**
   * Counts an attempt as failed beforehand, so that many at once can't slip through. @throws MODEL__TOO_MANY_ATTEMPTS
   */
  begin(remoteAddress: string, now: number): void {
    const { burst, refillMs, addresses } = this.#policy;
    const forgottenAt = Math.max(now, this.#forgottenAt.get(remoteAddress) ?? now) + refillMs;
    const waitMs = forgottenAt - now - burst * refillMs;
    if (waitMs > 0) {
      throw new LoomstackError("MODEL__TOO_MANY_ATTEMPTS", { remoteAddress, retryAfterSec: Math.ceil(waitMs / 1000) });
    }
    this.#forgottenAt.delete(remoteAddress);
    this.#forgottenAt.set(remoteAddress, forgottenAt);
    const [oldest] = this.#forgottenAt.keys();
    if (this.#forgottenAt.size > addresses && oldest !== undefined) this.#forgottenAt.delete(oldest);
  }

  /** Takes back what `begin` counted, because the attempt succeeded. */
  succeed(remoteAddress: string): void {
    const forgottenAt = this.#forgottenAt.get(remoteAddress);
    if (forgottenAt !== undefined) this.#forgottenAt.set(remoteAddress, forgottenAt - this.#policy.refillMs);
  }
}
