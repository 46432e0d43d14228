import { LoomstackError } from "@loomstack/core";
import type { z } from "zod";
import type { Resource } from "./resource.ts";

/** How many objects one request may make. They are made in one transaction, for which everyone else waits. */
const bulkLimit = 1_000;

type Names = Pick<Resource<unknown, unknown, unknown>, "singular" | "plural">;

/** What a POST asks for: one object, or several together. */
export interface Creation<New> {
  readonly bulk: boolean;
  readonly wanted: readonly New[];
}

/**
 * Reads the body of a POST: `{"port": {…}}`, `{"ports": […]}`, and `{"port": […]}`, which networking-odl sends for a
 * list of one.
 *
 * @throws NORTHBOUND__MALFORMED, which says where; NORTHBOUND__EXCEEDED
 */
export function parseCreation<New>(body: unknown, names: Names, schema: z.ZodType<New>): Creation<New> {
  const { key, content } = open(body, [names.singular, names.plural]);
  if (!Array.isArray(content)) {
    if (key === names.plural) throw malformed(key, "has to be a list");
    return { bulk: false, wanted: [parseMember(content, key, schema)] };
  }
  const items: readonly unknown[] = content;
  if (items.length === 0) throw malformed(key, "is empty");
  if (items.length > bulkLimit) {
    throw new LoomstackError("NORTHBOUND__EXCEEDED", {
      what: "a request",
      limit: bulkLimit,
      unit: names.plural,
      given: items.length,
    });
  }
  return { bulk: true, wanted: items.map((item, index) => parseMember(item, `${key}[${index}]`, schema)) };
}

/** Reads the body of a PUT: `{"port": {…}}`. @throws NORTHBOUND__MALFORMED */
export function parseChange<Patch>(body: unknown, { singular }: Names, schema: z.ZodType<Patch>): Patch {
  return parseMember(open(body, [singular]).content, singular, schema);
}

function open(body: unknown, keys: readonly string[]): { readonly key: string; readonly content: unknown } {
  const expected = `has to be a JSON object with the one member ${keys.join(" or ")}`;
  if (typeof body !== "object" || body === null) throw malformed("the body", expected);
  const [entry, ...surplus] = Object.entries(body);
  if (!entry || surplus.length > 0 || !keys.includes(entry[0])) throw malformed("the body", expected);
  return { key: entry[0], content: entry[1] };
}

function parseMember<T>(content: unknown, path: string, schema: z.ZodType<T>): T {
  const { data, error } = schema.safeParse(content);
  if (!error) return data;
  const [issue] = error.issues;
  const where = (issue?.path ?? []).reduce<string>(
    (sum, key) => (typeof key === "number" ? `${sum}[${key}]` : `${sum}.${String(key)}`),
    path,
  );
  const message = issue?.message ?? "is invalid";
  throw malformed(where, /received undefined$/.test(message) ? "is missing" : message);
}

function malformed(where: string, reason: string): LoomstackError {
  return new LoomstackError("NORTHBOUND__MALFORMED", { where, reason });
}
