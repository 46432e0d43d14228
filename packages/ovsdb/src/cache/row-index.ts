import { LoomstackError, type Uuid } from "@loomstack/core";
import type { AnyRowChange } from "../monitor/apply.ts";
import type { AnyRow } from "../monitor/row-update.ts";
import { Waiters } from "./waiters.ts";

/** What a row is found by: nothing, one key or several. */
export type KeysOf<Key, IndexedRow> = (row: IndexedRow, uuid: Uuid) => Iterable<Key>;

/** A row with its UUID. */
export interface FoundRow<IndexedRow> {
  readonly uuid: Uuid;
  readonly row: IndexedRow;
}

/** The rows of one table by a key, kept current with it. */
export interface RowIndex<Key, IndexedRow, Table extends string = string> extends Disposable {
  readonly table: Table;
  readonly keysOf: KeysOf<Key, IndexedRow>;
  /** The rows that have this key now, by UUID; several when the key isn't unique, an empty map when there are none. */
  get(key: Key): ReadonlyMap<Uuid, IndexedRow>;
  /**
   * Resolves with the first row under a key that satisfies `predicate`, which is asked at once and whenever one of the
   * rows under that key has changed; rows that come and go don't end it.
   *
   * @param predicate default: any row will do
   * @throws what `predicate` throws; CORE__ABORTED when the signal aborts or the index is disposed of; what ended the
   * connection, or OVSDB__CLOSED
   */
  until(
    key: Key,
    predicate?: (row: IndexedRow, uuid: Uuid) => boolean,
    signal?: AbortSignal,
  ): Promise<FoundRow<IndexedRow>>;
  /** The index isn't kept current any more. */
  [Symbol.dispose](): void;
}

const noRows: ReadonlyMap<Uuid, AnyRow> = new Map();
const noKeys: readonly never[] = [];

/** The rows of one table by the keys that `keysOf` gives; a row without a key isn't in it. */
export class AnyRowIndex<Key> implements RowIndex<Key, AnyRow> {
  readonly table: string;
  readonly keysOf: KeysOf<Key, AnyRow>;
  readonly #rows = new Map<Key, Map<Uuid, AnyRow>>();
  /** The keys under which a row is: `keysOf` is asked once for each version of a row. */
  readonly #keys = new Map<Uuid, readonly Key[]>();
  readonly #waiters = new Waiters<Key>();
  readonly #onDispose: () => void;

  constructor(table: string, keysOf: KeysOf<Key, AnyRow>, onDispose: (index: AnyRowIndex<Key>) => void = () => {}) {
    this.table = table;
    this.keysOf = keysOf;
    this.#onDispose = () => onDispose(this);
  }

  get(key: Key): ReadonlyMap<Uuid, AnyRow> {
    return this.#rows.get(key) ?? noRows;
  }

  until(
    key: Key,
    predicate: (row: AnyRow, uuid: Uuid) => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<FoundRow<AnyRow>> {
    const first = (): FoundRow<AnyRow> | undefined => {
      for (const [uuid, row] of this.get(key)) if (predicate(row, uuid)) return { uuid, row };
      return undefined;
    };
    return this.#waiters.wait(key, first, signal);
  }

  apply(changes: readonly AnyRowChange[]): void {
    for (const { table, uuid, after } of changes) if (table === this.table) this.#put(uuid, after);
  }

  /** Asks those who wait under a key of what has changed. */
  wake(changes: readonly AnyRowChange[]): void {
    if (this.#waiters.isEmpty) return;
    const touched = changes.filter(({ table, after }) => table === this.table && after !== undefined);
    const keys = new Set(touched.flatMap(({ uuid }) => this.#keys.get(uuid) ?? noKeys));
    for (const key of keys) this.#waiters.changed(key);
  }

  end(error: LoomstackError): void {
    this.#waiters.end(error);
  }

  [Symbol.dispose](): void {
    this.#onDispose();
    this.end(new LoomstackError("CORE__ABORTED", { what: "waiting for rows", reason: "the index was disposed of" }));
  }

  #put(uuid: Uuid, row: AnyRow | undefined): void {
    const before = this.#keys.get(uuid) ?? noKeys;
    const after = row === undefined ? noKeys : Array.from(this.keysOf(row, uuid));
    const gone = lacking(after, before);
    for (const key of gone) this.#remove(key, uuid);
    if (row === undefined || after.length === 0) {
      this.#keys.delete(uuid);
      return;
    }
    // Most changes of a row leave its keys as they are.
    if (gone.length > 0 || before.length !== after.length) this.#keys.set(uuid, after);
    for (const key of after) this.#add(key, uuid, row);
  }

  #add(key: Key, uuid: Uuid, row: AnyRow): void {
    const rows = this.#rows.get(key);
    if (rows === undefined) this.#rows.set(key, new Map([[uuid, row]]));
    else rows.set(uuid, row);
  }

  #remove(key: Key, uuid: Uuid): void {
    const rows = this.#rows.get(key);
    rows?.delete(uuid);
    if (rows?.size === 0) this.#rows.delete(key);
  }
}

/** Those of `keys` that aren't in `others`. */
function lacking<Key>(others: readonly Key[], keys: readonly Key[]): readonly Key[] {
  if (keys.length < 2) return keys.filter((key) => !others.includes(key));
  const set = new Set(others);
  return keys.filter((key) => !set.has(key));
}
