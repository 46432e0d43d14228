/** Reads the bodies of requests by the declarations of attributes, and refuses them in Neutron's words. */
import { LoomstackError } from "@loomstack/core";
import type { z } from "zod";
import type { Attribute, Attributes, Posted, Put } from "./attribute.ts";

/** How many objects one request may make. They are made in one transaction, for which everyone else waits. */
const bulkLimit = 1_000;

/** The names under which objects of a kind go over the wire. */
export interface Names {
  readonly singular: string;
  readonly plural: string;
}

/** One object as a request describes it. */
export interface Item<Values> {
  readonly values: Values;
  /** The attributes that the request names. */
  readonly named: readonly string[];
}

export interface PostBody<Values> {
  /** Whether it is a list, and so is its answer. */
  readonly isBulk: boolean;
  readonly items: readonly Item<Values>[];
}

/** Reads `{"port": {…}}` or `{"ports": […]}`. @throws NEUTRON__MALFORMED, NEUTRON__INVALID_ATTRIBUTE */
export function readPost<Declared extends Attributes<never>>(
  body: unknown,
  { singular, plural }: Names,
  attributes: Declared,
): PostBody<Posted<Declared>> {
  const read = (item: unknown): Item<Posted<Declared>> => readItem(item, attributes, "POST") as Item<Posted<Declared>>;
  const given = objectOf(body);
  if (plural in given) {
    const list = given[plural];
    if (!Array.isArray(list) || list.length === 0) throw malformed("Resources required");
    if (list.length > bulkLimit) throw malformed(`A request may make ${bulkLimit} ${plural} at most`);
    return { isBulk: true, items: list.map(read) };
  }
  return { isBulk: false, items: [read(only(given, singular))] };
}

/** Reads `{"port": {…}}`. @throws NEUTRON__MALFORMED, NEUTRON__INVALID_ATTRIBUTE */
export function readPut<Declared extends Attributes<never>>(
  body: unknown,
  { singular }: Names,
  attributes: Declared,
): Item<Put<Declared>> {
  return readItem(only(objectOf(body), singular), attributes, "PUT") as Item<Put<Declared>>;
}

/** Reads one member of a body that says nothing else. @throws NEUTRON__MALFORMED, NEUTRON__INVALID_ATTRIBUTE */
export function readMember<Schema extends z.ZodType>(body: unknown, name: string, schema: Schema): z.output<Schema> {
  const value = only(objectOf(body), name);
  return readValue(name, schema, value, true) as z.output<Schema>;
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) throw malformed("Resource body required");
  if (typeof body !== "object" || Array.isArray(body)) throw malformed("Request body is not a JSON object");
  return body as Readonly<Record<string, unknown>>;
}

function only(given: Readonly<Record<string, unknown>>, singular: string): unknown {
  if (!(singular in given)) throw malformed(`Unable to find '${singular}' in request body`);
  return given[singular];
}

function readItem(content: unknown, attributes: Attributes<never>, method: "POST" | "PUT"): Item<unknown> {
  const given = withTenant(objectOf(content));
  const names = Object.keys(given);
  const unknown = names.filter((name) => !Object.hasOwn(attributes, name));
  if (unknown.length > 0) throw malformed(`Unrecognized attribute(s) '${unknown.join(", ")}'`);
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const isNamed = Object.hasOwn(given, name);
    const schema = method === "POST" ? attribute.post : attribute.put;
    if (schema === undefined) {
      if (isNamed) throw malformed(refusal(name, method));
    } else if (isNamed || method === "POST") {
      values[name] = readValue(name, schema, given[name], isNamed);
    }
  }
  return { values, named: names };
}

function readValue(
  name: string,
  schema: NonNullable<Attribute<never>["post"]>,
  given: unknown,
  isNamed: boolean,
): unknown {
  const { data, error } = schema.safeParse(given);
  if (!error) return data;
  if (!isNamed) throw malformed(`Failed to parse request. Required attribute '${name}' not specified`);
  const [issue] = error.issues;
  const where = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw new LoomstackError("NEUTRON__INVALID_ATTRIBUTE", {
    attribute: `${name}${where}`,
    reason: issue?.message ?? "it is invalid",
  });
}

/** Projects were called tenants once; objects have both, which are the same. */
function withTenant({
  project_id: project,
  ...rest
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (project === undefined) return rest;
  if (rest["tenant_id"] !== undefined && rest["tenant_id"] !== project)
    throw malformed("'project_id' and 'tenant_id' do not match");
  return { ...rest, tenant_id: project };
}

function refusal(name: string, method: "POST" | "PUT"): string {
  return method === "POST" ? `Attribute '${name}' not allowed in POST` : `Cannot update read-only attribute ${name}`;
}

function malformed(reason: string): LoomstackError {
  return new LoomstackError("NEUTRON__MALFORMED", { reason });
}
