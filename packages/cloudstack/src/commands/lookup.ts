/** What list commands share: filters of the parameters that were given, and the names that stand beside ids. */
import type { Uuid } from "@loomstack/core";
import type { ResourceTable, Store } from "@loomstack/model";

/** The properties that have a value. */
export function where<T extends object>(filter: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function named(value: { readonly name: string }): string {
  return value.name;
}

export function namedBy<View>(subject: (view: View) => { readonly name: string }): (view: View) => string {
  return (view) => subject(view).name;
}

/** Tells names by id; of an object that is gone, an empty one. */
export async function namesOf<Value extends { readonly id: Uuid; readonly name: string }>(
  table: ResourceTable<Value>,
  store: Store,
): Promise<(id: Uuid) => string> {
  const names = new Map((await table.list(store.db)).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? "";
}
