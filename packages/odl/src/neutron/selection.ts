import { LoomstackError } from "@loomstack/core";
import type { Members } from "./resource.ts";

/** The query of a list as the HTTP server parsed it. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Paging that Hydrogen knows and disregards, and so do we: a list is always whole. */
const disregarded = new Set(["limit", "marker", "page_reverse"]);

/**
 * Narrows a list: `?name=a&name=b` keeps objects whose name is one of these, `?fields=id&fields=name` keeps these
 * members of each.
 *
 * @param known the members that can be asked for
 * @throws NORTHBOUND__MALFORMED for another one: disregarding it would tell a client of objects that it didn't ask for
 */
export function select(
  objects: readonly Members[],
  { fields, ...rest }: Query,
  known: readonly string[],
): readonly Members[] {
  const filters = Object.entries(rest)
    .filter(([name]) => !disregarded.has(name))
    .map(([name, wanted]) => [name === "router_external" ? "router:external" : name, valuesOf(wanted)] as const);
  for (const [name] of filters) {
    if (!known.includes(name))
      throw new LoomstackError("NORTHBOUND__MALFORMED", { where: `?${name}`, reason: "lists can't be filtered by it" });
  }
  const matching = objects.filter((object) => filters.every(([name, wanted]) => wanted.includes(String(object[name]))));
  const kept = valuesOf(fields).filter((name) => name !== "");
  return kept.length === 0
    ? matching
    : matching.map((object) => Object.fromEntries(kept.map((name) => [name, object[name]])));
}

function valuesOf(given: string | readonly string[] | undefined): readonly string[] {
  return typeof given === "string" ? [given] : (given ?? []);
}
