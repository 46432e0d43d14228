import type { Uuid } from "@loomstack/core";
import type { AnyRow } from "../monitor/row-update.ts";
import type { RowId } from "./draft.ts";
import type { PendingTable } from "./pending-table.ts";

/** A table as a draft shows it: the rows of the replica with the draft's changes, then those that it inserts. */
export class DraftTable implements ReadonlyMap<RowId, AnyRow> {
  readonly #pending: PendingTable;

  constructor(pending: PendingTable) {
    this.#pending = pending;
  }

  get size(): number {
    const { base = noRows, deleted, inserted } = this.#pending;
    const isThere = (id: RowId): boolean => base.has(id as Uuid);
    return base.size + inserted.size - [...deleted, ...inserted.keys()].filter(isThere).length;
  }

  get(id: RowId): AnyRow | undefined {
    const { base, columns, deleted, inserted, changed } = this.#pending;
    // A uuid-name is no key of these.
    const uuid = id as Uuid;
    if (deleted.has(uuid)) return undefined;
    return inserted.get(id)?.show(columns) ?? changed.get(uuid)?.show() ?? base?.get(uuid);
  }

  has(id: RowId): boolean {
    return this.get(id) !== undefined;
  }

  *entries(): MapIterator<[RowId, AnyRow]> {
    const { base = noRows, columns, deleted, inserted, changed } = this.#pending;
    for (const [uuid, row] of base) {
      if (!deleted.has(uuid) && !inserted.has(uuid)) yield [uuid, changed.get(uuid)?.show() ?? row];
    }
    for (const [id, row] of inserted) yield [id, row.show(columns)];
  }

  *keys(): MapIterator<RowId> {
    for (const [id] of this.entries()) yield id;
  }

  *values(): MapIterator<AnyRow> {
    for (const [, row] of this.entries()) yield row;
  }

  forEach(callback: (row: AnyRow, id: RowId, table: ReadonlyMap<RowId, AnyRow>) => void): void {
    for (const [id, row] of this) callback(row, id, this);
  }

  [Symbol.iterator](): MapIterator<[RowId, AnyRow]> {
    return this.entries();
  }

  /** The rows that the draft inserts or changes, which no index knows. */
  *written(): Generator<[RowId, AnyRow]> {
    for (const id of [...this.#pending.changed.keys(), ...this.#pending.inserted.keys()]) {
      const row = this.get(id);
      if (row !== undefined) yield [id, row];
    }
  }

  /** Whether the row of the replica isn't shown as it is. */
  isWritten(uuid: Uuid): boolean {
    const { deleted, inserted, changed } = this.#pending;
    return deleted.has(uuid) || inserted.has(uuid) || changed.has(uuid);
  }
}

const noRows: ReadonlyMap<Uuid, AnyRow> = new Map();
