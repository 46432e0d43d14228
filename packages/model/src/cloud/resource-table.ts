/**
 * The four verbs on one table of the cloud half. Every write takes the transaction that it belongs to and records its
 * change; what SQL refuses comes out as the typed error that the resource declares for that constraint.
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { Change } from "../change.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import { columnName, type Columns, type SqlValue } from "./column.ts";

type Row = Record<string, SqlValue>;
type Database = Kysely<Tables>;

export interface ResourceTable<Value extends { readonly id: Uuid }> {
  /** @throws the declared error where a constraint is violated */
  insert(tx: Tx, value: Value): Promise<Value>;
  find(db: Database, id: Uuid): Promise<Value | undefined>;
  /** @throws MODEL__NOT_FOUND */
  get(db: Database, id: Uuid): Promise<Value>;
  /** Those whose properties equal the ones given, oldest first. */
  list(db: Database, where?: Partial<Value>): Promise<readonly Value[]>;
  /** Changes the properties given; answers the object as it is now. @throws MODEL__NOT_FOUND and the declared errors */
  update(tx: Tx, id: Uuid, patch: Partial<Omit<Value, "id">>): Promise<Value>;
  /** One that isn't there is fine. @throws MODEL__IN_USE */
  remove(tx: Tx, id: Uuid): Promise<void>;
  /** The value that a row of a query of one's own keeps. */
  readonly fromRow: (row: object) => Value;
}

export interface ResourceOptions<Value> {
  /** What the object is called in messages. */
  readonly resource: string;
  readonly table: keyof Tables;
  readonly columns: Columns<Value>;
  /** By the columns of a UNIQUE constraint, in its order: the error that says so. */
  readonly conflicts?: Readonly<Record<string, (value: Value) => LoomstackError>>;
  /** How a change is told; without it, writes change no intent (bookkeeping). */
  readonly change?: (id: Uuid, before: Value | undefined, after: Value | undefined) => Change;
}

export function resourceTable<Value extends { readonly id: Uuid }>(
  options: ResourceOptions<Value>,
): ResourceTable<Value> {
  const { table, resource, columns } = options;
  const properties = Object.keys(columns) as (keyof Value & string)[];
  const rows = (db: Database): Kysely<Record<string, Row>> => db as unknown as Kysely<Record<string, Row>>;

  const toRow = (value: Partial<Value>): Row => {
    const given = properties.filter((name) => value[name] !== undefined);
    return Object.fromEntries(
      given.map((name) => [columnName(name), columns[name].toSql(value[name] as Value[typeof name])]),
    );
  };
  const fromRow = (row: object): Value => {
    const stored = row as Row;
    return Object.fromEntries(
      properties.map((name) => [name, columns[name].fromSql(stored[columnName(name)] ?? null)]),
    ) as unknown as Value;
  };
  const record = (tx: Tx, id: Uuid, before: Value | undefined, after: Value | undefined): void => {
    if (options.change !== undefined) tx.record(options.change(id, before, after));
  };
  const written = <T>(value: Value, statement: Promise<T>): Promise<T> =>
    explainViolation(statement, (violation) => {
      if (violation.kind === "unique")
        return options.conflicts?.[violation.columns.replaceAll(`${table}.`, "")]?.(value);
      return new LoomstackError("MODEL__NOT_FOUND", { resource: `object that is named by ${resource}`, id: value.id });
    });
  const removed = <T>(value: Value, statement: Promise<T>): Promise<T> =>
    explainViolation(
      statement,
      () => new LoomstackError("MODEL__IN_USE", { resource, id: value.id, user: "another object" }),
    );

  const table_: ResourceTable<Value> = {
    fromRow,
    async insert(tx, value) {
      await written(value, rows(tx.db).insertInto(table).values(toRow(value)).execute());
      record(tx, value.id, undefined, value);
      return value;
    },
    async find(db, id) {
      const row = await rows(db).selectFrom(table).selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : fromRow(row);
    },
    async get(db, id) {
      const value = await table_.find(db, id);
      if (value === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource, id });
      return value;
    },
    async list(db, where = {}) {
      let query = rows(db).selectFrom(table).selectAll();
      for (const [column, value] of Object.entries(toRow(where))) {
        query = value === null ? query.where(column, "is", null) : query.where(column, "=", value);
      }
      return (await query.orderBy("created_at").orderBy("id").execute()).map(fromRow);
    },
    async update(tx, id, patch) {
      const before = await table_.get(tx.db, id);
      const after = { ...before, ...patch };
      await written(
        after,
        rows(tx.db)
          .updateTable(table)
          .set(toRow(patch as Partial<Value>))
          .where("id", "=", id)
          .execute(),
      );
      record(tx, id, before, after);
      return after;
    },
    async remove(tx, id) {
      const before = await table_.find(tx.db, id);
      if (before === undefined) return;
      await removed(before, rows(tx.db).deleteFrom(table).where("id", "=", id).execute());
      record(tx, id, before, undefined);
    },
  };
  return table_;
}

/** The error for a name that another object of the kind has. */
export function nameTaken(resource: string): (value: { readonly name: string }) => LoomstackError {
  return (value) => new LoomstackError("CLOUD__NAME_IN_USE", { resource, name: value.name });
}

/** The halves of a change that are there. */
export function presentOf<Value>(
  before: Value | undefined,
  after: Value | undefined,
): { readonly before?: Value; readonly after?: Value } {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
