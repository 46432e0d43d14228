/** The documents that tell clients what is here. */
import type { FastifyInstance } from "fastify";
import { publicUrl } from "./public-url.ts";

/** Which versions there are, which anybody may read. */
export function versionRoutes(app: FastifyInstance): void {
  app.get("/", (request) => ({
    versions: [{ id: "v2.0", status: "CURRENT", links: [{ rel: "self", href: publicUrl(request, "/v2.0/") }] }],
  }));
}

/** Which collections v2.0 has. */
export function collectionRoutes(app: FastifyInstance, collections: readonly string[]): void {
  app.get("/", (request) => ({
    resources: collections.map((collection) => ({
      name: collection.replace(/s$/, ""),
      collection,
      links: [{ rel: "self", href: publicUrl(request, `/v2.0/${collection}`) }],
    })),
  }));
}
