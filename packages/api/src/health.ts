import { z } from "zod";
import { messageOf } from "@loomstack/core";
import { administratorsOnly } from "@loomstack/model";
import type { FastifyRequest } from "fastify";
import { type HealthCheck, healthAnswer } from "./answers/health.ts";
import type { ApiScope } from "./northbound.ts";
import type { ApiOptions } from "./options.ts";

/** What all paths of health calls begin with: they are answered while the process stops, when nothing else is. */
export const healthPath = "/api/v1/health";

/**
 * Whether the process lives, and whether it is ready to serve. Anybody may ask, and learns yes or no by the status, 200
 * or 503; an administrator learns what was checked. A hypervisor that is lost makes nothing unready: others don't
 * suffer from it, and to start anew wouldn't bring it back.
 */
export function healthRoutes(app: ApiScope, options: ApiOptions): void {
  const detailsFor = administratorsOnly(options.authenticate);
  const schema = { response: { 200: healthAnswer, 503: healthAnswer } };
  // Older than the other two, and kept for who calls it: it says that HTTP is answered.
  app.get("/health", { schema: { response: { 200: z.object({ status: z.literal("ok") }) } } }, () => ({
    status: "ok" as const,
  }));
  const answer = (path: string, check: () => Promise<readonly HealthCheck[]>): void => {
    app.get(path, { schema }, async (request: FastifyRequest, reply) => {
      const hasAuthority = (request.headers.authorization ?? request.headers["x-auth-token"]) !== undefined;
      if (hasAuthority) await detailsFor(request);
      const checks = await check();
      const isOk = checks.every(({ ok }) => ok);
      const status = isOk ? ("ok" as const) : ("failing" as const);
      return reply.code(isOk ? 200 : 503).send(hasAuthority ? { status, checks } : { status });
    });
  };
  answer("/health/live", async () => [await storeCheck(options)]);
  answer("/health/ready", async () => [await storeCheck(options), ...readyChecks(options)]);
}

/** That we get here shows that the event loop turns. */
async function storeCheck({ store }: ApiOptions): Promise<HealthCheck> {
  try {
    await store.db.selectFrom("store_revision").select("revision").executeTakeFirstOrThrow();
    return { name: "store", ok: true, text: `it answers; intent is at revision ${store.revision()}` };
  } catch (error) {
    return { name: "store", ok: false, text: `it doesn't answer: ${messageOf(error)}` };
  }
}

function readyChecks({ controller, isServing }: ApiOptions): HealthCheck[] {
  const serving = isServing();
  const started = {
    ...{ name: "process", ok: serving },
    text: serving ? "all of its parts have started" : "it is starting or stopping",
  };
  if (controller === undefined) return [started];
  const { hypervisorsUntried: untried } = controller.measurements.read();
  const known = controller.hypervisors.list();
  const ready = known.filter(({ state }) => state === "ready").length;
  const tried = { name: "hypervisors", ok: untried === 0 };
  return [
    started,
    { ...tried, text: `${untried} of ${known.length} haven't been tried since the start; ${ready} are ready` },
  ];
}
