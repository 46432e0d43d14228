/** Narrows, sorts and cuts a list. */
import { LoomstackError } from "@loomstack/core";
import { type Attributes, isSeen } from "../attributes/attribute.ts";
import type { Standing } from "../caller.ts";
import type { ListQuery, SortKey, TagFilters } from "./query.ts";

/** An object of a list: what it is shown from, and by what it is found. */
export interface Listed<Shown> {
  readonly id: string;
  readonly tags?: readonly string[] | undefined;
  /** What the caller is to it: by what it doesn't see it finds nothing. */
  readonly standing: Standing;
  readonly shown: Shown;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/**
 * One page of those that the query wants, in its order; without a limit all of them.
 *
 * @throws NEUTRON__MALFORMED for a marker that isn't among them
 */
export function select<Shown, Item extends Listed<Shown>>(
  list: readonly Item[],
  query: ListQuery,
  attributes: Attributes<Shown>,
): Page<Item> {
  const matching = list.filter((item) => hasTags(item.tags, query.tags) && matches(item, query.filters, attributes));
  if (query.sortKeys.length > 0) matching.sort(byKeys(query.sortKeys, attributes));
  return cut(matching, query);
}

function matches<Shown>(
  { shown, standing }: Listed<Shown>,
  filters: ListQuery["filters"],
  attributes: Attributes<Shown>,
): boolean {
  for (const [name, wanted] of filters) {
    const attribute = attributes[name] ?? {};
    const { filter, show } = attribute;
    if (!isSeen(attribute, standing)) return false;
    if (typeof filter === "function") {
      if (!filter(shown, wanted)) return false;
    } else if (!isAmong(show?.(shown), wanted)) return false;
  }
  return true;
}

/** Whether a value is one of those that a client named, which may write truth values in Python's way, or as numbers. */
export function isAmong(value: unknown, wanted: readonly string[]): boolean {
  if (typeof value === "boolean") return wanted.some((text) => truth(text) === value);
  if (value === null || value === undefined) return wanted.includes("");
  return (typeof value === "string" || typeof value === "number") && wanted.includes(String(value));
}

function truth(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (["true", "t", "yes", "1"].includes(lower)) return true;
  return ["false", "f", "no", "0"].includes(lower) ? false : undefined;
}

function hasTags(tags: readonly string[] = [], { all, any, notAll, notAny }: TagFilters): boolean {
  const has = (tag: string): boolean => tags.includes(tag);
  return (
    all.every(has) &&
    (any.length === 0 || any.some(has)) &&
    (notAll.length === 0 || !notAll.every(has)) &&
    !notAny.some(has)
  );
}

function byKeys<Shown>(
  keys: readonly SortKey[],
  attributes: Attributes<Shown>,
): (one: Listed<Shown>, other: Listed<Shown>) => number {
  const readers = keys.map(({ name, isDescending }) => {
    const attribute = attributes[name] ?? {};
    const read = ({ shown, standing }: Listed<Shown>): unknown =>
      isSeen(attribute, standing) ? attribute.show?.(shown) : undefined;
    return { read, sign: isDescending ? -1 : 1 };
  });
  return (one, other) => {
    for (const { read, sign } of readers) {
      const order = compare(read(one), read(other));
      if (order !== 0) return sign * order;
    }
    return compare(one.id, other.id);
  };
}

/** Nothing comes before anything else. */
function compare(one: unknown, other: unknown): number {
  if (one === other) return 0;
  if (one === null || one === undefined) return -1;
  if (other === null || other === undefined) return 1;
  return one < other ? -1 : 1;
}

function cut<Item extends { readonly id: string }>(
  list: readonly Item[],
  { limit, marker, isReversed }: ListQuery,
): Page<Item> {
  const at = marker === undefined || marker === "" ? undefined : list.findIndex(({ id }) => id === marker);
  if (at === -1)
    throw new LoomstackError("NEUTRON__MALFORMED", {
      reason: `The marker ${String(marker)} is no object of this list`,
    });
  if (limit === 0) return { items: list, hasNext: false, hasPrevious: false };
  const rest = isReversed ? list.slice(0, at ?? list.length) : list.slice(at === undefined ? 0 : at + 1);
  const items = isReversed ? rest.slice(Math.max(0, rest.length - limit)) : rest.slice(0, limit);
  const isCut = rest.length > items.length;
  return isReversed
    ? { items, hasNext: at !== undefined, hasPrevious: isCut }
    : { items, hasNext: isCut, hasPrevious: at !== undefined };
}
