import { LoomstackError } from "@loomstack/core";
import { nodeName } from "@loomstack/model";
import { z } from "zod";
import { hypervisorAnswer, hypervisorFlowsAnswer, hypervisorsAnswer } from "./answers/controller.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

/** The hypervisors as they are now, and the flows that each should hold, with the reason for each flow. */
export function hypervisorRoutes(app: ApiScope, { hypervisors }: ControllerApiOptions): void {
  app.get("/hypervisors", { schema: { response: { 200: hypervisorsAnswer } } }, () => ({
    hypervisors: hypervisors.list(),
  }));

  // By its key, the system-id, or by its name, whose slash ("OVS/<id>") a client sends as %2F.
  const params = z.object({ key: z.string() });
  const accepted = z.strictObject({ certificate: z.string().min(1).max(1_000).optional() }).nullish();
  app.put(
    "/hypervisors/:key",
    { schema: { params, body: accepted, response: { 200: hypervisorAnswer } } },
    async ({ params: { key }, body }) => hypervisors.accept(key, body?.certificate),
  );
  app.delete("/hypervisors/:key", { schema: { params } }, async ({ params: { key } }, reply) => {
    await hypervisors.forget(key);
    return reply.code(204).send();
  });
  app.get(
    "/hypervisors/:key/flows",
    { schema: { params, response: { 200: hypervisorFlowsAnswer } } },
    ({ params: { key } }) => {
      const found = hypervisors.list().find((one) => one.key === key || nodeName(one.node) === key);
      if (found === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "hypervisor", id: key });
      return { flows: hypervisors.flows(found.key) };
    },
  );
}
