import { isUuid, LoomstackError, parseUuid, preferredWaitSec, type Uuid } from "@loomstack/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { OdlOptions } from "../options.ts";
import { eitherSlash } from "../paths.ts";
import { withTimeLimit } from "../time-limit.ts";
import { parseChange, parseCreation } from "./envelope.ts";
import type { Members, Resource } from "./resource.ts";
import { type Query, select } from "./selection.ts";

interface ById {
  readonly Params: { readonly id: string };
}

/** The routes of one resource: list, show, create one or several, update, delete. */
export function resourceRoutes<Value, New, Patch>(
  app: FastifyInstance,
  options: OdlOptions,
  resource: Resource<Value, New, Patch>,
): void {
  const { store } = options;
  const { singular, plural } = resource;
  const show = async (value: Value): Promise<Members> => (await resource.present(store.db, [value]))[0] ?? {};

  for (const url of eitherSlash(`/neutron/${plural}`)) {
    app.get<{ Querystring: Query }>(url, async ({ query }) => {
      const objects = await resource.present(store.db, await resource.list(store.db));
      return { [plural]: select(objects, query, resource.filters) };
    });
    app.post(url, async ({ body }, reply) => {
      const { bulk, wanted } = parseCreation(body, resource, resource.creation);
      const { result } = await store.transact((tx) => inOrder(wanted, (each) => resource.create(tx, each)));
      const objects = await resource.present(store.db, result);
      return reply.code(201).send(bulk ? { [plural]: objects } : { [singular]: objects[0] });
    });
  }

  for (const url of eitherSlash(`/neutron/${plural}/:id`)) {
    app.get<ById>(url, async (request, reply) => {
      const id = idOf(request, resource);
      const found = await resource.get(store.db, id);
      await waitIfPreferred(options, (signal) => resource.settled(found, signal), request, reply);
      return { [singular]: await show(await resource.get(store.db, id)) };
    });
    app.put<ById>(url, async (request) => {
      const id = idOf(request, resource);
      // Whether it exists is what a client hears first, as from Hydrogen.
      await resource.get(store.db, id);
      const patch = parseChange(request.body, resource, resource.change);
      const { result } = await store.transact((tx) => resource.update(tx, id, patch));
      return { [singular]: await show(result) };
    });
    app.delete<ById>(url, async (request, reply) => {
      const id = idOf(request, resource);
      await store.transact((tx) => resource.remove(tx, id));
      return reply.code(204).send();
    });
  }
}

/** What isn't a UUID is no object's id. @throws MODEL__NOT_FOUND */
function idOf(request: FastifyRequest<ById>, { singular }: { readonly singular: string }): Uuid {
  const id = request.params.id.toLowerCase();
  if (!isUuid(id)) throw new LoomstackError("MODEL__NOT_FOUND", { resource: singular, id: request.params.id });
  return parseUuid(id);
}

/** Honours `Prefer: wait`, and says so (RFC 7240 section 3); gives up when the client goes away. */
async function waitIfPreferred(
  { clock }: OdlOptions,
  settled: (signal: AbortSignal) => Promise<unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const waitSec = preferredWaitSec(request.headers.prefer);
  if (waitSec === undefined) return;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  reply.raw.once("close", leave);
  try {
    await withTimeLimit(clock, waitSec * 1000, settled, gone.signal);
  } finally {
    reply.raw.off("close", leave);
  }
  void reply.header("preference-applied", `wait=${waitSec}`);
}

/** One after another, because they share a transaction and the first that is refused ends it. */
async function inOrder<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
