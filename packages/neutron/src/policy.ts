/** What callers may do: in Neutron's words, `update_port` and `create_network:shared`. */
import { LoomstackError } from "@loomstack/core";
import type { Attributes } from "./attributes/attribute.ts";
import type { Item } from "./attributes/body.ts";
import { type Caller, isAtLeast, type Standing } from "./caller.ts";

/** @throws NEUTRON__FORBIDDEN unless the caller may change things, and is as much to this one as is wanted */
export function demand(caller: Caller, standing: Standing, wanted: Standing, rule: string): void {
  if (!caller.mayWrite || !isAtLeast(standing, wanted)) throw forbidden(rule);
}

/** @throws NEUTRON__FORBIDDEN for an attribute that the caller may not say */
export function demandAttributes(
  standing: Standing,
  { values, named }: Item<object>,
  attributes: Attributes<never>,
  method: "POST" | "PUT",
  rule: string,
): void {
  for (const name of named) {
    const { setBy } = attributes[name] ?? {};
    const value = (values as Readonly<Record<string, unknown>>)[name];
    if (setBy && !isAtLeast(standing, setBy(value, method))) throw forbidden(`${rule}:${name}`);
  }
}

/** Who a new object is to belong to. @throws NEUTRON__FORBIDDEN for another's */
export function tenantOf({ isAdministrator, projectId }: Caller, values: object, rule: string): string {
  const wanted = "tenant_id" in values && typeof values.tenant_id === "string" ? values.tenant_id : undefined;
  if (wanted === undefined || wanted === projectId) return projectId ?? "";
  if (!isAdministrator) throw forbidden(`${rule}:tenant_id`);
  return wanted;
}

export function forbidden(rule: string): LoomstackError {
  return new LoomstackError("NEUTRON__FORBIDDEN", { rule: `(rule:${rule})` });
}
