import { createHash, timingSafeEqual } from "node:crypto";
import { administratorsOnly } from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiOptions } from "../options.ts";
import { contentType } from "./exposition.ts";
import type { Scrapes } from "./scrapes.ts";

/** Metrics for administrators, and for a monitoring system that shows the token which is for nothing else. */
export function metricsRoute(app: FastifyInstance, options: ApiOptions, scrapes: Scrapes): void {
  app.get("/metrics", { onRequest: mayScrape(options) }, async (_request, reply) => {
    const body = await scrapes.answer(reply.raw);
    return reply.header("content-type", contentType).send(body);
  });
}

function mayScrape({ authenticate, metricsToken }: ApiOptions): (request: FastifyRequest) => Promise<void> {
  const asAdministrator = administratorsOnly(authenticate);
  const expected = metricsToken === undefined ? undefined : digest(metricsToken);
  return async (request) => {
    const shown = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
    if (expected !== undefined && shown !== undefined && timingSafeEqual(digest(shown), expected)) return;
    await asAdministrator(request);
  };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
