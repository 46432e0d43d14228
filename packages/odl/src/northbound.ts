/**
 * The calls of OpenDaylight's Hydrogen release that CloudStack's OpenDaylight plug-in and Neutron's drivers of that
 * time make, as one encapsulated plug-in below /controller/nb/v2:
 *
 *     connectionmanager/…   which hypervisors there are
 *     neutron/…             networks, subnets, ports
 */
import { LoomstackError } from "@loomstack/core";
import { administratorsOnly } from "@loomstack/model";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { connectionManager } from "./connection-manager.ts";
import { errorAnswers } from "./errors.ts";
import { networkResource } from "./neutron/network.ts";
import { portResource } from "./neutron/port.ts";
import { resourceRoutes } from "./neutron/resource-routes.ts";
import { subnetResource } from "./neutron/subnet.ts";
import type { OdlOptions } from "./options.ts";

/** The plug-in; it names its own paths, so it is registered without a prefix. */
export function odlNorthbound(options: OdlOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(
      (scope, _, done) => {
        routes(scope, options);
        done();
      },
      { prefix: "/controller/nb/v2" },
    );
  };
}

function routes(app: FastifyInstance, options: OdlOptions): void {
  const answerError = errorAnswers(options.logger);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new LoomstackError("NORTHBOUND__NOT_FOUND", { method: request.method, path: request.url }),
      request,
      reply,
    ),
  );
  app.addHook("onRequest", administratorsOnly(options.authenticate));
  tolerateEmptyJson(app);
  connectionManager(app, options);
  resourceRoutes(app, options, networkResource(options.realised, options.underlayMtu));
  resourceRoutes(app, options, subnetResource(options.realised, options.underlayMtu));
  resourceRoutes(app, options, portResource(options.realised));
}

/** CloudStack's plug-in says that it sends JSON with requests that have no body. */
function tolerateEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parseJson(request, body, done);
  });
}
