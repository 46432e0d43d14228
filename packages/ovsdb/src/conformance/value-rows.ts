/** What the tests of transactions have in common: rows of table Value, and what becomes of them. */
import { isLoomstackError, type Uuid } from "@loomstack/core";
import type { OvsdbClient } from "../client/client.ts";
import type { Condition } from "../notation/condition.ts";
import type { InsertResult } from "../notation/operation-result.ts";
import { insert, type Operation, select } from "../notation/operation.ts";
import type { RowInput } from "../schema/row-types.ts";
import { conformance, database } from "./schema.ts";

type Values = typeof conformance;
export type ValueCondition = Condition<Values, "Value">;
export type ValueInput = RowInput<Values, "Value">;

export const uuid = "36bef046-7da7-43a5-905a-c17899216001" as Uuid;
export const otherUuid = "36bef046-7da7-43a5-905a-c17899216002" as Uuid;

export function value(name: string, row: ValueInput = {}): Operation<InsertResult> {
  return insert(conformance, "Value", { name, ...row });
}

export const named = (name: string) => [["name", "==", name]] as const;

/** The names of the rows that a server finds, in order. */
export async function namesWhere(client: OvsdbClient, where: readonly ValueCondition[]): Promise<string[]> {
  const [{ rows }] = await client.transact(database, [select(conformance, "Value", where, ["name"])]);
  return rows.map(({ name }) => name).sort();
}

/** What a transaction is refused with, and where. */
export async function refusalOf(client: OvsdbClient, operations: readonly Operation[]): Promise<readonly unknown[]> {
  const error: unknown = await client.transact(database, operations).catch((thrown: unknown) => thrown);
  return isLoomstackError(error) ? [error.code, (error.context as { readonly index?: unknown }).index] : [error];
}
