/** What a mutation makes of a value (RFC 7047, 5.1: `<mutation>`), as ovsdb-server computes it. */
import { LoomstackError } from "@loomstack/core";
import { type Atom, canonicalInteger } from "../notation/atom.ts";
import { isJsonArray, type Json } from "../notation/json.ts";
import { type AnyMutation, encodeMutations } from "../notation/mutation.ts";
import { type ColumnValue, decodeValue, shapeOf } from "../notation/value.ts";
import type { ColumnSchema, DatabaseSchema } from "../schema/schema.ts";
import { type Elements, elementsOf, valueOf } from "./elements.ts";
import { keepName } from "./written-value.ts";

/** What a mutation makes of a value. @throws OVSDB__INVALID_VALUE */
export type MutationEffect = (value: ColumnValue) => ColumnValue;

/** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
export function mutationEffect(
  schema: DatabaseSchema,
  table: string,
  column: ColumnSchema,
  mutation: AnyMutation,
): MutationEffect {
  const [name, mutator] = mutation;
  const label = `${table}.${name}`;
  const encoded = encodeMutations(schema, table, [mutation]);
  const argument = isJsonArray(encoded) && isJsonArray(encoded[0]) ? encoded[0][2] : undefined;
  const change =
    mutator === "insert" || mutator === "delete"
      ? elementChange(column, mutator, argument, label)
      : arithmetic(column, mutator, argument, label);
  return (value) => valueOf(column, change(elementsOf(value)), label);
}

type ElementsChange = (elements: Elements) => Elements;

function elementChange(
  column: ColumnSchema,
  mutator: "insert" | "delete",
  argument: Json | undefined,
  label: string,
): ElementsChange {
  if (shapeOf(column) === "scalar") throw invalid(label, `${mutator} works on a set or a map`);
  const areKeys = column.value !== undefined && isJsonArray(argument) && argument[0] === "set";
  const type: ColumnSchema = areKeys ? { key: column.key, min: 0, max: "unlimited" } : { ...column, min: 0 };
  const given = elementsOf(decodeValue(type, argument, label, keepName));
  if (mutator === "insert") return (elements) => new Map([...given, ...elements]);
  const isTaken = (key: Atom, value: Atom | undefined): boolean =>
    given.has(key) && (areKeys || given.get(key) === value);
  return (elements) => new Map([...elements].filter(([key, value]) => !isTaken(key, value)));
}

function arithmetic(column: ColumnSchema, mutator: string, argument: Json | undefined, label: string): ElementsChange {
  const { type } = column.key;
  if ((type !== "integer" && type !== "real") || (typeof argument !== "number" && typeof argument !== "bigint")) {
    throw invalid(label, `${mutator} doesn't work on a ${type}`);
  }
  const compute = (atom: Atom): Atom =>
    type === "integer"
      ? integerResult(mutator, BigInt(atom), BigInt(argument), label)
      : realResult(mutator, Number(atom), Number(argument), label);
  return (elements) => {
    const results = new Map(Array.from(elements.keys(), (atom) => [compute(atom), undefined]));
    if (results.size < elements.size) throw invalid(label, `${mutator} makes elements the same`);
    return results;
  };
}

function integerResult(mutator: string, atom: bigint, argument: bigint, label: string): Atom {
  const compute = integerArithmetic.get(mutator);
  if (compute === undefined) throw invalid(label, `${mutator} is not a mutator for integers`);
  if (argument === 0n && (mutator === "/=" || mutator === "%=")) throw invalid(label, "division by zero");
  const result = compute(atom, argument);
  if (BigInt.asIntN(64, result) !== result) throw invalid(label, `${mutator} makes it larger than 64 bits`);
  return canonicalInteger(result);
}

function realResult(mutator: string, atom: number, argument: number, label: string): Atom {
  const compute = realArithmetic.get(mutator);
  if (compute === undefined) throw invalid(label, `${mutator} is not a mutator for reals`);
  const result = compute(atom, argument);
  if (!Number.isFinite(result)) throw invalid(label, `${mutator} doesn't make a finite number`);
  return result;
}

const integerArithmetic: ReadonlyMap<string, (atom: bigint, argument: bigint) => bigint> = new Map([
  ["+=", (atom, argument) => atom + argument],
  ["-=", (atom, argument) => atom - argument],
  ["*=", (atom, argument) => atom * argument],
  ["/=", (atom, argument) => atom / argument],
  ["%=", (atom, argument) => atom % argument],
]);

const realArithmetic: ReadonlyMap<string, (atom: number, argument: number) => number> = new Map([
  ["+=", (atom, argument) => atom + argument],
  ["-=", (atom, argument) => atom - argument],
  ["*=", (atom, argument) => atom * argument],
  ["/=", (atom, argument) => atom / argument],
]);

function invalid(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__INVALID_VALUE", { label, reason });
}
