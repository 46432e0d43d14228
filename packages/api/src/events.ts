import { listEvents } from "@loomstack/model";
import { z } from "zod";
import { eventsAnswer } from "./answers/controller.ts";
import type { EventStreams } from "./event-streams.ts";
import type { ApiScope } from "./northbound.ts";
import type { ApiOptions } from "./options.ts";

/** What happened, oldest first; a client asks for what came after the last `id` that it has seen. */
export function eventRoutes(app: ApiScope, { store }: ApiOptions, streams: EventStreams): void {
  const querystring = z.strictObject({
    since: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  });
  app.get("/events", { schema: { querystring, response: { 200: eventsAnswer } } }, async ({ query }) => ({
    events: await listEvents(store.db, query),
  }));
  app.get("/events/stream", async (request, reply) => streams.answer(request, reply));
}
