/**
 * What a draft writes to one column of a row that exists. A set or a map that is read is written element by element: the
 * elements that others write meanwhile, before the transaction or between it and us, stay.
 */
import type { MonitoredColumn } from "../monitor/selection.ts";
import type { Atom } from "../notation/atom.ts";
import type { AnyMutation } from "../notation/mutation.ts";
import { type ColumnValue, shapeOf, valuesEqual } from "../notation/value.ts";
import { type Elements, elementsOf, valueOf } from "./elements.ts";
import type { MutationEffect } from "./mutation-effect.ts";

export type PendingColumn =
  /** A new value, whatever the old one is. */
  | { readonly kind: "assigned"; readonly value: ColumnValue }
  /** A value that depends on the old one. */
  | { readonly kind: "mutated"; readonly mutations: readonly EffectiveMutation[] }
  /** Elements of a set, or pairs of a map, that are written, and those that are taken out. */
  | { readonly kind: "elements"; readonly put: Elements; readonly gone: ReadonlySet<Atom> };

export interface EffectiveMutation {
  readonly mutation: AnyMutation;
  readonly effect: MutationEffect;
}

/** What is to be sent for a column. */
export type ColumnWrite =
  | { readonly kind: "nothing" }
  | { readonly kind: "update"; readonly value: ColumnValue }
  | { readonly kind: "mutate"; readonly mutations: readonly AnyMutation[] };

/** What the column holds when `pending` is done to `base`. @throws OVSDB__INVALID_VALUE */
export function valueAfter(
  { column, label }: MonitoredColumn,
  pending: PendingColumn | undefined,
  base: ColumnValue,
): ColumnValue {
  if (pending === undefined) return base;
  if (pending.kind === "assigned") return pending.value;
  if (pending.kind === "mutated") return pending.mutations.reduce((value, { effect }) => effect(value), base);
  const kept = [...elementsOf(base)].filter(([key]) => !pending.gone.has(key));
  return valueOf(column, new Map([...kept, ...pending.put]), label);
}

/** @param shown what the draft shows in the column so far; undefined when the column isn't read */
export function assigned(
  column: MonitoredColumn,
  pending: PendingColumn | undefined,
  shown: { readonly value: ColumnValue } | undefined,
  value: ColumnValue,
): PendingColumn {
  const isByElement = shown !== undefined && hasElements(column) && (pending?.kind ?? "elements") === "elements";
  if (!isByElement) return { kind: "assigned", value };
  const [old, next] = [elementsOf(shown.value), elementsOf(value)];
  const put = [...next].filter(([key, held]) => !old.has(key) || old.get(key) !== held);
  const gone = [...old.keys()].filter((key) => !next.has(key));
  const earlier = pending?.kind === "elements" ? pending : { put: [], gone: [] };
  return {
    kind: "elements",
    put: new Map([...[...earlier.put].filter(([key]) => next.has(key)), ...put]),
    gone: new Set([...[...earlier.gone].filter((key) => !next.has(key)), ...gone]),
  };
}

/** @param shown as for `assigned` @throws OVSDB__INVALID_VALUE */
export function mutated(
  column: MonitoredColumn,
  pending: PendingColumn | undefined,
  shown: { readonly value: ColumnValue } | undefined,
  mutation: EffectiveMutation,
): PendingColumn {
  if (pending?.kind === "assigned") return { kind: "assigned", value: mutation.effect(pending.value) };
  const [, mutator] = mutation.mutation;
  // Whoever sees the value learns now that the mutation is impossible.
  const value = shown && mutation.effect(shown.value);
  const isOfElements = mutator === "insert" || mutator === "delete";
  const isByElement = isOfElements && shown !== undefined && hasElements(column) && pending?.kind !== "mutated";
  if (isByElement) return assigned(column, pending, shown, value);
  if (pending?.kind === "elements" && shown !== undefined) return { kind: "assigned", value };
  return { kind: "mutated", mutations: [...(pending?.kind === "mutated" ? pending.mutations : []), mutation] };
}

/**
 * The least that makes of `base` what the draft shows.
 *
 * @param base what the column holds; undefined when it isn't read
 */
export function writeOf(
  column: MonitoredColumn,
  pending: PendingColumn,
  base: { readonly value: ColumnValue } | undefined,
): ColumnWrite {
  if (base !== undefined && valuesEqual(valueAfter(column, pending, base.value), base.value)) {
    return { kind: "nothing" };
  }
  if (pending.kind === "assigned") return { kind: "update", value: pending.value };
  if (pending.kind === "mutated") {
    return { kind: "mutate", mutations: pending.mutations.map(({ mutation }) => mutation) };
  }
  const value = base?.value;
  const mutations = elementMutations(column, pending, elementsOf(value));
  return mutations === undefined
    ? { kind: "update", value: valueAfter(column, pending, value) }
    : { kind: "mutate", mutations };
}

/** Whether the server lets elements of the column be inserted and deleted one by one. */
function hasElements({ column, serverColumn = column }: MonitoredColumn): boolean {
  const shape = shapeOf(column);
  return (shape === "set" || shape === "map") && serverColumn.max !== 1;
}

/**
 * A server counts elements after each mutation, so their order counts.
 *
 * @returns undefined when no order keeps to the count that the column may have
 */
function elementMutations(
  { name, column, serverColumn = column }: MonitoredColumn,
  { put, gone }: { readonly put: Elements; readonly gone: ReadonlySet<Atom> },
  base: Elements,
): readonly AnyMutation[] | undefined {
  const isMap = column.value !== undefined;
  const added = new Map([...put].filter(([key, value]) => !base.has(key) || base.get(key) !== value));
  // An insert leaves a key of a map that is there as it is.
  const removed = new Set([...gone, ...added.keys()].filter((key) => base.has(key)));
  const insertion: AnyMutation = [name, "insert", isMap ? added : new Set(added.keys())];
  const deletion: AnyMutation = [name, "delete", removed];
  if (removed.size === 0) return [insertion];
  if (added.size === 0) return [deletion];
  if (base.size - removed.size >= serverColumn.min) return [deletion, insertion];
  const fits = serverColumn.max === "unlimited" || base.size + added.size <= serverColumn.max;
  return fits && !isMap ? [insertion, deletion] : undefined;
}
