/** Calls as fast as they are answered, so many at a time. */
import { LoomstackError } from "@loomstack/core";

export interface Load {
  /** Answers in a second. */
  readonly perSec: number;
  /** What 99 of 100 calls take at most, in ms. */
  readonly p99Ms: number;
}

/**
 * Makes `count` calls, `width` of them at a time.
 *
 * @param call makes the call of that number
 * @throws what `call` throws; CORE__ABORTED
 */
export async function load(
  count: number,
  width: number,
  call: (index: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Load> {
  const tookMs: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      if (signal.aborted) throw new LoomstackError("CORE__ABORTED", { what: "the load", reason: "it was interrupted" });
      const index = next++;
      const startedAt = performance.now();
      await call(index);
      tookMs.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: width }, caller));
  const perSec = (count * 1_000) / (performance.now() - startedAt);
  tookMs.sort((one, other) => one - other);
  return { perSec, p99Ms: tookMs[Math.ceil(count * 0.99) - 1] ?? 0 };
}
