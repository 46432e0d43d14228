import { type Clock, parseUuid } from "@loomstack/core";
import type { FlowRequest } from "@loomstack/model";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

/** How long a client is kept waiting for the switch's answer to a change of its flows. */
const waitLimitMs = 5_000;

/** As 16 hexadecimal digits, or in pairs with colons between them, as OpenDaylight has it. */
const dpid = z
  .string()
  .regex(/^([\da-f]{16}|([\da-f]{2}:){7}[\da-f]{2})$/i, "is no datapath id such as 0000000000000001")
  .transform((text) => text.replaceAll(":", "").toLowerCase());

const params = z.object({ dpid });
const flowParams = z.object({ dpid, id: z.uuid().transform(parseUuid) });

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

/** The switches that connect by OpenFlow, and the static flows of those that were added. */
export function switchRoutes(app: ApiScope, { switches, clock }: ControllerApiOptions): void {
  app.get("/switches", () => ({ switches: switches.list() }));
  app.get("/switches/:dpid", { schema: { params } }, ({ params: { dpid } }) => switches.get(dpid));
  app.get("/switches/:dpid/statistics", { schema: { params } }, async ({ params: { dpid } }) =>
    switches.statistics(dpid),
  );
  app.get("/switches/:dpid/packets", { schema: { params } }, ({ params: { dpid } }) => switches.packets(dpid));

  const body = z.strictObject({ name: z.string().max(255).optional() }).nullish();
  app.post("/switches/:dpid", { schema: { params, body } }, async ({ params: { dpid }, body }) =>
    switches.register(dpid, body?.name),
  );
  app.delete("/switches/:dpid", { schema: { params } }, async ({ params: { dpid } }, reply) => {
    await switches.unregister(dpid);
    return await reply.code(204).send();
  });
  flowRoutes(app, { switches, clock });
}

function flowRoutes(app: ApiScope, { switches, clock }: Pick<ControllerApiOptions, "switches" | "clock">): void {
  app.get("/switches/:dpid/flows", { schema: { params } }, ({ params: { dpid } }) => ({ flows: switches.flows(dpid) }));
  app.post("/switches/:dpid/flows", { schema: { params, body: flowBody } }, async ({ params, body }, reply) => {
    using wait = patience(clock, reply);
    const flow = await switches.addFlow(params.dpid, body, wait.signal);
    return await reply.code(201).send(flow);
  });
  app.delete("/switches/:dpid/flows/:id", { schema: { params: flowParams } }, async ({ params }, reply) => {
    using wait = patience(clock, reply);
    await switches.deleteFlow(params.dpid, params.id, wait.signal);
    return await reply.code(204).send();
  });
}

/** Aborts when the time is up, or when the client has gone. */
function patience(clock: Clock, reply: FastifyReply): Disposable & { readonly signal: AbortSignal } {
  const end = new AbortController();
  const leave = (): void => end.abort();
  const timer = clock.after(waitLimitMs, leave);
  reply.raw.once("close", leave);
  return {
    signal: end.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      reply.raw.off("close", leave);
    },
  };
}
