/**
 * Checks passwords and the secrets of application credentials against their hashes.
 *
 * A secret is checked by scrypt once; then a keyed digest of it is kept in memory, which costs microseconds to compare.
 * The digest counts only as long as the hash is the one that was checked, so a secret that was changed ends it at once.
 * Attempts that need an scrypt are limited; a secret that is known already is never held up by others' failures.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { LoomstackError } from "@loomstack/core";
import type { LoginAttempts } from "./login-attempts.ts";
import { matchesHash, nobodysHash } from "./password.ts";

/** A secret that somebody shows. */
export interface ShownSecret {
  /** Whose it is said to be: an id, or what was given for one that isn't there. */
  readonly owner: string;
  readonly secret: string;
  /** What it has to match; undefined where there is nobody, which takes as long. */
  readonly hash: string | undefined;
  readonly remoteAddress: string;
}

/** How many verified secrets are remembered. */
const verifiedLimit = 1_000;

/** How many secrets are checked at the same time, from all addresses. */
const underWayLimit = 64;

export class SecretChecks {
  readonly #key = randomBytes(32);
  readonly #attempts: LoginAttempts;
  /** By owner, in the order in which they were verified. */
  readonly #verified = new Map<string, { readonly hash: string; readonly digest: Buffer }>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(attempts: LoginAttempts) {
    this.#attempts = attempts;
  }

  /** @throws MODEL__TOO_MANY_ATTEMPTS */
  async isRight(shown: ShownSecret): Promise<boolean> {
    const { owner, secret, hash, remoteAddress } = shown;
    const digest = createHmac("sha256", this.#key).update(`${owner}\0${secret}`).digest();
    if (hash !== undefined && this.#isKnown(owner, hash, digest)) return true;

    // Calls at the same time with the same secret share one scrypt, and count as one attempt.
    const key = `${digest.toString("base64")} ${hash ?? ""} ${remoteAddress}`;
    const pending = this.#underWay.get(key) ?? this.#check(shown).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, pending);
    if (!(await pending) || hash === undefined) return false;
    this.#remember(owner, hash, digest);
    return true;
  }

  #isKnown(owner: string, hash: string, digest: Buffer): boolean {
    const known = this.#verified.get(owner);
    return known !== undefined && known.hash === hash && timingSafeEqual(known.digest, digest);
  }

  #remember(owner: string, hash: string, digest: Buffer): void {
    this.#verified.delete(owner);
    this.#verified.set(owner, { hash, digest });
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > verifiedLimit && oldest !== undefined) this.#verified.delete(oldest);
  }

  async #check({ owner, secret, hash, remoteAddress }: ShownSecret): Promise<boolean> {
    if (this.#underWay.size >= underWayLimit)
      throw new LoomstackError("MODEL__TOO_MANY_ATTEMPTS", { subject: "at this moment", retryAfterSec: 1 });
    this.#attempts.begin(owner, remoteAddress);
    const matches = await matchesHash(secret, hash ?? nobodysHash);
    if (matches) this.#attempts.succeed(owner, remoteAddress);
    return matches;
  }
}
