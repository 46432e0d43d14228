/** Lists, as Keystone answers them. */
import { LoomstackError } from "@loomstack/core";
import type { FastifyRequest } from "fastify";
import { publicUrl } from "./public-url.ts";

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An object as it goes over the wire. */
export type Members = Readonly<Record<string, unknown>>;

type Asked = Pick<FastifyRequest, "protocol" | "host"> & { readonly query: unknown };

/**
 * The objects that have what the query names.
 *
 * @param filters the members by which it can be narrowed
 * @throws KEYSTONE__MALFORMED for another one: disregarding it would tell of objects that weren't asked for
 */
export function listAnswer(
  request: Asked,
  { member, path, filters }: { readonly member: string; readonly path: string; readonly filters: readonly string[] },
  objects: readonly Members[],
): Members {
  const wanted = Object.entries(request.query as Query);
  for (const [name] of wanted)
    if (!filters.includes(name))
      throw new LoomstackError("KEYSTONE__MALFORMED", { where: `?${name}`, reason: "lists can't be narrowed by it" });
  const matching = objects.filter((object) => wanted.every(([name, value]) => matches(object[name], value)));
  return { [member]: matching, links: { self: publicUrl(request, path), next: null, previous: null } };
}

function matches(value: unknown, wanted: Query[string]): boolean {
  const texts = typeof wanted === "string" ? [wanted] : (wanted ?? []);
  if (typeof value !== "boolean") return texts.includes(typeof value === "string" ? value : "");
  return texts.some((text) => !["false", "0", "no"].includes(text.toLowerCase()) === value);
}
