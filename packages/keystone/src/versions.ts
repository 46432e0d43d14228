/** The version documents, which anybody may read. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { publicUrl } from "./public-url.ts";

/** The version of Keystone's API of which this is a part. */
function version(request: Pick<FastifyRequest, "protocol" | "host">): object {
  return {
    ...{ id: "v3.14", status: "stable", updated: "2020-04-07T00:00:00Z" },
    links: [{ rel: "self", href: publicUrl(request, "/") }],
    "media-types": [{ base: "application/json", type: "application/vnd.openstack.identity-v3+json" }],
  };
}

export function versionRoutes(app: FastifyInstance): void {
  app.get("/", async (request, reply) => reply.code(300).send({ versions: { values: [version(request)] } }));
}

export function versionRoute(app: FastifyInstance): void {
  app.get("/", { config: { isPublic: true } }, (request) => ({ version: version(request) }));
}
