/**
 * What the functions of this folder look at: tables of an Open_vSwitch database, as a replica has them. Each function
 * declares the columns that it needs; a column that it is asked to set has to be there too, so that it can see whether
 * anything is to be done.
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Replica, ReplicaRow, SelectedTable } from "../cache/replica.ts";
import type { TableSelection } from "../monitor/selection.ts";
import { type OpenVswitch, openVswitch } from "../schema/open-vswitch.generated.ts";
import type { ColumnName, Row, TableName } from "../schema/row-types.ts";

export type OvsTable = TableName<OpenVswitch>;
export type OvsColumn<T extends OvsTable> = ColumnName<OpenVswitch, T>;

/** For each table the columns that have to be replicated. */
export type Needs = { readonly [T in OvsTable]?: readonly OvsColumn<T>[] };

/** A row with the columns that are needed, and possibly others. */
export type ObservedRow<T extends OvsTable, C extends OvsColumn<T> = never> = Pick<Row<OpenVswitch, T>, C> &
  Partial<Row<OpenVswitch, T>>;

type NeededColumns<N extends Needs, T extends OvsTable> = N[T] extends readonly (infer C)[] ? C & OvsColumn<T> : never;

/** The tables that are needed, by name. */
export type Observed<N extends Needs> = {
  readonly [T in keyof N & OvsTable]: ReadonlyMap<Uuid, ObservedRow<T, NeededColumns<N, T>>>;
};

/** The tables of a replica, by name. */
export type ReplicaTablesOf<Tables extends TableSelection<OpenVswitch>> = {
  readonly [T in SelectedTable<OpenVswitch, Tables>]: ReadonlyMap<Uuid, ReplicaRow<OpenVswitch, Tables, T>>;
};

/**
 * The tables of a replica. They stay current with it.
 *
 * @example const tables = tablesOf(await client.monitor(openVswitch, configurationSelection));
 */
export function tablesOf<const Tables extends TableSelection<OpenVswitch>>(
  replica: Replica<OpenVswitch, Tables>,
): ReplicaTablesOf<Tables> {
  const names = Object.keys(openVswitch.tables) as SelectedTable<OpenVswitch, Tables>[];
  const tables = names.map((name) => [name, replica.table(name) as ReadonlyMap<Uuid, unknown> | undefined] as const);
  // A table that wasn't selected is none of the replica's.
  return Object.fromEntries(tables.filter(([, rows]) => rows !== undefined)) as ReplicaTablesOf<Tables>;
}

/** The UUID of the one row of table Open_vSwitch. @throws OVSDB__NOT_INITIALIZED */
export function rootOf(observed: Observed<{ readonly Open_vSwitch: readonly [] }>): Uuid {
  for (const uuid of observed.Open_vSwitch.keys()) return uuid;
  throw new LoomstackError("OVSDB__NOT_INITIALIZED", { database: openVswitch.name });
}

/** The row of this name: `name` is unique in tables Bridge, Port and Interface. */
export function findNamed<R extends { readonly name: string }>(
  rows: ReadonlyMap<Uuid, R>,
  name: string,
): { readonly uuid: Uuid; readonly row: R } | undefined {
  for (const [uuid, row] of rows) if (row.name === name) return { uuid, row };
  return undefined;
}

/** The UUID and the name of the row that refers to `uuid`. */
export function findOwner<R extends { readonly name: string }>(
  rows: ReadonlyMap<Uuid, R>,
  referencesOf: (row: R) => ReadonlySet<Uuid>,
  uuid: Uuid,
): { readonly uuid: Uuid; readonly row: R } | undefined {
  for (const [owner, row] of rows) if (referencesOf(row).has(uuid)) return { uuid: owner, row };
  return undefined;
}
