/** The operations of a transaction on one row, for those who know its types no more. */
import type { Uuid } from "@loomstack/core";
import type { AnyRow } from "../monitor/row-update.ts";
import type { AnyMutation, Mutation } from "../notation/mutation.ts";
import { insert, mutate, type Operation, remove, update, wait } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import type { RowInput } from "../schema/row-types.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

/** Where a row is. */
export interface TablePlace {
  readonly schema: DatabaseSchema;
  readonly table: string;
}

/** A name for a new row, or its UUID. */
export interface InsertNames {
  readonly uuid?: Uuid;
  readonly uuidName?: NamedUuid;
}

type Input = RowInput<DatabaseSchema, string>;

export function insertRow({ schema, table }: TablePlace, row: AnyRow, names: InsertNames): Operation {
  return insert(schema, table, row as Input, names);
}

export function updateRow({ schema, table }: TablePlace, uuid: Uuid, row: AnyRow): Operation {
  return update(schema, table, [["_uuid", "==", uuid]], row as Input);
}

export function mutateRow({ schema, table }: TablePlace, uuid: Uuid, mutations: readonly AnyMutation[]): Operation {
  return mutate(schema, table, [["_uuid", "==", uuid]], mutations as readonly Mutation<DatabaseSchema, string>[]);
}

export function deleteRow({ schema, table }: TablePlace, uuid: Uuid): Operation {
  return remove(schema, table, [["_uuid", "==", uuid]]);
}

/** Fails at once unless the row is there and holds these values. */
export function verifyRow({ schema, table }: TablePlace, uuid: Uuid, row: AnyRow): Operation {
  return wait(schema, table, [["_uuid", "==", uuid]], Object.keys(row), "==", [row as Input]);
}
