/** The routes of what is told to administrators and can't be changed here: list and show. */
import { LoomstackError } from "@loomstack/core";
import type { FastifyInstance } from "fastify";
import type { Attributes } from "./attributes/attribute.ts";
import type { Names } from "./attributes/body.ts";
import { answerList } from "./lists/answer.ts";
import { type Query, readQuery } from "./lists/query.ts";
import { forbidden } from "./policy.ts";
import { collectionUrl } from "./public-url.ts";
import { show } from "./show.ts";

export interface ReadOnlyResource<Shown> extends Names {
  readonly attributes: Attributes<Shown>;
  list(): Promise<readonly Shown[]>;
  /** By what a path names one. */
  readonly idOf: (shown: Shown) => string;
}

interface ById {
  readonly Params: { readonly id: string };
  readonly Querystring: Query;
}

export function readOnlyRoutes<Shown>(app: FastifyInstance, resource: ReadOnlyResource<Shown>): void {
  const { singular, plural, attributes, idOf } = resource;
  const url = collectionUrl(resource);

  app.get<{ Querystring: Query }>(url, async (request) => {
    if (!request.caller.isAdministrator) throw forbidden(`get_${singular}`);
    const listQuery = readQuery(request.query, attributes);
    const items = (await resource.list()).map((shown) => ({
      ...{ id: idOf(shown), tags: [], standing: "administrator" as const, shown },
    }));
    return answerList(request, { plural, attributes }, listQuery, items);
  });

  app.get<ById>(`${url}/:id`, async ({ caller, params, query }) => {
    if (!caller.isAdministrator) throw forbidden(`get_${singular}`);
    const { fields } = readQuery({ fields: query["fields"] }, attributes);
    const shown = (await resource.list()).find((each) => idOf(each) === params.id);
    if (shown === undefined)
      throw new LoomstackError("MODEL__NOT_FOUND", { resource: singular.replaceAll("_", " "), id: params.id });
    return { [singular]: show(shown, attributes, "administrator", fields) };
  });
}
