/** Answers: the attributes of objects that the caller sees. */
import { type Attributes, isSeen } from "./attributes/attribute.ts";
import type { Standing } from "./caller.ts";

/** An object as it goes over the wire. */
export type Members = Readonly<Record<string, unknown>>;

/** @param fields the members that are wanted; all where there are none */
export function show<Shown>(
  shown: Shown,
  attributes: Attributes<Shown>,
  standing: Standing,
  fields: readonly string[] = [],
): Members {
  const members: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.show === undefined || !isSeen(attribute, standing)) continue;
    if (isWanted(fields, name)) members[name] = attribute.show(shown);
    if (name === "tenant_id" && isWanted(fields, "project_id")) members["project_id"] = attribute.show(shown);
  }
  return members;
}

function isWanted(fields: readonly string[], name: string): boolean {
  return fields.length === 0 || fields.includes(name);
}
