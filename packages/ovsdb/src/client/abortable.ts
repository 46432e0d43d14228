import { LoomstackError, messageOf } from "@loomstack/core";

/** Waits for a promise until the signal aborts. @throws CORE__ABORTED, what the promise rejects with */
export async function abortable<Result>(
  what: string,
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await promise;
  const { promise: abortion, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new LoomstackError("CORE__ABORTED", { what, reason: messageOf(signal.reason) }));
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([abortion, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
