import { type Clock, LoomstackError } from "@loomstack/core";

/** Runs `work` with a signal that aborts after `limitMs`, or when `also` aborts; the timer ends with the work. */
export async function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  also?: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  const reason = `the time limit of ${limitMs} ms is over`;
  using _ = clock.after(limitMs, () => limit.abort(new LoomstackError("CORE__ABORTED", { what: "the call", reason })));
  return await work(also ? AbortSignal.any([limit.signal, also]) : limit.signal);
}
