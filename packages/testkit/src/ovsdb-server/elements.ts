/**
 * What conditions, mutations and constraints do to values, seen as elements: the one view that scalars, sets and maps
 * share.
 */
import { LoomstackError } from "@loomstack/core";
import {
  type Atom,
  type BaseType,
  type ColumnSchema,
  type ColumnValue,
  isAtomMap,
  isAtomSet,
  type JsonObject,
} from "@loomstack/ovsdb";

/** The elements of a value; of a map with their values. */
export type Elements = ReadonlyMap<Atom, Atom | undefined>;

export function elementsOf(value: ColumnValue): Elements {
  if (isAtomMap(value)) return value;
  if (isAtomSet(value)) return new Map(Array.from(value, (atom) => [atom, undefined]));
  return new Map(value === undefined ? [] : [[value, undefined]]);
}

/**
 * The value of a column that has these elements.
 *
 * @param wrongCount the error when the column can't hold so many or so few
 * @throws OVSDB__OPERATION_FAILED "constraint violation" when the column can't hold one of them
 */
export function valueOf(
  column: ColumnSchema,
  elements: Elements,
  label: string,
  wrongCount: "constraint violation" | "syntax error" = "constraint violation",
): ColumnValue {
  const { min, max } = column;
  if (elements.size < min || (max !== "unlimited" && elements.size > max)) {
    throw failure(wrongCount, `${label} can't have ${elements.size} elements`);
  }
  for (const [key, value] of elements) {
    checkAtom(column.key, key, label);
    if (column.value !== undefined && value !== undefined) checkAtom(column.value, value, label);
  }
  if (column.value !== undefined) return new Map(Array.from(elements, ([key, value]) => [key, value ?? ""]));
  return max === 1 ? elements.keys().next().value : new Set(elements.keys());
}

function checkAtom(type: BaseType, atom: Atom, label: string): void {
  if (type.enum !== undefined && !type.enum.includes(atom)) {
    throw failure("constraint violation", `${String(atom)} is not one of the values of ${label}`);
  }
  const size = typeof atom === "string" ? atom.length : atom;
  const least = type.minInteger ?? type.minReal ?? type.minLength ?? size;
  const most = type.maxInteger ?? type.maxReal ?? type.maxLength ?? size;
  if (size < least || size > most) {
    throw failure("constraint violation", `${String(atom)} is not in the range ${least} to ${most} of ${label}`);
  }
}

/** @throws OVSDB__OPERATION_FAILED "syntax error" when there is a member that isn't one of `known` */
export function expectMembers(json: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(json).find((name) => !known.includes(name));
  if (unknown !== undefined) throw failure("syntax error", `unexpected member ${unknown}`);
}

/** An `<error>` of an operation, as RFC 7047 (4.1.3) names it. */
export function failure(error: string, details: string): LoomstackError<"OVSDB__OPERATION_FAILED"> {
  return new LoomstackError("OVSDB__OPERATION_FAILED", {
    remote: "the in-process server",
    index: 0,
    operation: "an operation",
    error,
    details,
  });
}
