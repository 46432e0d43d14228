import { createHash } from "node:crypto";
import { type Clock, LoomstackError } from "@loomstack/core";
import { AttemptLimit, type AttemptPolicy } from "./attempt-limit.ts";

/** Ten wrong passwords or secrets at once from one address, then one each six seconds. */
const perAddress: AttemptPolicy = { burst: 10, refillMs: 6_000, subjects: 10_000 };
/** Wherever they come from: more, because whoever is guessed at has to wait as well. */
const perName: AttemptPolicy = { burst: 30, refillMs: 6_000, subjects: 10_000 };
/** What can't be guessed, and needs no scrypt: clients try tokens that have expired, many at once. */
const unguessable: AttemptPolicy = { burst: 100, refillMs: 100, subjects: 10_000 };

/** Limits failed attempts to log in, by where they come from and by whom they are about. */
export class LoginAttempts {
  readonly #clock: Clock;
  readonly #byAddress = new AttemptLimit(perAddress);
  readonly #byName = new AttemptLimit(perName);
  readonly #unguessable = new AttemptLimit(unguessable);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts an attempt as failed beforehand, so that many at once can't slip through.
   *
   * @param name whose secret it is said to be
   * @throws MODEL__TOO_MANY_ATTEMPTS
   */
  begin(name: string, remoteAddress: string): void {
    const now = this.#clock.now();
    const key = keyOf(name);
    refuseToWait(this.#byAddress.waitMs(remoteAddress, now), `from ${remoteAddress}`);
    refuseToWait(this.#byName.waitMs(key, now), "with this name");
    this.#byAddress.count(remoteAddress, now);
    this.#byName.count(key, now);
  }

  /** Takes back what `begin` counted, because the attempt succeeded. */
  succeed(name: string, remoteAddress: string): void {
    this.#byAddress.takeBack(remoteAddress);
    this.#byName.takeBack(keyOf(name));
  }

  /** Counts a failure with what can't be guessed: a token, a signature. @throws MODEL__TOO_MANY_ATTEMPTS */
  fail(remoteAddress: string): void {
    const now = this.#clock.now();
    refuseToWait(this.#unguessable.waitMs(remoteAddress, now), `from ${remoteAddress}`);
    this.#unguessable.count(remoteAddress, now);
  }
}

/** As long as any other, whatever somebody sends for a name. */
function keyOf(name: string): string {
  return createHash("sha256").update(name).digest("base64url");
}

function refuseToWait(waitMs: number, subject: string): void {
  if (waitMs > 0)
    throw new LoomstackError("MODEL__TOO_MANY_ATTEMPTS", { subject, retryAfterSec: Math.ceil(waitMs / 1000) });
}
