import type { LoomstackError } from "@loomstack/core";
import {
  type Atom,
  type ColumnSchema,
  type ColumnValue,
  type DatabaseSchema,
  decodeAtom,
  decodeValue,
  findColumn,
  isJsonArray,
  type Json,
  type ResolveName,
} from "@loomstack/ovsdb";
import type { StoredRow } from "./draft.ts";
import { type Elements, elementsOf, failure, valueOf } from "./elements.ts";

/** Reads a list of `<mutation>` (RFC 7047, 5.1) as a function from a row to the row that they make of it. */
export function readMutations(
  schema: DatabaseSchema,
  table: string,
  json: Json | undefined,
  resolve: ResolveName,
): (row: StoredRow) => StoredRow {
  if (!isJsonArray(json)) throw failure("syntax error", "mutations isn't a list");
  const steps = json.map((mutation) => readMutation(schema, table, mutation, resolve));
  return (row) => steps.reduce((result, step) => step(result), row);
}

function readMutation(
  schema: DatabaseSchema,
  table: string,
  json: Json,
  resolve: ResolveName,
): (row: StoredRow) => StoredRow {
  const [name, mutator, argument] = isJsonArray(json) ? json : [];
  if (typeof name !== "string" || typeof mutator !== "string") {
    throw failure("syntax error", "a mutation isn't [column, mutator, value]");
  }
  const column = findColumn(schema, table, name);
  const label = `${table}.${name}`;
  if (column.mutable === false) throw failure("constraint violation", `${label} can't be changed`);
  const change =
    mutator === "insert" || mutator === "delete"
      ? elementChange(column, mutator, argument, label, resolve)
      : arithmetic(column, mutator, argument, label);
  return (row) => ({ ...row, [name]: valueOf(column, change(row[name]), label) });
}

function elementChange(
  column: ColumnSchema,
  mutator: "insert" | "delete",
  json: Json | undefined,
  label: string,
  resolve: ResolveName,
): (value: ColumnValue) => Elements {
  const areKeys = mutator === "delete" && column.value !== undefined && !(isJsonArray(json) && json[0] === "map");
  const type: ColumnSchema = areKeys ? { key: column.key, min: 0, max: "unlimited" } : { ...column, min: 0 };
  const given = elementsOf(decodeValue(type, json, label, resolve));
  if (mutator === "insert") return (value) => new Map([...given, ...elementsOf(value)]);
  return (value) =>
    new Map([...elementsOf(value)].filter(([key, held]) => !given.has(key) || (!areKeys && given.get(key) !== held)));
}

function arithmetic(
  column: ColumnSchema,
  mutator: string,
  json: Json | undefined,
  label: string,
): (value: ColumnValue) => Elements {
  const { type } = column.key;
  if (type !== "integer" && type !== "real") throw failure("syntax error", `${mutator} doesn't work on ${label}`);
  const argument = decodeAtom(column.key, json, label);
  const calculate = type === "integer" ? calculateInteger : calculateReal;
  return (value) =>
    new Map(Array.from(elementsOf(value).keys(), (atom) => [calculate(mutator, atom, argument), undefined]));
}

function calculateReal(mutator: string, atom: Atom, argument: Atom): Atom {
  const [one, other] = [Number(atom), Number(argument)];
  if (mutator === "/=" && other === 0) throw divisionByZero();
  const results: Readonly<Record<string, number>> = {
    "+=": one + other,
    "-=": one - other,
    "*=": one * other,
    "/=": one / other,
  };
  const result = results[mutator];
  if (result === undefined) throw failure("syntax error", `${mutator} is not a mutator of reals`);
  if (!Number.isFinite(result)) throw failure("range error", `${one} ${mutator} ${other} is out of range`);
  return result;
}

function calculateInteger(mutator: string, atom: Atom, argument: Atom): Atom {
  const [one, other] = [BigInt(atom), BigInt(argument)];
  const isDivision = mutator === "/=" || mutator === "%=";
  if (isDivision && other === 0n) throw divisionByZero();
  const results: Readonly<Record<string, bigint>> = {
    "+=": one + other,
    "-=": one - other,
    "*=": one * other,
    ...(isDivision ? { "/=": one / other, "%=": one % other } : {}),
  };
  const result = results[mutator];
  if (result === undefined) throw failure("syntax error", `${mutator} is not a mutator of integers`);
  if (BigInt.asIntN(64, result) !== result) throw failure("range error", `${one} ${mutator} ${other} is out of range`);
  return Number.isSafeInteger(Number(result)) ? Number(result) : result;
}

function divisionByZero(): LoomstackError {
  return failure("domain error", "division by zero");
}
