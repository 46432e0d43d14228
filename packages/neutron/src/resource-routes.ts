import { checkQuota } from "@loomstack/model";
import type { FastifyInstance } from "fastify";
import type { Attributes } from "./attributes/attribute.ts";
import { readPost, readPut } from "./attributes/body.ts";
import { isAtLeast } from "./caller.ts";
import { demandRevision } from "./if-match.ts";
import { answerList } from "./lists/answer.ts";
import { type Query, readQuery } from "./lists/query.ts";
import { findVisible, type Found } from "./lookup.ts";
import type { NeutronOptions } from "./options.ts";
import { demand, demandAttributes, tenantOf } from "./policy.ts";
import { collectionUrl } from "./public-url.ts";
import type { Identified, Resource } from "./resource.ts";
import { type Members, show } from "./show.ts";
import { tagRoutes } from "./tag-routes.ts";

interface ById {
  readonly Params: { readonly id: string };
  readonly Querystring: Query;
}

/** The routes of one resource: list, show, create one or several, update, delete. */
export function resourceRoutes<Value extends Identified, Shown, const Declared extends Attributes<Shown>>(
  app: FastifyInstance,
  { store }: Pick<NeutronOptions, "store">,
  resource: Resource<Value, Shown, Declared>,
): void {
  const { singular, plural, attributes } = resource;
  const url = collectionUrl(resource);

  const present = async (found: readonly Found<Value>[], fields: readonly string[] = []): Promise<Members[]> => {
    const values = found.map(({ value }) => value);
    const shown = await resource.present(store.db, values);
    return shown.map((each, index) => show(each, attributes, found[index]?.standing ?? "nobody", fields));
  };

  app.get<{ Querystring: Query }>(url, async (request) => {
    const query = readQuery(request.query, attributes);
    const standingOf = await resource.standings(store.db, request.caller);
    const seen = (await resource.list(store.db, query.filters)).filter((value) =>
      isAtLeast(standingOf(value), "viewer"),
    );
    const shown = await resource.present(store.db, seen);
    const items = seen.map((value, index) => {
      const { id, tags } = value;
      return { id, tags, standing: standingOf(value), shown: shown[index] as Shown };
    });
    return answerList(request, resource, query, items);
  });

  app.post(url, async ({ body, caller }, reply) => {
    const rule = `create_${singular}`;
    const { isBulk, items } = readPost(body, resource, attributes);
    const { result } = await store.transact(async (tx) => {
      const made: Found<Value>[] = [];
      // One after another, because they share a transaction and the first that is refused ends it.
      for (const item of items) {
        const tenantId = tenantOf(caller, item.values, rule);
        const standing = await resource.standingToCreate(tx.db, caller, item.values);
        demand(caller, standing, "owner", rule);
        demandAttributes(standing, item, attributes, "POST", rule);
        made.push({ value: await resource.create(tx, item.values, tenantId), standing });
        if (resource.quota) await checkQuota(tx, tenantId, resource.quota);
      }
      return made;
    });
    const objects = await present(result);
    return reply.code(201).send(isBulk ? { [plural]: objects } : { [singular]: objects[0] });
  });

  app.get<ById>(`${url}/:id`, async ({ caller, params, query }) => {
    const { fields } = readQuery({ fields: query["fields"] }, attributes);
    const found = await findVisible(store.db, caller, resource, params.id);
    return { [singular]: (await present([found], fields))[0] };
  });

  app.put<ById>(`${url}/:id`, async ({ caller, params, body, headers }) => {
    const rule = `update_${singular}`;
    const { result } = await store.transact(async (tx) => {
      const { value, standing } = await findVisible(tx.db, caller, resource, params.id);
      const item = readPut(body, resource, attributes);
      demand(caller, standing, "owner", rule);
      demandAttributes(standing, item, attributes, "PUT", rule);
      demandRevision(headers["if-match"], value);
      return { value: await resource.update(tx, value, item.values, caller), standing };
    });
    return { [singular]: (await present([result]))[0] };
  });

  app.delete<ById>(`${url}/:id`, async ({ caller, params, headers }, reply) => {
    await store.transact(async (tx) => {
      const { value, standing } = await findVisible(tx.db, caller, resource, params.id);
      demand(caller, standing, "owner", `delete_${singular}`);
      demandRevision(headers["if-match"], value);
      await resource.remove(tx, value.id);
    });
    return reply.code(204).send();
  });

  tagRoutes(app, store, resource);
}
