import { LoomstackError, preferredWaitSec, type Revision, waitLimitSec } from "@loomstack/core";
import { z } from "zod";
import { revisionAnswer } from "./answers/controller.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";
import { patience } from "./patience.ts";

/**
 * How far intent has got and how much of it every hypervisor concerned has confirmed. With `?wait=<revision>` the
 * answer comes when that revision is confirmed, by all of them or by `hypervisor=<key>`, or after thirty seconds, or
 * what `Prefer: wait=<seconds>` says; `reached` says which, and `lacking` who has not, and why.
 */
export function revisionRoutes(app: ApiScope, options: ControllerApiOptions): void {
  const { store, hypervisors, realised, clock } = options;
  const told = () => ({ intent: store.revision(), realised: realised.revision() });
  const querystring = z
    .strictObject({ wait: z.coerce.number().int().min(0).optional(), hypervisor: z.string().max(1024).optional() })
    .refine(({ wait, hypervisor }) => wait !== undefined || hypervisor === undefined, "a hypervisor needs a `wait`");
  app.get(
    "/revision",
    { schema: { querystring, response: { 200: revisionAnswer } } },
    async ({ query: { wait, hypervisor }, headers }, reply) => {
      if (wait === undefined) return told();
      if (hypervisor !== undefined && !hypervisors.list().some(({ key }) => key === hypervisor))
        throw new LoomstackError("MODEL__NOT_FOUND", { resource: "hypervisor", id: hypervisor });
      using patient = patience(clock, reply, (preferredWaitSec(headers.prefer) ?? waitLimitSec) * 1_000);
      const revision = wait as Revision;
      const reached = await realised.reached(revision, patient.signal, hypervisor);
      return { ...told(), reached, lacking: reached ? [] : realised.lacking(revision, hypervisor) };
    },
  );
}
