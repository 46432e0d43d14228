import { isUuid, LoomstackError, parseUuid } from "@loomstack/core";
import type { Store } from "@loomstack/model";
import type { Attributes } from "./attributes/attribute.ts";
import { type Caller, isAtLeast, type Standing } from "./caller.ts";
import type { Identified, Resource } from "./resource.ts";

/** An object, and what the caller is to it. */
export interface Found<Value> {
  readonly value: Value;
  readonly standing: Standing;
}

/** The object of a path, if the caller may see it. @throws MODEL__NOT_FOUND */
export async function findVisible<Value extends Identified, Shown, Declared extends Attributes<Shown>>(
  db: Store["db"],
  caller: Caller,
  resource: Resource<Value, Shown, Declared>,
  id: string,
): Promise<Found<Value>> {
  // What isn't a UUID is no object's id: clients look for names in this way first.
  if (!isUuid(id.toLowerCase())) throw notFound(resource.singular, id);
  const value = await resource.get(db, parseUuid(id));
  const standing = (await resource.standings(db, caller))(value);
  if (!isAtLeast(standing, "viewer")) throw notFound(resource.singular, id);
  return { value, standing };
}

function notFound(resource: string, id: string): LoomstackError {
  return new LoomstackError("MODEL__NOT_FOUND", { resource: resource.replaceAll("_", " "), id });
}
