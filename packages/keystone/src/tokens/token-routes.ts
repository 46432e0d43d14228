import { LoomstackError } from "@loomstack/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Login } from "@loomstack/model";
import { forbidden } from "../caller.ts";
import { catalogOf } from "../catalog.ts";
import type { KeystoneOptions } from "../options.ts";
import { readTokenRequest } from "./token-request.ts";
import { showToken } from "./token.ts";

interface Asked {
  readonly Querystring: { readonly nocatalog?: string };
}

/** `/v3/auth/tokens`: who shows who they are gets a token; services ask whose one is. */
export function tokenRoutes(app: FastifyInstance, options: KeystoneOptions): void {
  const { identity } = options;
  const catalogFor = (request: FastifyRequest<Asked>): ReturnType<typeof catalogOf> | undefined =>
    request.query.nocatalog === undefined ? catalogOf(request, options) : undefined;

  app.post<Asked>("/auth/tokens", { config: { isPublic: true } }, async (request, reply) => {
    const { proof, wanted } = readTokenRequest(request.body);
    const login = await identity.logIn(proof, request.ip, wanted);
    if (login === undefined) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
    const token = await identity.issueToken(login);
    const { principal } = login;
    const shown = showToken({ ...token, principal, catalog: catalogFor(request) });
    return reply.code(201).header("x-subject-token", token.text).header("vary", "X-Auth-Token").send({ token: shown });
  });

  app.get<Asked>("/auth/tokens", async (request, reply) => {
    const { text, login } = await subjectOf(request);
    const { principal, methods, issuedAt = 0, expiresAt = 0 } = login;
    const shown = showToken({ text, principal, methods, issuedAt, expiresAt, catalog: catalogFor(request) });
    return reply.header("x-subject-token", text).header("vary", "X-Auth-Token").send({ token: shown });
  });

  app.delete("/auth/tokens", async (request, reply) => {
    const { text } = await subjectOf(request);
    await identity.revokeToken(text);
    return reply.code(204).send();
  });

  /** The token that a request is about; a user may ask about its own. */
  const subjectOf = async ({ headers, principal }: FastifyRequest): Promise<{ text: string; login: Login }> => {
    const text = headers["x-subject-token"];
    if (typeof text !== "string")
      throw new LoomstackError("KEYSTONE__MALFORMED", { where: "X-Subject-Token", reason: "is missing" });
    const login = await identity.readToken(text);
    if (login === undefined)
      throw new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "token", id: "it doesn't count" });
    if (!principal.isAdministrator && login.principal.user.id !== principal.user.id) throw forbidden("validate_token");
    return { text, login };
  };
}
