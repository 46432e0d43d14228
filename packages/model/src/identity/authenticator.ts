/**
 * Checks the name and password that come with every call of HTTP Basic.
 *
 * A password is checked by scrypt once; then a keyed digest of it is kept in memory, which costs microseconds to
 * compare. The digest counts only as long as the user has the password hash that was checked, so a changed password or
 * a removed or disabled user ends it at once. Attempts that need an scrypt are limited for each remote address; a credential that
 * is known already is never held up by others' failures.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, LoomstackError } from "@loomstack/core";
import type { Store } from "../store.ts";
import { AttemptLimit, type AttemptPolicy } from "./attempt-limit.ts";
import { matchesHash, nobodysHash } from "./password.ts";
import { findUserByName, type User, type UserWithSecrets, withoutSecrets } from "./user.ts";

/**
 * The user of that name and password, undefined when there is none.
 *
 * @throws MODEL__TOO_MANY_ATTEMPTS when `remoteAddress` has failed too often
 */
export type Authenticate = (name: string, password: string, remoteAddress: string) => Promise<User | undefined>;

/** Ten wrong passwords at once, then one each six seconds. */
const attemptPolicy: AttemptPolicy = { burst: 10, refillMs: 6_000, addresses: 10_000 };

/** How many verified credentials are remembered. */
const verifiedLimit = 1_000;

/** How many passwords are checked at the same time, from all addresses. */
const underWayLimit = 64;

export function createAuthenticator({ store, clock }: { readonly store: Store; readonly clock: Clock }): Authenticate {
  const secret = randomBytes(32);
  const attempts = new AttemptLimit(attemptPolicy);
  const verified = new Map<string, { readonly passwordHash: string; readonly digest: Buffer }>();
  const underWay = new Map<string, Promise<boolean>>();

  const isKnown = (user: UserWithSecrets, digest: Buffer): boolean => {
    const entry = verified.get(user.name);
    return entry !== undefined && entry.passwordHash === user.passwordHash && timingSafeEqual(entry.digest, digest);
  };

  const remember = (user: UserWithSecrets, digest: Buffer): void => {
    verified.delete(user.name);
    verified.set(user.name, { passwordHash: user.passwordHash, digest });
    const [oldest] = verified.keys();
    if (verified.size > verifiedLimit && oldest !== undefined) verified.delete(oldest);
  };

  const check = async (password: string, passwordHash: string, remoteAddress: string): Promise<boolean> => {
    if (underWay.size >= underWayLimit)
      throw new LoomstackError("MODEL__TOO_MANY_ATTEMPTS", { remoteAddress, retryAfterSec: 1 });
    attempts.begin(remoteAddress, clock.now());
    const matches = await matchesHash(password, passwordHash);
    if (matches) attempts.succeed(remoteAddress);
    return matches;
  };

  return async (name, password, remoteAddress) => {
    const found = await findUserByName(store.db, name);
    const user = found?.enabled === true ? found : undefined;
    const digest = createHmac("sha256", secret).update(`${name}\0${password}`).digest();
    if (user && isKnown(user, digest)) return withoutSecrets(user);

    // Calls at the same time with the same credential share one scrypt, and count as one attempt.
    const passwordHash = user?.passwordHash ?? nobodysHash;
    const key = `${digest.toString("base64")} ${passwordHash} ${remoteAddress}`;
    const pending =
      underWay.get(key) ?? check(password, passwordHash, remoteAddress).finally(() => underWay.delete(key));
    underWay.set(key, pending);
    if (!(await pending) || !user) return undefined;
    remember(user, digest);
    return withoutSecrets(user);
  };
}
