/** How long to wait before the next attempt: doubles from `firstMs` to `limitMs`. */
export interface BackoffPolicy {
  readonly firstMs: number;
  readonly limitMs: number;
}

/**
 * The delay in ms after `failures` failures in a row (1 or more); spread by up to a quarter so that peers don't retry
 * in step.
 */
export function backoffDelayMs(policy: BackoffPolicy, failures: number, random: () => number): number {
  const full = Math.min(policy.limitMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (1 - random() / 4));
}
