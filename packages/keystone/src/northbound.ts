/**
 * OpenStack's Identity API v3, as much of it as its clients and services need, as one encapsulated plug-in below
 * /identity: tokens for those who show who they are, and the users, projects and roles of the one identity.
 */
import { LoomstackError } from "@loomstack/core";
import type { Principal } from "@loomstack/model";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { errorAnswers } from "./errors.ts";
import type { KeystoneOptions } from "./options.ts";
import { mount } from "./public-url.ts";
import { applicationCredentialRoutes } from "./resources/application-credentials.ts";
import { fixedRoutes } from "./resources/fixed.ts";
import { ownRoutes } from "./resources/own.ts";
import { projectRoutes } from "./resources/projects.ts";
import { roleAssignmentRoutes } from "./resources/role-assignments.ts";
import { roleRoutes } from "./resources/roles.ts";
import { userRoutes } from "./resources/users.ts";
import { tokenRoutes } from "./tokens/token-routes.ts";
import { versionRoute, versionRoutes } from "./versions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls the Identity API. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** Whether somebody may call this route of the Identity API who has shown nothing yet. */
    isPublic?: boolean;
  }
}

/** The plug-in; it names its own paths, so it is registered without a prefix. */
export function keystoneNorthbound(options: KeystoneOptions): FastifyPluginAsync {
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
          { prefix: "/v3" },
        );
      },
      { prefix: mount },
    );
  };
}

function answers(app: FastifyInstance, { logger }: KeystoneOptions): void {
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

function routes(app: FastifyInstance, options: KeystoneOptions): void {
  const { identity } = options;
  app.decorateRequest("principal");
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.isPublic !== true)
      request.principal = await identity.authenticate(request.headers, request.ip);
  });
  versionRoute(app);
  tokenRoutes(app, options);
  ownRoutes(app, options);
  projectRoutes(app, options);
  userRoutes(app, options);
  applicationCredentialRoutes(app, options);
  roleRoutes(app);
  roleAssignmentRoutes(app, options);
  fixedRoutes(app, options);
}
