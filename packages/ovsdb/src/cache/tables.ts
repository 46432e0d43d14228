import { Listeners, LoomstackError, type Uuid } from "@loomstack/core";
import { type AnyRowChange, changesOf, differencesTo } from "../monitor/apply.ts";
import type { AnyRow, RowUpdate } from "../monitor/row-update.ts";
import type { Selection } from "../monitor/selection.ts";
import { type RowHandlers, tellOfRows } from "./row-events.ts";
import { AnyRowIndex, type KeysOf, type RowIndex } from "./row-index.ts";
import { Waiters } from "./waiters.ts";

/** What a replica has to tell its indexes, whatever their keys are. */
type KeptIndex = Pick<AnyRowIndex<unknown>, "apply" | "wake" | "end">;

/** The rows of a replica, and those who wait for them. Knows nothing of connections and no types of rows. */
export class ReplicaTables {
  readonly changes = new Listeners<readonly AnyRowChange[]>();
  readonly #tables: ReadonlyMap<string, Map<Uuid, AnyRow>>;
  readonly #indexes = new Set<KeptIndex>();
  /** Those who wait for anything. */
  readonly #waiters = new Waiters<"any change">();
  readonly #rowWaiters = new Waiters<Uuid>();
  #ending: LoomstackError | undefined;

  constructor(selection: Selection) {
    this.#tables = new Map([...selection.keys()].map((name) => [name, new Map()]));
  }

  table(name: string): ReadonlyMap<Uuid, AnyRow> | undefined {
    return this.#tables.get(name);
  }

  /** An index on a table, of the rows that are there and of those to come. */
  index<Key>(table: string, keysOf: KeysOf<Key, AnyRow>): RowIndex<Key, AnyRow> {
    const index = new AnyRowIndex(table, keysOf, (disposed) => void this.#indexes.delete(disposed));
    index.apply(Array.from(this.table(table) ?? [], ([uuid, after]) => ({ table, uuid, after })));
    if (this.#ending !== undefined) index.end(this.#ending);
    this.#indexes.add(index);
    return index;
  }

  watch(table: string, handlers: RowHandlers<AnyRow>): Disposable {
    return this.changes.add((changes) => tellOfRows(changes, table, handlers));
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
    await this.#waiters.wait("any change", () => predicate() || undefined, signal);
  }

  untilRow(table: string, uuid: Uuid, predicate: (row: AnyRow) => boolean, signal?: AbortSignal): Promise<AnyRow> {
    const satisfying = (): AnyRow | undefined => {
      const row = this.table(table)?.get(uuid);
      if (row === undefined) throw new LoomstackError("OVSDB__NO_SUCH_ROW", { table, uuid });
      return predicate(row) ? row : undefined;
    };
    return this.#rowWaiters.wait(uuid, satisfying, signal);
  }

  /** Nothing more will come. */
  end(error: LoomstackError): void {
    this.#ending ??= error;
    for (const waiting of [this.#waiters, this.#rowWaiters, ...this.#indexes]) waiting.end(error);
  }

  #change(changes: readonly AnyRowChange[]): void {
    for (const { table, uuid, after } of changes) {
      if (after === undefined) this.#tables.get(table)?.delete(uuid);
      else this.#tables.get(table)?.set(uuid, after);
    }
    if (changes.length === 0) return;
    for (const index of this.#indexes) index.apply(changes);
    this.changes.tell(changes);
    for (const index of this.#indexes) index.wake(changes);
    if (!this.#rowWaiters.isEmpty) for (const { uuid } of changes) this.#rowWaiters.changed(uuid);
    this.#waiters.changed("any change");
  }
}
