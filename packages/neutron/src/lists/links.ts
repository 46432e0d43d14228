/** The links from a page to those beside it. */
import type { Query } from "./query.ts";
import type { Page } from "./selection.ts";

export interface Link {
  readonly rel: "next" | "previous";
  readonly href: string;
}

/** @param url of the list, without its query */
export function pageLinks(
  url: string,
  query: Query,
  { items, hasNext, hasPrevious }: Page<{ readonly id: string }>,
): Link[] {
  const link = (rel: Link["rel"], marker: string | undefined): Link => ({
    rel,
    href: `${url}?${search(query, rel, marker)}`,
  });
  return [
    ...(hasNext ? [link("next", items.at(-1)?.id)] : []),
    ...(hasPrevious ? [link("previous", items[0]?.id)] : []),
  ];
}

function search(query: Query, rel: Link["rel"], marker: string | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    if (name === "marker" || name === "page_reverse") continue;
    for (const value of typeof given === "string" ? [given] : (given ?? [])) parameters.append(name, value);
  }
  if (marker !== undefined) parameters.append("marker", marker);
  if (rel === "previous") parameters.append("page_reverse", "True");
  return parameters.toString();
}
