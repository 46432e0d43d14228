import { Listeners, LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import { type AnyRowChange, changesOf, differencesTo } from "../monitor/apply.ts";
import type { AnyRow, RowUpdate } from "../monitor/row-update.ts";
import type { Selection } from "../monitor/selection.ts";
import { AnyRowIndex, type RowIndex } from "./row-index.ts";

interface Waiter {
  readonly predicate: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The rows of a replica, and those who wait for them. Knows nothing of connections and no types of rows. */
export class ReplicaTables {
  readonly changes = new Listeners<readonly AnyRowChange[]>();
  readonly #tables: ReadonlyMap<string, Map<Uuid, AnyRow>>;
  readonly #waiters = new Set<Waiter>();
  readonly #indexes = new Set<(changes: readonly AnyRowChange[]) => void>();
  #ending: LoomstackError | undefined;

  constructor(selection: Selection) {
    this.#tables = new Map([...selection.keys()].map((name) => [name, new Map()]));
  }

  table(name: string): ReadonlyMap<Uuid, AnyRow> | undefined {
    return this.#tables.get(name);
  }

  /** An index on a table, of the rows that are there and of those to come. */
  index<Key>(table: string, keyOf: (row: AnyRow, uuid: Uuid) => Key | undefined): RowIndex<Key, AnyRow> {
    const index = new AnyRowIndex(table, keyOf);
    index.apply(Array.from(this.table(table) ?? [], ([uuid, after]) => ({ table, uuid, after })));
    const apply = (changes: readonly AnyRowChange[]): void => index.apply(changes);
    this.#indexes.add(apply);
    return { get: (key) => index.get(key), [Symbol.dispose]: () => void this.#indexes.delete(apply) };
  }

  /** Applies all of the updates or, when one doesn't fit, none. @throws OVSDB__INCONSISTENT_UPDATE */
  apply(updates: readonly RowUpdate[]): void {
    this.#change(changesOf(this.#tables, updates));
  }

  /** Makes the rows those that the updates give, all of them; tells only of what differs. */
  replace(updates: readonly RowUpdate[]): void {
    this.#change(differencesTo(this.#tables, updates));
  }

  async until(predicate: () => boolean, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: Waiter = { predicate, resolve: () => resolve(undefined), reject };
    const aborted = (): void =>
      reject(new LoomstackError("CORE__ABORTED", { what: "waiting for rows", reason: messageOf(signal?.reason) }));
    signal?.addEventListener("abort", aborted);
    this.#waiters.add(waiter);
    this.#ask(waiter);
    if (this.#ending !== undefined) reject(this.#ending);
    if (signal?.aborted === true) aborted();
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener("abort", aborted);
    }
  }

  /** Nothing more will come. */
  end(error: LoomstackError): void {
    this.#ending ??= error;
    for (const waiter of this.#waiters) waiter.reject(error);
  }

  #change(changes: readonly AnyRowChange[]): void {
    for (const { table, uuid, after } of changes) {
      if (after === undefined) this.#tables.get(table)?.delete(uuid);
      else this.#tables.get(table)?.set(uuid, after);
    }
    if (changes.length === 0) return;
    for (const apply of this.#indexes) apply(changes);
    this.changes.tell(changes);
    for (const waiter of this.#waiters) this.#ask(waiter);
  }

  #ask(waiter: Waiter): void {
    try {
      if (waiter.predicate()) waiter.resolve();
    } catch (error) {
      waiter.reject(error);
    }
  }
}
