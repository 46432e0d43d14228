/**
 * Which rows a monitor replicates (ovsdb-server(7), 4.1.12). Unlike those of an operation, the conditions of a monitor
 * are alternatives: a row that satisfies any of them is replicated.
 */
import { LoomstackError } from "@loomstack/core";
import { type AnyCondition, type Condition, encodeConditions } from "../notation/condition.ts";
import type { Json } from "../notation/json.ts";
import type { TableName } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { AnyTableSelection, TableSelection } from "./selection.ts";

/**
 * For each table the alternatives: a row that satisfies any of them is replicated, none for `[]`, all for `[true]` and
 * for a table that isn't named.
 *
 * @example { Bridge: [["name", "==", "br-int"], ["name", "==", "br-ex"]], Port: [] }
 */
export type MonitorConditions<S extends DatabaseSchema, Tables extends TableSelection<S>> = {
  readonly [T in keyof Tables & TableName<S>]?: readonly Condition<S, T>[];
};

/** Conditions whose types are known no more. */
export type AnyMonitorConditions = { readonly [table: string]: readonly AnyCondition[] | undefined };

/** What is sent as `where`, by table. */
export type EncodedConditions = ReadonlyMap<string, readonly Json[]>;

/**
 * @param tables those that are replicated: others can't have conditions
 * @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE
 */
export function encodeMonitorConditions(
  schema: DatabaseSchema,
  tables: AnyTableSelection,
  where: AnyMonitorConditions,
): EncodedConditions {
  const encoded = new Map<string, readonly Json[]>();
  for (const [table, alternatives] of Object.entries(where)) {
    if (alternatives === undefined) continue;
    if (tables[table] === undefined) {
      throw new LoomstackError("OVSDB__INVALID_VALUE", { label: `where of ${table}`, reason: "it isn't monitored" });
    }
    encoded.set(table, encodeAlternatives(schema, table, alternatives));
  }
  return encoded;
}

/** A server takes no conditions at all for "every row"; none of the rows is asked for with `false`. */
function encodeAlternatives(
  schema: DatabaseSchema,
  table: string,
  alternatives: readonly AnyCondition[],
): readonly Json[] {
  return alternatives.length === 0 ? [false] : encodeConditions(schema, table, alternatives);
}
