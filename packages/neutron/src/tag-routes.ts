/** The tags of objects, which are set beside their other attributes. */
import { LoomstackError } from "@loomstack/core";
import type { Store } from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Attributes } from "./attributes/attribute.ts";
import { readMember } from "./attributes/body.ts";
import { tags as tagList } from "./attributes/standard.ts";
import { findVisible } from "./lookup.ts";
import { demand } from "./policy.ts";
import type { Identified, Resource } from "./resource.ts";
import { collectionUrl } from "./public-url.ts";

interface ById {
  readonly Params: { readonly id: string };
}
interface ByTag {
  readonly Params: { readonly id: string; readonly tag: string };
}

export function tagRoutes<Value extends Identified, Shown, Declared extends Attributes<Shown>>(
  app: FastifyInstance,
  store: Store,
  resource: Resource<Value, Shown, Declared>,
): void {
  const { singular, plural, tag } = resource;
  if (tag === undefined) return;
  const url = `${collectionUrl(resource)}/:id/tags`;

  const change = async (
    { caller, params }: FastifyRequest<ById>,
    wanted: (tags: readonly string[]) => readonly string[],
  ): Promise<readonly string[]> => {
    const { result } = await store.transact(async (tx) => {
      const { value, standing } = await findVisible(tx.db, caller, resource, params.id);
      demand(caller, standing, "owner", `update_${plural}_tags`);
      const tags = readMember({ tags: wanted(value.tags ?? []) }, "tags", tagList);
      await tag(tx, value, tags);
      return tags;
    });
    return result;
  };

  app.get<ById>(url, async ({ caller, params }) => {
    const { value } = await findVisible(store.db, caller, resource, params.id);
    return { tags: value.tags ?? [] };
  });
  app.put<ById>(url, async (request) => {
    const wanted = readMember(request.body, "tags", tagList);
    return { tags: await change(request, () => wanted) };
  });
  app.delete<ById>(url, async (request, reply) => {
    await change(request, () => []);
    return reply.code(204).send();
  });
  app.get<ByTag>(`${url}/:tag`, async ({ caller, params }, reply) => {
    const { value } = await findVisible(store.db, caller, resource, params.id);
    if (value.tags?.includes(params.tag) !== true) throw tagNotFound(singular, params.tag);
    return reply.code(204).send();
  });
  app.put<ByTag>(`${url}/:tag`, async (request, reply) => {
    await change(request, (tags) => [...tags, request.params.tag]);
    return reply.code(201).send();
  });
  app.delete<ByTag>(`${url}/:tag`, async (request, reply) => {
    await change(request, (tags) => {
      if (!tags.includes(request.params.tag)) throw tagNotFound(singular, request.params.tag);
      return tags.filter((each) => each !== request.params.tag);
    });
    return reply.code(204).send();
  });
}

function tagNotFound(resource: string, tag: string): LoomstackError {
  return new LoomstackError("MODEL__NOT_FOUND", { resource: "tag", id: `${tag} of the ${resource}` });
}
