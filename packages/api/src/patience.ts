import type { Clock } from "@loomstack/core";
import type { FastifyReply } from "fastify";

/** How long a client is kept waiting: aborts when the time is up, or when the client has gone. */
export function patience(
  clock: Clock,
  reply: FastifyReply,
  limitMs: number,
): Disposable & { readonly signal: AbortSignal } {
  const end = new AbortController();
  const leave = (): void => end.abort();
  const timer = clock.after(limitMs, leave);
  reply.raw.once("close", leave);
  return {
    signal: end.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      reply.raw.off("close", leave);
    },
  };
}
