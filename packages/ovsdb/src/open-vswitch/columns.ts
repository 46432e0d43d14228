import { LoomstackError, type Uuid } from "@loomstack/core";
import { canonicalInteger } from "../notation/atom.ts";
import { stringifyJson } from "../notation/json.ts";
import { insert, mutate, type Operation, update, wait } from "../notation/operation.ts";
import type { Mutation } from "../notation/mutation.ts";
import { namedUuid, type NamedUuid } from "../notation/uuid.ts";
import { type ColumnValue, valuesEqual } from "../notation/value.ts";
import { type OpenVswitch, openVswitch } from "../schema/open-vswitch.generated.ts";
import type { RowInput, RowPatch } from "../schema/row-types.ts";
import type { OvsColumn, OvsTable } from "./observed.ts";

/** Columns whose keys belong to several programs: each key is its own setting. */
const sharedMaps = ["external_ids", "other_config", "bfd", "lldp"] as const;
type SharedMap = (typeof sharedMaps)[number];

/**
 * What columns of a row are to hold. A column that isn't given stays as it is; `undefined` empties it. In `external_ids`,
 * `other_config`, `bfd` and `lldp` the keys that are given get their value, or go when it is `undefined`; other keys stay.
 */
export type Settings<T extends OvsTable, C extends OvsColumn<T>> = {
  readonly [N in C & keyof RowPatch<OpenVswitch, T>]?: N extends SharedMap
    ? ReadonlyMap<string, string | undefined>
    : RowPatch<OpenVswitch, T>[N];
};

/** Settings whose types are known no more. */
export type AnySettings = Readonly<Record<string, unknown>>;
type AnyRow = Readonly<Record<string, unknown>>;

/**
 * What turns `row` into what the settings say: at most one update and one mutation; none when it is so already.
 *
 * @throws OVSDB__NOT_OBSERVED when a column isn't replicated, OVSDB__INVALID_VALUE
 */
export function changeRow(table: OvsTable, uuid: Uuid, row: AnyRow, settings: AnySettings): Operation[] {
  const patch = new Map<string, unknown>();
  const mutations: (readonly [string, "delete" | "insert", unknown])[] = [];
  for (const [column, given] of Object.entries(settings)) {
    if (!Object.hasOwn(row, column)) {
      throw new LoomstackError("OVSDB__NOT_OBSERVED", { label: `${table}.${column}` });
    }
    const present = row[column];
    if (isSharedMap(column)) mutations.push(...mapMutations(column, present, given));
    else if (!valuesEqual(present as ColumnValue, canonical(given) as ColumnValue)) patch.set(column, given);
  }
  const where = [["_uuid", "==", uuid]] as const;
  return [
    ...(patch.size === 0 ? [] : [update(openVswitch, table, where, Object.fromEntries(patch))]),
    ...(mutations.length === 0
      ? []
      : [mutate(openVswitch, table, where, mutations as Mutation<OpenVswitch, OvsTable>[])]),
  ];
}

/** Makes a row, which the same transaction can refer to. @throws OVSDB__INVALID_VALUE */
export function makeRow(table: OvsTable, name: NamedUuid, settings: AnySettings): Operation {
  const columns = Object.entries(settings).map(
    ([column, given]) => [column, isSharedMap(column) ? givenEntries(given) : given] as const,
  );
  return insert(openVswitch, table, Object.fromEntries(columns), { uuidName: name });
}

/**
 * Lets the transaction go on only while the row is there and holds these values, so that what was observed still
 * counts: otherwise OVSDB__TIMED_OUT.
 */
export function guardRow<T extends OvsTable, const C extends OvsColumn<T>>(
  table: T,
  uuid: Uuid,
  values: Pick<RowInput<OpenVswitch, T>, C>,
): Operation {
  const columns = Object.keys(values) as C[];
  return wait(openVswitch, table, [["_uuid", "==", uuid]], columns, "==", [values]);
}

/** The operations with a guard before them; no guard where there is nothing to do. */
export function guarded(guard: Operation, operations: readonly Operation[]): Operation[] {
  return operations.length === 0 ? [] : [guard, ...operations];
}

/**
 * The same operations for one transaction, the guards before all others: so what one plan changes isn't taken for a
 * change by somebody else. For plans that were made from the same tables and are to be carried out together.
 */
export function guardsFirst(operations: readonly Operation[]): Operation[] {
  const guards = new Map<string, Operation>();
  const others: Operation[] = [];
  for (const operation of operations) {
    if (operation.json["op"] === "wait") guards.set(stringifyJson(operation.json), operation);
    else others.push(operation);
  }
  return [...guards.values(), ...others];
}

/** A uuid-name that no other object has: of the table and of what names the row in it. */
export function rowName(table: OvsTable, ...keys: readonly (string | number)[]): NamedUuid {
  const escaped = keys.map((key) =>
    String(key).replace(/[^A-Za-z0-9]/gu, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`),
  );
  return namedUuid([table, ...escaped].join("__"));
}

/** The settings of a row without what names it. */
export function without<S extends object, K extends keyof S>(settings: S, ...keys: readonly K[]): Omit<S, K> {
  const left: Partial<S> = { ...settings };
  for (const key of keys) Reflect.deleteProperty(left, key);
  return left as Omit<S, K>;
}

/** `insert` leaves keys that are there as they are: those that change are deleted first. */
function mapMutations(
  column: string,
  present: unknown,
  given: unknown,
): (readonly [string, "delete" | "insert", unknown])[] {
  const before = present instanceof Map ? (present as ReadonlyMap<unknown, unknown>) : new Map<unknown, unknown>();
  const wanted = given instanceof Map ? [...(given as ReadonlyMap<unknown, unknown>)] : [];
  const differing = wanted.filter(([key, value]) => before.get(key) !== value);
  const deleted = new Set(differing.map(([key]) => key).filter((key) => before.has(key)));
  const inserted = new Map(differing.filter(([, value]) => value !== undefined));
  return [
    ...(deleted.size === 0 ? [] : [[column, "delete", deleted] as const]),
    ...(inserted.size === 0 ? [] : [[column, "insert", inserted] as const]),
  ];
}

function givenEntries(given: unknown): unknown {
  if (!(given instanceof Map)) return given;
  return new Map([...(given as ReadonlyMap<unknown, unknown>)].filter(([, value]) => value !== undefined));
}

/** An integer may be given as a bigint where a number holds it exactly. */
function canonical(value: unknown): unknown {
  return typeof value === "bigint" ? canonicalInteger(value) : value;
}

function isSharedMap(column: string): column is SharedMap {
  return (sharedMaps as readonly string[]).includes(column);
}
