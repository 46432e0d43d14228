import type { Uuid } from "@loomstack/core";
import type { AnyRowChange } from "../monitor/apply.ts";
import type { AnyRow } from "../monitor/row-update.ts";

/** The rows of one table by a key, kept current with it. */
export interface RowIndex<Key, IndexedRow> extends Disposable {
  /** The rows that have this key now, by UUID; several when the key isn't unique, an empty map when there are none. */
  get(key: Key): ReadonlyMap<Uuid, IndexedRow>;
  /** The index isn't kept current any more. */
  [Symbol.dispose](): void;
}

const noRows: ReadonlyMap<Uuid, AnyRow> = new Map();

/** The rows of one table by what `keyOf` gives; a row without a key isn't in it. */
export class AnyRowIndex<Key> {
  readonly #table: string;
  readonly #keyOf: (row: AnyRow, uuid: Uuid) => Key | undefined;
  readonly #rows = new Map<Key, Map<Uuid, AnyRow>>();
  /** The key under which a row is: `keyOf` is asked once for each version of a row. */
  readonly #keys = new Map<Uuid, Key>();

  constructor(table: string, keyOf: (row: AnyRow, uuid: Uuid) => Key | undefined) {
    this.#table = table;
    this.#keyOf = keyOf;
  }

  get(key: Key): ReadonlyMap<Uuid, AnyRow> {
    return this.#rows.get(key) ?? noRows;
  }

  apply(changes: readonly AnyRowChange[]): void {
    for (const { table, uuid, after } of changes) {
      if (table !== this.#table) continue;
      this.#remove(uuid);
      if (after !== undefined) this.#add(uuid, after);
    }
  }

  #add(uuid: Uuid, row: AnyRow): void {
    const key = this.#keyOf(row, uuid);
    if (key === undefined) return;
    const rows = this.#rows.get(key) ?? new Map<Uuid, AnyRow>();
    this.#rows.set(key, rows.set(uuid, row));
    this.#keys.set(uuid, key);
  }

  #remove(uuid: Uuid): void {
    const key = this.#keys.get(uuid);
    const rows = key === undefined ? undefined : this.#rows.get(key);
    if (key === undefined || rows === undefined) return;
    this.#keys.delete(uuid);
    rows.delete(uuid);
    if (rows.size === 0) this.#rows.delete(key);
  }
}
