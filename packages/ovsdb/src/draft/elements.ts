/** Values seen as elements: the one view that scalars, sets and maps share (RFC 7047, 5.1: a value is a set or a map). */
import { LoomstackError } from "@loomstack/core";
import type { Atom } from "../notation/atom.ts";
import { type ColumnValue, isAtomMap, isAtomSet, shapeOf } from "../notation/value.ts";
import type { ColumnSchema } from "../schema/schema.ts";

/** The elements of a value; those of a map with their values. */
export type Elements = ReadonlyMap<Atom, Atom | undefined>;

export function elementsOf(value: ColumnValue): Elements {
  if (isAtomMap(value)) return value;
  if (isAtomSet(value)) return new Map(Array.from(value, (atom) => [atom, undefined]));
  return new Map(value === undefined ? [] : [[value, undefined]]);
}

/**
 * The value of a column that has these elements. How many a set or map may have isn't checked.
 *
 * @throws OVSDB__INVALID_VALUE when a column of one value would have none or several
 */
export function valueOf(column: ColumnSchema, elements: Elements, label: string): ColumnValue {
  const shape = shapeOf(column);
  if (shape === "set") return new Set(elements.keys());
  if (shape === "map") {
    return new Map([...elements].filter((pair): pair is [Atom, Atom] => pair[1] !== undefined));
  }
  if (elements.size > 1 || (shape === "scalar" && elements.size === 0)) {
    throw new LoomstackError("OVSDB__INVALID_VALUE", { label, reason: `it would have ${elements.size} elements` });
  }
  return elements.keys().next().value;
}
