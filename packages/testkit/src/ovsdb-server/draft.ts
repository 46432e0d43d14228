import type { Uuid } from "@loomstack/core";
import { type ColumnValue, valuesEqual } from "@loomstack/ovsdb";

/** A row with all of its columns, `_uuid` and `_version` too. Rows are replaced, not changed. */
export type StoredRow = Readonly<Record<string, ColumnValue>>;

export interface StoredChange {
  readonly table: string;
  readonly uuid: Uuid;
  readonly before: StoredRow | undefined;
  readonly after: StoredRow | undefined;
}

/** The tables as a transaction in progress sees them; the tables below it stay as they are. */
export class Draft {
  readonly #tables: ReadonlyMap<string, ReadonlyMap<Uuid, StoredRow>>;
  readonly #drafts = new Map<string, Map<Uuid, StoredRow>>();

  constructor(tables: ReadonlyMap<string, ReadonlyMap<Uuid, StoredRow>>) {
    this.#tables = tables;
  }

  rows(table: string): ReadonlyMap<Uuid, StoredRow> {
    return this.#drafts.get(table) ?? this.#tables.get(table) ?? new Map<Uuid, StoredRow>();
  }

  put(table: string, uuid: Uuid, row: StoredRow): void {
    this.#writable(table).set(uuid, row);
  }

  delete(table: string, uuid: Uuid): void {
    this.#writable(table).delete(uuid);
  }

  /** What is different from the tables below. */
  changes(): readonly StoredChange[] {
    return [...this.#drafts].flatMap(([table, rows]) => {
      const old = this.#tables.get(table) ?? new Map<Uuid, StoredRow>();
      const uuids = new Set([...old.keys(), ...rows.keys()]);
      return Array.from(uuids, (uuid) => ({ table, uuid, before: old.get(uuid), after: rows.get(uuid) })).filter(
        isChange,
      );
    });
  }

  #writable(table: string): Map<Uuid, StoredRow> {
    const rows = this.#drafts.get(table) ?? new Map(this.#tables.get(table));
    this.#drafts.set(table, rows);
    return rows;
  }
}

function isChange({ before, after }: StoredChange): boolean {
  if (before === after) return false;
  if (before === undefined || after === undefined) return true;
  return Object.keys(after).some((column) => column !== "_version" && !valuesEqual(before[column], after[column]));
}
