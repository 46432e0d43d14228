import { Listeners, LoomstackError, messageOf, type Uuid } from "@loomstack/core";
import { type AnyRowChange, changesOf } from "../monitor/apply.ts";
import type { AnyRow, RowUpdate } from "../monitor/row-update.ts";
import type { Selection } from "../monitor/selection.ts";

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
  #ending: LoomstackError | undefined;

  constructor(selection: Selection) {
    this.#tables = new Map([...selection.keys()].map((name) => [name, new Map()]));
  }

  table(name: string): ReadonlyMap<Uuid, AnyRow> | undefined {
    return this.#tables.get(name);
  }

  /** Applies all of the updates or, when one doesn't fit, none. @throws OVSDB__INCONSISTENT_UPDATE */
  apply(updates: readonly RowUpdate[]): void {
    const changes = changesOf(this.#tables, updates);
    for (const { table, uuid, after } of changes) {
      if (after === undefined) this.#tables.get(table)?.delete(uuid);
      else this.#tables.get(table)?.set(uuid, after);
    }
    if (changes.length === 0) return;
    this.changes.tell(changes);
    for (const waiter of this.#waiters) this.#ask(waiter);
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

  #ask(waiter: Waiter): void {
    try {
      if (waiter.predicate()) waiter.resolve();
    } catch (error) {
      waiter.reject(error);
    }
  }
}
