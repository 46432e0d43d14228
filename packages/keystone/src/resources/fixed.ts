/** What there is one of, or what the server itself decides: the domain, the region, services and their endpoints. */
import { LoomstackError } from "@loomstack/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { catalogOf, region } from "../catalog.ts";
import { domain } from "../domain.ts";
import { listAnswer, type Members } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";

type Asked = Pick<FastifyRequest, "protocol" | "host">;

interface Collection {
  readonly singular: string;
  readonly plural: string;
  readonly filters: readonly string[];
  readonly list: (request: Asked) => readonly (Members & { readonly id: string })[];
}

/** `/v3/domains`, `/v3/regions`, `/v3/services`, `/v3/endpoints`: to look at. */
export function fixedRoutes(app: FastifyInstance, options: KeystoneOptions): void {
  for (const { singular, plural, filters, list } of collections(options)) {
    const shown = (request: Asked): readonly (Members & { readonly id: string })[] =>
      list(request).map((each) => ({ ...each, links: { self: publicUrl(request, `/${plural}/${each.id}`) } }));
    app.get(`/${plural}`, (request) =>
      listAnswer(request, { member: plural, path: `/${plural}`, filters }, shown(request)),
    );
    app.get<{ Params: { id: string } }>(`/${plural}/:id`, (request) => {
      const found = shown(request).find(({ id }) => id === request.params.id);
      if (found) return { [singular]: found };
      throw new LoomstackError("KEYSTONE__NOT_FOUND", { resource: singular, id: request.params.id });
    });
  }
}

function collections(options: KeystoneOptions): readonly Collection[] {
  return [
    {
      ...{ singular: "domain", plural: "domains", filters: ["name", "enabled"] },
      list: () => [{ ...domain, description: "The one domain.", enabled: true, options: {}, tags: [] }],
    },
    {
      ...{ singular: "region", plural: "regions", filters: [] },
      list: () => [{ id: region, description: "", parent_region_id: null }],
    },
    {
      ...{ singular: "service", plural: "services", filters: ["type", "name"] },
      list: (request) =>
        catalogOf(request, options).map(({ endpoints: _, ...service }) => ({
          ...service,
          ...{ description: "", enabled: true },
        })),
    },
    {
      ...{ singular: "endpoint", plural: "endpoints", filters: ["interface", "service_id", "region_id"] },
      list: (request) =>
        catalogOf(request, options).flatMap(({ id: service_id, endpoints }) =>
          endpoints.map((endpoint) => ({ ...endpoint, service_id, enabled: true })),
        ),
    },
  ];
}
