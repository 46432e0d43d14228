import { LoomstackError, type Uuid } from "@loomstack/core";
import type { RowIndex } from "../cache/row-index.ts";
import type { AnyRow } from "../monitor/row-update.ts";
import type { AnyMutation } from "../notation/mutation.ts";
import type { OperationResult } from "../notation/operation-result.ts";
import type { Operation } from "../notation/operation.ts";
import { namedUuid, type NamedUuid } from "../notation/uuid.ts";
import type { DraftSource, RowId } from "./draft.ts";
import { DraftTable } from "./draft-table.ts";
import { type AnyInput, PendingTable } from "./pending-table.ts";
import type { InsertNames } from "./row-operations.ts";

interface TableInDraft {
  readonly pending: PendingTable;
  readonly shown: DraftTable;
}

/** A draft whose types are known no more. */
export class AnyDraft {
  readonly #source: DraftSource;
  readonly #tables = new Map<string, TableInDraft>();
  /** In the order in which they were asked for. */
  readonly #inserts = new Map<RowId, { readonly pending: PendingTable; readonly names: InsertNames }>();
  #lastName = 0;

  constructor(source: DraftSource) {
    this.#source = source;
  }

  insert(table: string, row: AnyInput, { uuid, uuidName }: InsertNames = {}): RowId {
    const { pending } = this.#table(table);
    const names = uuid === undefined ? { uuidName: uuidName ?? this.#freeName(table) } : { uuid };
    const id = names.uuid ?? names.uuidName;
    if (this.#inserts.has(id) || pending.base?.has(id as Uuid) === true) {
      throw new LoomstackError("OVSDB__INVALID_VALUE", { label: `a new row of ${table}`, reason: `${id} is taken` });
    }
    pending.insert(id, row);
    this.#inserts.set(id, { pending, names });
    return id;
  }

  update(table: string, id: RowId, row: AnyInput): void {
    this.#table(table).pending.update(id, row);
  }

  mutate(table: string, id: RowId, mutations: readonly AnyMutation[]): void {
    this.#table(table).pending.mutate(id, mutations);
  }

  delete(table: string, id: RowId): void {
    const { pending } = this.#table(table);
    pending.delete(id);
    if (this.#inserts.get(id)?.pending === pending) this.#inserts.delete(id);
  }

  verify(table: string, uuid: Uuid, columns: readonly string[]): void {
    this.#table(table).pending.verify(uuid, columns);
  }

  table(name: string): ReadonlyMap<RowId, AnyRow> {
    return this.#table(name).shown;
  }

  find<Key>(index: RowIndex<Key, AnyRow>, key: Key): ReadonlyMap<RowId, AnyRow> {
    const { shown } = this.#table(index.table);
    const untouched = [...index.get(key)].filter(([uuid]) => !shown.isWritten(uuid));
    // An index that is given a uuid-name takes it for the UUID that the row will have.
    const written = [...shown.written()].filter(([id, row]) => new Set(index.keysOf(row, id as Uuid)).has(key));
    return new Map<RowId, AnyRow>([...untouched, ...written]);
  }

  get operations(): readonly Operation[] {
    const tables = Array.from(this.#tables.values(), ({ pending }) => pending);
    return [...this.#verifications(), ...this.#insertions(), ...tables.flatMap((table) => table.changes())];
  }

  uuidsOf(results: readonly OperationResult[]): ReadonlyMap<RowId, Uuid> {
    const start = this.#verifications().length;
    return new Map(
      Array.from(this.#inserts.keys(), (id, place) => {
        const result = results[start + place];
        if (result !== undefined && "uuid" in result) return [id, result.uuid];
        const reason = `operation ${start + place} is the insert of ${id}, and this isn't its result`;
        throw new LoomstackError("OVSDB__INVALID_VALUE", { label: "the results of a draft", reason });
      }),
    );
  }

  #verifications(): readonly Operation[] {
    return [...this.#tables.values()].flatMap(({ pending }) => pending.verified.operations());
  }

  #insertions(): readonly Operation[] {
    return [...this.#inserts].flatMap(([id, { pending, names }]) => {
      const row = pending.inserted.get(id);
      return row === undefined ? [] : [row.operation(pending.place, names)];
    });
  }

  #table(name: string): TableInDraft {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const pending = new PendingTable(this.#source, name);
    const table = { pending, shown: new DraftTable(pending) };
    this.#tables.set(name, table);
    return table;
  }

  #freeName(table: string): NamedUuid {
    for (;;) {
      this.#lastName += 1;
      const name = namedUuid(`${table}_${this.#lastName}`);
      if (!this.#inserts.has(name)) return name;
    }
  }
}
