import { backoffDelayMs, type BackoffPolicy } from "@loomstack/core";

/** As Open vSwitch does it: from one second to eight. */
export const defaultRedial: BackoffPolicy = { firstMs: 1_000, limitMs: 8_000 };

/**
 * How long to wait in ms before the next attempt. When a connection has ended, each remote is tried without delay, for
 * another may be the one that works; then there is one delay before each round of all remotes, and it grows. So whoever
 * leads a cluster after an election is found with the next round.
 *
 * @param failures in a row, 1 or more; the first is the connection that ended
 */
export function redialDelayMs(
  policy: BackoffPolicy,
  failures: number,
  remoteCount: number,
  random: () => number,
): number {
  const attempts = failures - 1;
  const isRoundOver = attempts > 0 && attempts % remoteCount === 0;
  return isRoundOver ? backoffDelayMs(policy, attempts / remoteCount, random) : 0;
}

/**
 * The failures in a row when another connection has ended. One that lasted as long as the longest delay was no failure
 * of those before; one that a server accepts and drops at once is.
 */
export function failuresAfter(policy: BackoffPolicy, failures: number, lastedMs: number): number {
  return lastedMs >= policy.limitMs ? 1 : failures + 1;
}
