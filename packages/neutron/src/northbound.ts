/**
 * Neutron's Networking API v2.0, as one encapsulated plug-in below /networking:
 *
 *     request ──► caller ──► attributes (what may be said) ──► standing (who may say it) ──► intent
 *     answer  ◄── attributes (what is shown, to whom) ◄── intent, realised
 */
import { LoomstackError } from "@loomstack/core";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { type Caller, callerOf } from "./caller.ts";
import { errorAnswers } from "./errors.ts";
import { extensionRoutes } from "./extensions.ts";
import type { NeutronOptions } from "./options.ts";
import { mount } from "./public-url.ts";
import { readOnlyRoutes } from "./read-only-routes.ts";
import { quotaRoutes } from "./quota-routes.ts";
import { resourceRoutes } from "./resource-routes.ts";
import { addressScopeResource } from "./resources/address-scope.ts";
import { agentResource } from "./resources/agent.ts";
import { networkIpAvailabilityResource } from "./resources/network-ip-availability.ts";
import { networkResource } from "./resources/network.ts";
import { portResource } from "./resources/port.ts";
import { rbacPolicyResource } from "./resources/rbac-policy.ts";
import { subnetPoolResource } from "./resources/subnet-pool.ts";
import { subnetResource } from "./resources/subnet.ts";
import { collectionRoutes, versionRoutes } from "./versions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls the Networking API. */
    caller: Caller;
  }
}

/** The plug-in; it names its own paths, so it is registered without a prefix. */
export function neutronNorthbound(options: NeutronOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(
      async (scope) => {
        answers(scope, options);
        versionRoutes(scope);
        await scope.register(
          (api, _, done) => {
            routes(api, options);
            done();
          },
          { prefix: "/v2.0" },
        );
      },
      { prefix: mount },
    );
  };
}

function answers(app: FastifyInstance, { logger }: NeutronOptions): void {
  const answerError = errorAnswers(logger);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new LoomstackError("NORTHBOUND__NOT_FOUND", { method: request.method, path: request.url }),
      request,
      reply,
    ),
  );
}

/** What the document of the version names. */
const collections = [
  "networks",
  "subnets",
  "ports",
  "subnetpools",
  "address-scopes",
  "rbac-policies",
  "quotas",
  "agents",
  "network-ip-availabilities",
  "extensions",
] as const;

function routes(app: FastifyInstance, options: NeutronOptions): void {
  const { authenticate } = options;
  app.decorateRequest("caller");
  app.addHook("onRequest", async (request) => {
    request.caller = callerOf(await authenticate(request.headers, request.ip));
  });
  collectionRoutes(app, collections);
  extensionRoutes(app);
  resourceRoutes(app, options, networkResource(options));
  resourceRoutes(app, options, subnetResource(options));
  resourceRoutes(app, options, portResource(options));
  resourceRoutes(app, options, subnetPoolResource(options));
  resourceRoutes(app, options, addressScopeResource(options));
  resourceRoutes(app, options, rbacPolicyResource(options));
  quotaRoutes(app, options);
  readOnlyRoutes(app, agentResource(options));
  readOnlyRoutes(app, networkIpAvailabilityResource(options));
}
