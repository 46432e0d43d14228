import { setTimeout as pause } from "node:timers/promises";
import { LoomstackError, messageOf } from "@loomstack/core";

export interface ConditionOptions {
  readonly timeoutMs: number;
  /** Between two looks; 50 ms unless told. */
  readonly pauseMs?: number;
}

/**
 * Looks again and again until `look` gives something other than undefined or false. An error that it throws counts as
 * "not yet".
 *
 * @throws LAB__TIMEOUT with `what` and the last error, when the time is up
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  options: ConditionOptions,
): Promise<Exclude<Awaited<T>, undefined | false>> {
  const { timeoutMs, pauseMs = 50 } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found as Exclude<Awaited<T>, undefined | false>;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) break;
    await pause(pauseMs);
  }
  const why = lastError === undefined ? "" : ` (last: ${messageOf(lastError)})`;
  throw new LoomstackError("LAB__TIMEOUT", { what: what + why, timeoutMs }, { cause: lastError });
}
