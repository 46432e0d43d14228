import type { Uuid } from "@loomstack/core";
import type { AnyRow } from "../monitor/row-update.ts";
import type { MonitoredColumn } from "../monitor/selection.ts";
import type { Operation } from "../notation/operation.ts";
import type { ColumnValue } from "../notation/value.ts";
import { type TablePlace, verifyRow } from "./row-operations.ts";

/** What was read of a table's rows, and must still be so when the transaction is carried out. */
export class VerifiedRows {
  readonly #place: TablePlace;
  readonly #rows = new Map<Uuid, Map<string, ColumnValue>>();

  constructor(place: TablePlace) {
    this.#place = place;
  }

  /** What was read first counts. Of a row of which no column was read, that it is there. */
  add(uuid: Uuid, row: AnyRow, columns: readonly MonitoredColumn[]): void {
    const read = this.#rows.get(uuid) ?? new Map<string, ColumnValue>();
    this.#rows.set(uuid, read);
    for (const { name } of columns) if (!read.has(name)) read.set(name, row[name]);
  }

  /** A `wait` for each row, which fails at once unless the row is as it was read. */
  operations(): readonly Operation[] {
    return Array.from(this.#rows, ([uuid, read]) =>
      verifyRow(this.#place, uuid, read.size === 0 ? { _uuid: uuid } : Object.fromEntries(read)),
    );
  }
}
