import { parseUuid, type Uuid } from "@loomstack/core";
import { z } from "zod";
import { networkTrafficAnswer, portTrafficAnswer } from "./answers/traffic.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

const params = z.object({
  id: z.uuid().transform((text): Uuid => parseUuid(text.toLowerCase())),
});

/** What ports have sent and were sent, asked of the hypervisors when somebody asks. */
export function trafficRoutes(app: ApiScope, { traffic }: ControllerApiOptions): void {
  app.get("/ports/:id/traffic", { schema: { params, response: { 200: portTrafficAnswer } } }, async (request) =>
    traffic.port(request.params.id),
  );
  app.get("/networks/:id/traffic", { schema: { params, response: { 200: networkTrafficAnswer } } }, async (request) =>
    traffic.network(request.params.id),
  );
}
