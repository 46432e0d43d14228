import { z } from "zod";
import { puntedPacketsAnswer, switchAnswer, switchesAnswer, switchStatisticsAnswer } from "./answers/switches.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";
import { params } from "./switch-params.ts";

/** The switches that connect by OpenFlow. */
export function switchRoutes(app: ApiScope, { switches }: ControllerApiOptions): void {
  app.get("/switches", { schema: { response: { 200: switchesAnswer } } }, () => ({ switches: switches.list() }));
  app.get("/switches/:dpid", { schema: { params, response: { 200: switchAnswer } } }, ({ params: { dpid } }) =>
    switches.get(dpid),
  );
  app.get(
    "/switches/:dpid/statistics",
    { schema: { params, response: { 200: switchStatisticsAnswer } } },
    async ({ params: { dpid } }) => switches.statistics(dpid),
  );
  app.get(
    "/switches/:dpid/packets",
    { schema: { params, response: { 200: puntedPacketsAnswer } } },
    ({ params: { dpid } }) => switches.packets(dpid),
  );

  const certificate = z.string().min(1).max(1_000).nullable();
  const body = z.strictObject({ name: z.string().max(255).optional(), certificate: certificate.optional() }).nullish();
  app.post(
    "/switches/:dpid",
    { schema: { params, body, response: { 200: switchAnswer } } },
    async ({ params: { dpid }, body }) => switches.register(dpid, body ?? {}),
  );
  app.delete("/switches/:dpid", { schema: { params } }, async ({ params: { dpid } }, reply) => {
    await switches.unregister(dpid);
    return await reply.code(204).send();
  });
}
