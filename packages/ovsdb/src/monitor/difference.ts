/**
 * The differences that `update2` and `update3` carry (ovsdb-server(7), 4.1.14): of a column that holds at most one
 * element the new value; of a set the elements that are in only one of old and new; of a map the pairs whose key is in
 * only one, and the new pairs whose value differs. Applying one twice undoes it, but for pairs with a new value.
 */
import type { Atom } from "../notation/atom.ts";
import { type ColumnValue, isAtomMap, isAtomSet } from "../notation/value.ts";
import type { ColumnSchema } from "../schema/schema.ts";

/** The new value of a column. @param server the column as the server declares it */
export function applyDifference(server: ColumnSchema, old: ColumnValue, difference: ColumnValue): ColumnValue {
  if (server.max === 1) return difference;
  if (isAtomSet(old) && isAtomSet(difference)) return old.symmetricDifference(difference);
  if (!isAtomMap(old) || !isAtomMap(difference)) return difference;
  const result = new Map<Atom, Atom>(old);
  for (const [key, value] of difference) {
    if (old.get(key) === value) result.delete(key);
    else result.set(key, value);
  }
  return result;
}

/** What `applyDifference` needs to make `next` of `old`. */
export function differenceOf(server: ColumnSchema, old: ColumnValue, next: ColumnValue): ColumnValue {
  if (server.max === 1) return next;
  if (isAtomSet(old) && isAtomSet(next)) return old.symmetricDifference(next);
  if (!isAtomMap(old) || !isAtomMap(next)) return next;
  const removed = [...old].filter(([key]) => !next.has(key));
  const changed = [...next].filter(([key, value]) => old.get(key) !== value);
  return new Map([...removed, ...changed]);
}
