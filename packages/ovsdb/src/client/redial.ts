import { backoffDelayMs, type BackoffPolicy } from "@loomstack/core";

/** As Open vSwitch does it: from one second to eight. */
export const defaultRedial: BackoffPolicy = { firstMs: 1_000, limitMs: 8_000 };

/**
 * How long to wait in ms before the next attempt. Each remote may fail once without delay, for another may be the one
 * that works; after that the delay grows.
 *
 * @param failures in a row, 1 or more
 */
export function redialDelayMs(
  policy: BackoffPolicy,
  failures: number,
  remoteCount: number,
  random: () => number,
): number {
  return failures <= remoteCount ? 0 : backoffDelayMs(policy, failures - remoteCount, random);
}

/**
 * The failures in a row when another connection has ended. One that lasted as long as the longest delay was no failure
 * of those before; one that a server accepts and drops at once is.
 */
export function failuresAfter(policy: BackoffPolicy, failures: number, lastedMs: number): number {
  return lastedMs >= policy.limitMs ? 1 : failures + 1;
}
