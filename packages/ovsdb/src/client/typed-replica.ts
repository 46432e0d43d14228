import type { Uuid } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import type { RowHandlers } from "../cache/row-events.ts";
import type { KeysOf } from "../cache/row-index.ts";
import { AnyDraft } from "../draft/any-draft.ts";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import type { AnyRow } from "../monitor/row-update.ts";
import type { TableSelection } from "../monitor/selection.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Subscription } from "./subscription.ts";

export interface ReplicaActions {
  readonly changeConditions: (where: AnyMonitorConditions) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** The typed view of a subscription's rows: the selection that it was made of is the one of the types. */
export function typedReplica<S extends DatabaseSchema, Tables extends TableSelection<S>>(
  subscription: Subscription,
  { changeConditions, end }: ReplicaActions,
): Replica<S, Tables> {
  const { rows } = subscription;
  const untyped = {
    table: (name: string) => rows.table(name),
    index: (name: string, keyOf: (row: AnyRow, uuid: Uuid) => unknown) => rows.index(name, oneKey(keyOf)),
    indexByEach: (name: string, keysOf: KeysOf<unknown, AnyRow>) => rows.index(name, keysOf),
    changes: rows.changes,
    watch: (name: string, handlers: RowHandlers<AnyRow>) => rows.watch(name, handlers),
    get missing() {
      return subscription.missing;
    },
    until: (predicate: () => boolean, signal?: AbortSignal) => rows.until(predicate, signal),
    untilRow: (name: string, uuid: Uuid, predicate: (row: AnyRow) => boolean, signal?: AbortSignal) =>
      rows.untilRow(name, uuid, predicate, signal),
    draft: () => {
      const { schema, server, selection } = subscription;
      return new AnyDraft({ schema, server, selection, table: (name) => rows.table(name) });
    },
    changeConditions,
    [Symbol.asyncDispose]: end,
  };
  return untyped as unknown as Replica<S, Tables>;
}

/** A row without a key has none. */
function oneKey(keyOf: (row: AnyRow, uuid: Uuid) => unknown): KeysOf<unknown, AnyRow> {
  return (row, uuid) => {
    const key = keyOf(row, uuid);
    return key === undefined ? [] : [key];
  };
}
