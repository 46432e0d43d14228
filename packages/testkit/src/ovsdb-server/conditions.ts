import {
  type Atom,
  type ColumnSchema,
  type ColumnValue,
  type DatabaseSchema,
  decodeValue,
  findColumn,
  isJsonArray,
  type Json,
  type ResolveName,
  valuesEqual,
} from "@loomstack/ovsdb";
import type { StoredRow } from "./draft.ts";
import { type Elements, elementsOf, failure } from "./elements.ts";

/**
 * Reads a list of `<condition>` (RFC 7047, 5.1) as a predicate on rows.
 *
 * @throws OVSDB__OPERATION_FAILED, OVSDB__UNKNOWN_COLUMN, OVSDB__MALFORMED_VALUE
 */
export function readConditions(
  schema: DatabaseSchema,
  table: string,
  json: Json | undefined,
  resolve: ResolveName,
): (row: StoredRow) => boolean {
  if (!isJsonArray(json)) throw failure("syntax error", "where isn't a list of conditions");
  const predicates = json.map((condition) => readCondition(schema, table, condition, resolve));
  return (row) => predicates.every((holds) => holds(row));
}

function readCondition(
  schema: DatabaseSchema,
  table: string,
  json: Json,
  resolve: ResolveName,
): (row: StoredRow) => boolean {
  const [name, compare, argument] = isJsonArray(json) ? json : [];
  if (typeof name !== "string" || typeof compare !== "string") {
    throw failure("syntax error", "a condition isn't [column, function, value]");
  }
  const column = findColumn(schema, table, name);
  if (/[<>]/.test(compare) && !isOrdered(column)) throw failure("syntax error", `${table}.${name} is in no order`);
  const value = decodeValue(partOf(column, compare), argument, `${table}.${name}`, resolve);
  const holds = comparison(compare);
  return (row) => holds(row[name], value);
}

function isOrdered({ key, value, max }: ColumnSchema): boolean {
  return (key.type === "integer" || key.type === "real") && value === undefined && max === 1;
}

/** `includes` and `excludes` may be given fewer elements than the column must have. */
function partOf(column: ColumnSchema, compare: string): ColumnSchema {
  return compare === "includes" || compare === "excludes" ? { ...column, min: 0 } : column;
}

function comparison(compare: string): (value: ColumnValue, argument: ColumnValue) => boolean {
  switch (compare) {
    case "==":
      return valuesEqual;
    case "!=":
      return (value, argument) => !valuesEqual(value, argument);
    case "includes":
      return (value, argument) => [...elementsOf(argument)].every((element) => hasElement(elementsOf(value), element));
    case "excludes":
      return (value, argument) => ![...elementsOf(argument)].some((element) => hasElement(elementsOf(value), element));
    case "<":
      return ordered((a, b) => a < b);
    case "<=":
      return ordered((a, b) => a <= b);
    case ">=":
      return ordered((a, b) => a >= b);
    case ">":
      return ordered((a, b) => a > b);
    default:
      throw failure("syntax error", `${compare} is not a function`);
  }
}

function hasElement(elements: Elements, [key, value]: readonly [Atom, Atom | undefined]): boolean {
  return elements.has(key) && elements.get(key) === value;
}

/** An optional scalar that isn't there is in no order to anything. */
function ordered(
  compare: (a: number | bigint, b: number | bigint) => boolean,
): (value: ColumnValue, argument: ColumnValue) => boolean {
  return (value, argument) => isNumeric(value) && isNumeric(argument) && compare(value, argument);
}

function isNumeric(value: ColumnValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
