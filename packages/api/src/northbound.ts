/** Our own REST, below /api/v1: what an operator wants to see of the controller, and the flows of plain switches. */
import { LoomstackError } from "@loomstack/core";
import { administratorsOnly } from "@loomstack/model";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { EventStreams } from "./event-streams.ts";
import { eventRoutes } from "./events.ts";
import { errorAnswers } from "./errors.ts";
import { explainRoutes } from "./explain.ts";
import { healthRoutes } from "./health.ts";
import { hypervisorRoutes } from "./hypervisors.ts";
import { metricsRoute } from "./metrics/metrics-route.ts";
import { readController, type Readings } from "./metrics/readings.ts";
import { Scrapes } from "./metrics/scrapes.ts";
import { networkRoutes } from "./networks.ts";
import type { ApiOptions, ControllerApiOptions } from "./options.ts";
import { revisionRoutes } from "./revision.ts";
import { staticFlowRoutes } from "./static-flows.ts";
import { trafficRoutes } from "./traffic.ts";
import { switchRoutes } from "./switches.ts";

/** The scope of our routes, whose requests are checked and typed by zod schemas. */
export type ApiScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The plug-in; it names its own paths, so it is registered without a prefix. */
export function apiNorthbound(options: ApiOptions): FastifyPluginAsync {
  return async (app) => {
    const streams = new EventStreams(options);
    const scrapes = new Scrapes(options.clock, async () => readings(options, streams));
    await app.register(
      (scope, _, done) => {
        routes(scope, options, streams);
        metricsRoute(scope, options, scrapes);
        done();
      },
      { prefix: "/api/v1" },
    );
    // Where Prometheus looks by itself.
    await app.register((scope, _, done) => {
      scope.setErrorHandler(errorAnswers(options.logger));
      metricsRoute(scope, options, scrapes);
      done();
    });
  };
}

async function readings({ store, controller, requests }: ApiOptions, streams: EventStreams): Promise<Readings> {
  const read = controller && (await readController(controller));
  return {
    intentRevision: store.revision(),
    store: store.reading(),
    http: requests?.reading(),
    controller: read,
    eventStreams: streams.readers,
  };
}

function routes(app: FastifyInstance, options: ApiOptions, streams: EventStreams): void {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const answerError = errorAnswers(options.logger);
  app.setErrorHandler(answerError);
  healthRoutes(app.withTypeProvider<ZodTypeProvider>(), options);
  app.register((scope, _, done) => {
    scope.addHook("onRequest", administratorsOnly(options.authenticate));
    const typed = scope.withTypeProvider<ZodTypeProvider>();
    eventRoutes(typed, options, streams);
    if (options.controller !== undefined) controllerRoutes(typed, { ...options, ...options.controller });
    scope.setNotFoundHandler((request, reply) =>
      answerError(
        new LoomstackError("NORTHBOUND__NOT_FOUND", { method: request.method, path: request.url }),
        request,
        reply,
      ),
    );
    done();
  });
}

function controllerRoutes(app: ApiScope, options: ControllerApiOptions): void {
  hypervisorRoutes(app, options);
  networkRoutes(app, options);
  revisionRoutes(app, options);
  switchRoutes(app, options);
  staticFlowRoutes(app, options);
  explainRoutes(app, options);
  trafficRoutes(app, options);
}
