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
  const argument = Number(decodeAtom(column.key, json, label));
  return (value) =>
    new Map(
      Array.from(elementsOf(value).keys(), (atom) => [calculate(mutator, Number(atom), argument, type), undefined]),
    );
}

function calculate(mutator: string, atom: number, argument: number, type: "integer" | "real"): Atom {
  if ((mutator === "/=" || mutator === "%=") && argument === 0) throw failure("domain error", "division by zero");
  const results: Readonly<Record<string, number>> = {
    "+=": atom + argument,
    "-=": atom - argument,
    "*=": atom * argument,
    "/=": type === "integer" ? Math.trunc(atom / argument) : atom / argument,
    "%=": atom % argument,
  };
  const result = results[mutator];
  if (result === undefined) throw failure("syntax error", `${mutator} is not a mutator`);
  if (type === "integer" && !Number.isSafeInteger(result)) {
    throw failure("range error", `${atom} ${mutator} ${argument} is too large for this server`);
  }
  return result;
}
