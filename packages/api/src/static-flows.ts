import { parseUuid } from "@loomstack/core";
import type { FlowRequest } from "@loomstack/model";
import { z } from "zod";
import { flowAnswer, flowsAnswer } from "./answers/flows.ts";
import { flowPage, flowQuery } from "./flow-page.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";
import { patience } from "./patience.ts";
import { params } from "./switch-params.ts";

/** How long a client is kept waiting for the switch's answer to a change of its flows. */
const waitLimitMs = 5_000;

const flowParams = params.extend({ id: z.uuid().transform(parseUuid) });

const actions = z.string().max(8192);

/** A flow as ovs-ofctl has it, or in its parts. */
const flowBody = z
  .strictObject({
    flow: z.string().max(16_384).optional(),
    table: z.int().min(0).max(254).optional(),
    priority: z.int().min(0).max(65_535).optional(),
    match: z.record(z.string().max(64), z.union([z.string().max(256), z.int().min(0), z.boolean()])).optional(),
    actions: z.union([actions, z.array(actions).max(256)]).optional(),
  })
  .transform(({ flow, ...parts }, context): FlowRequest => {
    if (flow !== undefined) {
      if (Object.keys(parts).length > 0) context.addIssue("a flow is said either as text or in its parts, not both");
      return { flow };
    }
    const { table = 0, priority = 32_768, match = {}, actions } = parts;
    if (actions === undefined) context.addIssue('it needs "actions", or all of the flow as text in "flow"');
    return { table, priority, match, actions: actions ?? [] };
  });

/** The static flows of the switches that were added. */
export function staticFlowRoutes(app: ApiScope, { switches, clock }: ControllerApiOptions): void {
  app.get(
    "/switches/:dpid/flows",
    { schema: { params, querystring: flowQuery, response: { 200: flowsAnswer } } },
    ({ params: { dpid }, query }) => flowPage(switches.flows(dpid), query),
  );
  app.post(
    "/switches/:dpid/flows",
    { schema: { params, body: flowBody, response: { 201: flowAnswer } } },
    async ({ params, body }, reply) => {
      using wait = patience(clock, reply, waitLimitMs);
      const flow = await switches.addFlow(params.dpid, body, wait.signal);
      return await reply.code(201).send(flow);
    },
  );
  app.put(
    "/switches/:dpid/flows/:id",
    { schema: { params: flowParams, body: flowBody, response: { 200: flowAnswer } } },
    async ({ params: { dpid, id }, body }, reply) => {
      using wait = patience(clock, reply, waitLimitMs);
      return await switches.replaceFlow(dpid, id, body, wait.signal);
    },
  );
  app.delete("/switches/:dpid/flows/:id", { schema: { params: flowParams } }, async ({ params }, reply) => {
    using wait = patience(clock, reply, waitLimitMs);
    await switches.deleteFlow(params.dpid, params.id, wait.signal);
    return await reply.code(204).send();
  });
}
