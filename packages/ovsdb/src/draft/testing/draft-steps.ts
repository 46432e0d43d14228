/** Random steps for drafts. */
import fc from "fast-check";
import type { Mutation } from "../../notation/mutation.ts";
import type { RowPatch } from "../../schema/row-types.ts";
import type { Draft, RowId } from "../draft.ts";
import type { Drafts, Selected } from "./drafts-schema.ts";

/** What is done to a draft. Rows are meant by their place among those that are there. */
export type Step =
  | { readonly kind: "insert"; readonly row: RowPatch<Drafts, "Item">; readonly friend: number }
  | { readonly kind: "update"; readonly at: number; readonly row: RowPatch<Drafts, "Item">; readonly friend?: number }
  | { readonly kind: "mutate"; readonly at: number; readonly mutations: readonly Mutation<Drafts, "Item">[] }
  | { readonly kind: "befriend"; readonly at: number; readonly friend: number; readonly isFriend: boolean }
  | { readonly kind: "delete"; readonly at: number };

const small = fc.integer({ min: -3, max: 3 });
const word = fc.constantFrom("", "a", "b", "ü");
const words = fc.uniqueArray(word, { maxLength: 3 }).map((all) => new Set(all));
const numbers = (least: number, most: number) =>
  fc.uniqueArray(small, { minLength: least, maxLength: most }).map((all) => new Set(all));
const pairs = (most: number) =>
  fc.uniqueArray(fc.tuple(word, word), { maxLength: most, selector: ([key]) => key }).map((all) => new Map(all));

export const patch: fc.Arbitrary<RowPatch<Drafts, "Item">> = fc.record(
  {
    count: fc.oneof(small, fc.constant(2n ** 62n)),
    level: fc.constantFrom(0, 0.5, -2.25),
    note: fc.option(word, { nil: undefined }),
    limit: fc.option(small, { nil: undefined }),
    tags: words,
    numbers: numbers(0, 3),
    some: numbers(1, 3),
    pair: numbers(1, 2),
    labels: pairs(3),
    mark: pairs(1),
    hidden: fc.constant(new Map([["h", 1]])),
    ghost: small,
  },
  { requiredKeys: [] },
);
const divisor = fc.constantFrom(-2, 1, 3);
export const mutation: fc.Arbitrary<Mutation<Drafts, "Item">> = fc.oneof(
  fc.tuple(fc.constantFrom("count", "limit", "numbers", "ghost"), fc.constantFrom("+=", "-="), small),
  fc.tuple(fc.constantFrom("count", "limit"), fc.constantFrom("*=", "/=", "%="), divisor),
  fc.tuple(fc.constant("level"), fc.constantFrom("+=", "-=", "*=", "/="), fc.constantFrom(0.5, 2)),
  fc.tuple(fc.constant("tags"), fc.constantFrom("insert", "delete"), words),
  fc.tuple(fc.constant("numbers"), fc.constantFrom("insert", "delete"), numbers(0, 3)),
  fc.tuple(fc.constant("some"), fc.constant("insert"), numbers(1, 2)),
  fc.tuple(fc.constant("labels"), fc.constantFrom("insert", "delete"), pairs(3)),
  fc.tuple(fc.constant("labels"), fc.constant("delete"), words),
  fc.tuple(fc.constant("mark"), fc.constant("delete"), words),
  fc.tuple(fc.constant("hidden"), fc.constantFrom("insert", "delete"), fc.constant(new Map([["g", 2]]))),
);
export const at = fc.nat(5);
export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("insert"), row: patch, friend: at }),
  fc.record({ kind: fc.constant("update"), at, row: patch }),
  fc.record({ kind: fc.constant("mutate"), at, mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant("befriend"), at, friend: at, isFriend: fc.boolean() }),
  fc.record({ kind: fc.constant("delete"), at }),
);

/** What a row can't be without. */
export const needed = { some: new Set([0]), pair: new Set([0]) } as const;

/** @throws OVSDB__INVALID_VALUE when the draft refuses it */
export function take(draft: Draft<Drafts, Selected>, does: Step): void {
  const items = draft.table("Item");
  const ids = [...items.keys()];
  const place = (n: number): RowId | undefined => ids[n % Math.max(ids.length, 1)];
  if (does.kind === "insert") {
    const friend = place(does.friend);
    const name = `item ${items.size}`;
    draft.insert("Item", { ...needed, ...does.row, name, friends: new Set(friend === undefined ? [] : [friend]) });
    return;
  }
  const id = place(does.at);
  if (id === undefined) return;
  if (does.kind === "update") draft.update("Item", id, does.row);
  if (does.kind === "mutate") draft.mutate("Item", id, does.mutations);
  if (does.kind === "befriend") {
    const friend = place(does.friend) ?? id;
    draft.mutate("Item", id, [["friends", does.isFriend ? "insert" : "delete", new Set([friend])]]);
  }
  // A reference to a row that isn't there any more would be refused.
  const isReferredTo = [...items].some(([other, { friends }]) => other !== id && friends.has(id));
  if (does.kind === "delete" && !isReferredTo) draft.delete("Item", id);
}
