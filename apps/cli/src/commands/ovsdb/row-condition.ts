/** Conditions on rows as ovs-vsctl(8) has them for `find` and `wait-until`: `column[:key]<operator>value`. */
import { LoomstackError, type Uuid } from "@loomstack/core";
import {
  type ColumnSchema,
  type ColumnValue,
  type DatabaseSchema,
  findColumn,
  isAtomMap,
  isAtomSet,
} from "@loomstack/ovsdb";
import { compareAtoms } from "../../render/value.ts";
import { type Element, type ElementTypes, parseAtom, parseElements, readToken } from "./value-text.ts";

export interface RowCondition {
  readonly column: string;
  readonly holds: (uuid: Uuid, row: Readonly<Record<string, ColumnValue>>) => boolean;
}

/** Whether the elements that a row has stand so to those of the condition. Both are sorted. */
type Relation = (have: readonly Element[], want: readonly Element[]) => boolean;

/** These compare an absent key as the empty set; for the others the row then isn't one of those that are meant. */
const setRelations: Readonly<Record<string, Relation>> = {
  "{=}": (have, want) => compareElements(have, want) === 0,
  "{!=}": (have, want) => compareElements(have, want) !== 0,
  "{<}": (have, want) => have.length < want.length && isSubset(have, want),
  "{<=}": isSubset,
  "{>}": (have, want) => have.length > want.length && isSubset(want, have),
  "{>=}": (have, want) => isSubset(want, have),
  "{in}": isSubset,
  "{not-in}": (have, want) => !have.some((element) => isIn(element, want)),
};

const orderRelations: Readonly<Record<string, Relation>> = {
  "=": (have, want) => compareElements(have, want) === 0,
  "==": (have, want) => compareElements(have, want) === 0,
  "!=": (have, want) => compareElements(have, want) !== 0,
  "<": (have, want) => compareElements(have, want) < 0,
  "<=": (have, want) => compareElements(have, want) <= 0,
  ">": (have, want) => compareElements(have, want) > 0,
  ">=": (have, want) => compareElements(have, want) >= 0,
};

const operators = [...Object.keys(setRelations), ...Object.keys(orderRelations)].sort((a, b) => b.length - a.length);

/** @throws CLI__USAGE, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN */
export function parseRowCondition(schema: DatabaseSchema, table: string, text: string): RowCondition {
  const { token: column, rest } = readToken(text);
  if (column === "") throw usage(text, "it has to begin with a column");
  const type = findColumn(schema, table, column);
  const key = rest.startsWith(":") ? readToken(rest.slice(1)) : undefined;
  const comparison = key?.rest ?? rest;
  const operator = operators.find((name) => comparison.startsWith(name));
  if (operator === undefined) throw usage(text, `behind the column one of ${operators.join(" ")} is expected`);
  const value = comparison.slice(operator.length);
  const read = key === undefined ? wholeColumn(type) : oneKey(type, key.token, text);
  const want = sortElements(parseElements(value, read.types));
  const setRelation = setRelations[operator];
  const relation = setRelation ?? orderRelations[operator];
  return {
    column,
    holds: (uuid, row) => {
      const have = read.elementsOf(column === "_uuid" ? uuid : row[column]);
      if (have === undefined && setRelation === undefined) return false;
      return relation?.(have ?? [], want) ?? false;
    },
  };
}

/** What a condition compares: undefined elements for a key that isn't there. */
interface Reading {
  readonly types: ElementTypes;
  readonly elementsOf: (value: ColumnValue) => readonly Element[] | undefined;
}

function wholeColumn({ key, value }: ColumnSchema): Reading {
  const types = { key, ...(value === undefined ? {} : { value }) };
  return { types, elementsOf: (columnValue) => sortElements(elementsOf(columnValue)) };
}

function oneKey({ key, value }: ColumnSchema, token: string, text: string): Reading {
  if (value === undefined) throw usage(text, "only a column of key-value pairs has keys");
  const name = parseAtom(key, token);
  return {
    types: { key: value },
    elementsOf: (columnValue) => {
      const found = isAtomMap(columnValue) ? columnValue.get(name) : undefined;
      return found === undefined ? undefined : [{ key: found }];
    },
  };
}

function elementsOf(value: ColumnValue): readonly Element[] {
  if (value === undefined) return [];
  if (isAtomSet(value)) return Array.from(value, (key) => ({ key }));
  if (isAtomMap(value)) return Array.from(value, ([key, of]) => ({ key, value: of }));
  return [{ key: value }];
}

function sortElements(elements: readonly Element[]): readonly Element[] {
  return [...elements].sort((one, other) => compareAtoms(one.key, other.key));
}

/** The one with more elements is larger; then the keys decide, then the values. */
function compareElements(one: readonly Element[], other: readonly Element[]): number {
  if (one.length !== other.length) return one.length - other.length;
  return compareEach(one, other, ({ key }) => key) || compareEach(one, other, ({ value = "" }) => value);
}

function compareEach(
  one: readonly Element[],
  other: readonly Element[],
  atomOf: (element: Element) => Element["key"],
): number {
  for (const [index, element] of one.entries()) {
    const counterpart = other[index];
    const order = counterpart === undefined ? 0 : compareAtoms(atomOf(element), atomOf(counterpart));
    if (order !== 0) return order;
  }
  return 0;
}

function isSubset(part: readonly Element[], whole: readonly Element[]): boolean {
  return part.every((element) => isIn(element, whole));
}

function isIn({ key, value }: Element, elements: readonly Element[]): boolean {
  return elements.some((element) => element.key === key && element.value === value);
}

function usage(text: string, reason: string): LoomstackError {
  return new LoomstackError("CLI__USAGE", { reason: `the condition ${text} can't be read: ${reason}` });
}
