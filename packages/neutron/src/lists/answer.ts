/** Answers a list: of what the caller sees, what the query wants. */
import type { FastifyRequest } from "fastify";
import type { Attributes } from "../attributes/attribute.ts";
import type { Names } from "../attributes/body.ts";
import { collectionUrl, publicUrl } from "../public-url.ts";
import { show } from "../show.ts";
import { pageLinks } from "./links.ts";
import type { ListQuery, Query } from "./query.ts";
import { type Listed, select } from "./selection.ts";

/** @param query what `readQuery` has read of the request's */
export function answerList<Shown>(
  request: Pick<FastifyRequest<{ Querystring: Query }>, "query" | "protocol" | "host">,
  { plural, attributes }: Pick<Names, "plural"> & { readonly attributes: Attributes<Shown> },
  query: ListQuery,
  items: readonly Listed<Shown>[],
): Readonly<Record<string, unknown>> {
  const page = select(items, query, attributes);
  const objects = page.items.map(({ shown, standing }) => show(shown, attributes, standing, query.fields));
  const url = publicUrl(request, `/v2.0${collectionUrl({ plural })}`);
  const links = query.limit === 0 ? [] : pageLinks(url, request.query, page);
  return { [plural]: objects, ...(links.length > 0 && { [`${plural}_links`]: links }) };
}
