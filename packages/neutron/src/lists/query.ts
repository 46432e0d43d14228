/** The query of a list, read by the declarations of attributes: which objects, in which order, how much of them. */
import { LoomstackError } from "@loomstack/core";
import type { Attribute, Attributes } from "../attributes/attribute.ts";

/** As the HTTP server parsed it. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SortKey {
  readonly name: string;
  readonly isDescending: boolean;
}

export interface ListQuery {
  /** By attribute, the values of which an object has to have one. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
  readonly tags: TagFilters;
  /** The members that answers have; all where there are none. */
  readonly fields: readonly string[];
  readonly sortKeys: readonly SortKey[];
  /** How many at most; 0: all. */
  readonly limit: number;
  /** The id of the last object that the client has seen. */
  readonly marker: string | undefined;
  /** Whether the page before the marker is wanted. */
  readonly isReversed: boolean;
}

/** Tags that objects have all of, any of, not all of, or none of. */
export interface TagFilters {
  readonly all: readonly string[];
  readonly any: readonly string[];
  readonly notAll: readonly string[];
  readonly notAny: readonly string[];
}

const reserved = new Set([
  "fields",
  "sort_key",
  "sort_dir",
  "limit",
  "marker",
  "page_reverse",
  "tags",
  "tags-any",
  "not-tags",
  "not-tags-any",
]);

/** @throws NEUTRON__MALFORMED for what isn't an attribute to filter or sort by, and for a limit that is no number */
export function readQuery(query: Query, attributes: Attributes<never>): ListQuery {
  return {
    filters: readFilters(query, attributes),
    tags: {
      all: tagsOf(query, "tags"),
      any: tagsOf(query, "tags-any"),
      notAll: tagsOf(query, "not-tags"),
      notAny: tagsOf(query, "not-tags-any"),
    },
    fields: valuesOf(query["fields"]).filter((name) => name !== ""),
    sortKeys: readSortKeys(query, attributes),
    limit: readLimit(valuesOf(query["limit"])[0]),
    marker: valuesOf(query["marker"])[0],
    isReversed: valuesOf(query["page_reverse"])[0]?.toLowerCase() === "true",
  };
}

function readFilters(query: Query, attributes: Attributes<never>): Map<string, readonly string[]> {
  const filters = new Map<string, readonly string[]>();
  const invalid: string[] = [];
  for (const [name, given] of Object.entries(query)) {
    if (reserved.has(name)) continue;
    const known = name === "project_id" ? "tenant_id" : name;
    if (known !== name && query[known] !== undefined)
      throw malformed("Both tenant_id and project_id passed as filters.");
    if (isFilter(attributes, known)) filters.set(known, valuesOf(given));
    else invalid.push(name);
  }
  if (invalid.length > 0) throw malformed(`${quoted(invalid)} is invalid attribute for filtering`);
  return filters;
}

function readSortKeys(query: Query, attributes: Attributes<never>): SortKey[] {
  const names = valuesOf(query["sort_key"]).filter((name) => name !== "");
  const directions = valuesOf(query["sort_dir"]).filter((direction) => direction !== "");
  if (names.length !== directions.length && directions.length > 0)
    throw malformed("The number of sort_keys and sort_dirs must be same");
  const known = names.map((name) => (name === "project_id" ? "tenant_id" : name));
  const invalid = known.filter((name) => !isSortKey(attributes, name));
  if (invalid.length > 0) throw malformed(`${quoted(invalid)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((direction) => direction !== "asc" && direction !== "desc");
  if (wrong.length > 0)
    throw malformed(`${quoted(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
  return known.map((name, index) => ({ name, isDescending: directions[index] === "desc" }));
}

function readLimit(text = "0"): number {
  if (!/^\d{1,9}$/.test(text))
    throw malformed(`Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`);
  return Number(text);
}

function attributeOf(attributes: Attributes<never>, name: string): Attribute<never> | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function isFilter(attributes: Attributes<never>, name: string): boolean {
  const attribute = attributeOf(attributes, name);
  if (attribute === undefined || attribute.filter === false) return false;
  return attribute.filter !== undefined || attribute.show !== undefined;
}

function isSortKey(attributes: Attributes<never>, name: string): boolean {
  const attribute = attributeOf(attributes, name);
  return attribute?.isSortKey ?? (attribute?.show !== undefined && attribute.filter === undefined);
}

function tagsOf(query: Query, name: string): readonly string[] {
  return valuesOf(query[name]).flatMap((text) => text.split(","));
}

function valuesOf(given: string | readonly string[] | undefined): readonly string[] {
  return typeof given === "string" ? [given] : (given ?? []);
}

function quoted(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(", ")}]`;
}

function malformed(reason: string): LoomstackError {
  return new LoomstackError("NEUTRON__MALFORMED", { reason });
}
