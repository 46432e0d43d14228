import type { Revision } from "@loomstack/core";
import { z } from "zod";
import { revisionAnswer } from "./answers/controller.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

/** The longest that a client is kept waiting. */
const waitLimitMs = 30_000;

/**
 * How far intent has got and how much of it every hypervisor concerned has confirmed. With `?wait=<revision>` the
 * answer comes when that revision is confirmed, or after thirty seconds; `reached` says which.
 */
export function revisionRoutes(app: ApiScope, { store, realised, clock }: ControllerApiOptions): void {
  const told = () => ({ intent: store.revision(), realised: realised.revision() });
  const querystring = z.strictObject({ wait: z.coerce.number().int().min(0).optional() });
  app.get(
    "/revision",
    { schema: { querystring, response: { 200: revisionAnswer } } },
    async ({ query: { wait } }, reply) => {
      if (wait === undefined) return told();
      const end = new AbortController();
      const leave = (): void => end.abort();
      reply.raw.once("close", leave);
      using _ = clock.after(waitLimitMs, leave);
      try {
        const reached = await realised.reached(wait as Revision, end.signal);
        return { ...told(), reached };
      } finally {
        reply.raw.off("close", leave);
      }
    },
  );
}
