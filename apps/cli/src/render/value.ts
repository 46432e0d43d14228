import { isUuid } from "@loomstack/core";
import { type Atom, type BaseType, type ColumnSchema, type ColumnValue, isAtomMap, isAtomSet } from "@loomstack/ovsdb";
import { escapeControls } from "./control-characters.ts";

const plainString = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** The text of a column's value as in ovs-vsctl(8), "Database Values": `br0`, `[a, b]`, `{key=value}`. */
export function formatValue({ key, value: valueType = key }: ColumnSchema, value: ColumnValue): string {
  if (value === undefined) return "[]";
  if (isAtomSet(value)) {
    return `[${sortedAtoms(value)
      .map((atom) => formatAtom(key, atom))
      .join(", ")}]`;
  }
  if (!isAtomMap(value)) return formatAtom(key, value);
  const pairs = sortedPairs(value).map(([name, of]) => `${formatAtom(key, name)}=${formatAtom(valueType, of)}`);
  return `{${pairs.join(", ")}}`;
}

/** In the order that OVSDB has for them. */
export function sortedAtoms(atoms: Iterable<Atom>): readonly Atom[] {
  return [...atoms].sort(compareAtoms);
}

/** By key, in the order that OVSDB has for them. */
export function sortedPairs(map: ReadonlyMap<Atom, Atom>): readonly (readonly [Atom, Atom])[] {
  return [...map].sort(([one], [other]) => compareAtoms(one, other));
}

/** Of one base type. */
export function compareAtoms(one: Atom, other: Atom): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function formatAtom({ type }: BaseType, atom: Atom): string {
  return type === "string" ? formatString(String(atom)) : String(atom);
}

function formatString(text: string): string {
  const isPlain = plainString.test(text) && text !== "true" && text !== "false" && !isUuid(text.toLowerCase());
  return isPlain ? text : escapeControls(JSON.stringify(text));
}
