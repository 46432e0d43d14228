/** What a commit makes sure of (RFC 7047, 3.2, 4.1.3): references, the lives of rows, indexes, and numbers of rows. */
import { isUuid, type Uuid } from "@loomstack/core";
import type { BaseType, ColumnSchema, ColumnValue, DatabaseSchema, TableSchema } from "@loomstack/ovsdb";
import type { Draft, StoredRow } from "./draft.ts";
import { type Elements, elementsOf, failure, valueOf } from "./elements.ts";

/** @throws OVSDB__OPERATION_FAILED */
export function enforceIntegrity(schema: DatabaseSchema, draft: Draft): void {
  collectGarbage(schema, draft);
  for (const [name, table] of Object.entries(schema.tables)) {
    for (const [uuid, row] of draft.rows(name)) enforceReferences(draft, name, table, uuid, row);
    enforceCount(name, table, draft.rows(name).size);
    for (const index of table.indexes ?? []) enforceIndex(name, index, draft.rows(name));
  }
}

interface Reference {
  readonly table: string;
  readonly uuid: Uuid;
  readonly isStrong: boolean;
}

function referencesOf(column: ColumnSchema, value: ColumnValue): readonly Reference[] {
  return [...elementsOf(value)].flatMap(([key, held]) => [
    ...referenceOf(column.key, key),
    ...referenceOf(column.value, held),
  ]);
}

function referenceOf(type: BaseType | undefined, atom: unknown): readonly Reference[] {
  if (type?.refTable === undefined || typeof atom !== "string" || !isUuid(atom)) return [];
  return [{ table: type.refTable, uuid: atom, isStrong: type.refType !== "weak" }];
}

/** Rows of tables that aren't roots live as long as a root row reaches them. */
function collectGarbage(schema: DatabaseSchema, draft: Draft): void {
  const reached = new Set<string>();
  const open = Object.entries(schema.tables).flatMap(([table, { isRoot }]) =>
    isRoot ? Array.from(draft.rows(table).keys(), (uuid) => ({ table, uuid })) : [],
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { table, uuid } = next;
    const row = draft.rows(table).get(uuid);
    if (row === undefined || reached.has(uuid)) continue;
    reached.add(uuid);
    const columns = Object.entries(schema.tables[table]?.columns ?? {});
    open.push(
      ...columns.flatMap(([name, column]) => referencesOf(column, row[name])).filter(({ isStrong }) => isStrong),
    );
  }
  for (const table of Object.keys(schema.tables)) {
    for (const uuid of [...draft.rows(table).keys()]) if (!reached.has(uuid)) draft.delete(table, uuid);
  }
}

function enforceReferences(draft: Draft, name: string, table: TableSchema, uuid: Uuid, row: StoredRow): void {
  for (const [columnName, column] of Object.entries(table.columns)) {
    const dangling = referencesOf(column, row[columnName]).filter(
      (reference) => !draft.rows(reference.table).has(reference.uuid),
    );
    const strong = dangling.find(({ isStrong }) => isStrong);
    const label = `${name}.${columnName}`;
    if (strong !== undefined) {
      throw failure(
        "referential integrity violation",
        `${label} of ${uuid} refers to ${strong.uuid}, which is not in ${strong.table}`,
      );
    }
    if (dangling.length === 0) continue;
    const gone = new Set<unknown>(dangling.map((reference) => reference.uuid));
    const elements: Elements = new Map(
      [...elementsOf(row[columnName])].filter(([key, value]) => !gone.has(key) && !gone.has(value)),
    );
    draft.put(name, uuid, { ...draft.rows(name).get(uuid), [columnName]: valueOf(column, elements, label) });
  }
}

function enforceCount(name: string, { maxRows }: TableSchema, count: number): void {
  if (maxRows !== undefined && count > maxRows) {
    throw failure("constraint violation", `${name} can't have more than ${maxRows} rows`);
  }
}

function enforceIndex(name: string, index: readonly string[], rows: ReadonlyMap<Uuid, StoredRow>): void {
  const seen = new Set<string>();
  for (const row of rows.values()) {
    const values = JSON.stringify(
      index.map((column) => Array.from(elementsOf(row[column]), ([key, value]) => [String(key), String(value)])),
    );
    if (seen.has(values)) {
      throw failure("constraint violation", `two rows of ${name} have the same ${index.join(", ")}`);
    }
    seen.add(values);
  }
}
