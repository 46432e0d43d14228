/** How parameters are declared: their type, whether they have to be there, and how a value is read. */
import { isUuid, LoomstackError } from "@loomstack/core";
import type { ResourceTable, Store } from "@loomstack/model";
import type { Caller } from "@loomstack/cloud";
import type { Uuid } from "@loomstack/core";
import { detailsOf, mapEntries } from "./request.ts";

export interface ReadContext {
  /** In lower case. */
  readonly command: string;
  readonly parameter: string;
  readonly db: Store["db"];
  readonly caller: Caller;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface Parameter<T, Required extends boolean = boolean> {
  /** As listApis names it. */
  readonly type: "string" | "uuid" | "boolean" | "integer" | "list" | "map";
  readonly description: string;
  readonly required: Required;
  /**
   * The value, or undefined when the request doesn't have it.
   *
   * @throws CLOUDSTACK__INVALID_VALUE, CLOUDSTACK__UNKNOWN_ENTITY
   */
  read(context: ReadContext): Promise<T | undefined>;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of declared parameters: those that are required are there. */
export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T, infer R> ? (R extends true ? T : T | undefined) : never;
};

export function required<T>(parameter: Parameter<T, false>): Parameter<T, true> {
  return { ...parameter, required: true };
}

/** How long CloudStack lets a text be, unless it says otherwise. */
const textLimit = 255;
/** How much of a value that is too long is told back. */
const shownLimit = 40;

/** @param limit how many characters it may have */
export function text(description: string, limit = textLimit): Parameter<string, false> {
  return parameter("string", description, (raw, context) => {
    if (raw.length <= limit) return raw;
    throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
      ...named(context),
      value: `${raw.slice(0, shownLimit)}…`,
      reason: `it has more than ${limit} characters`,
    });
  });
}

/**
 * CloudStack reads "true" in any case as true and anything else as false, and clients count on it (libcloud writes
 * "None").
 */
export function truth(description: string): Parameter<boolean, false> {
  return parameter("boolean", description, (raw) => raw.toLowerCase() === "true");
}

export function integer(description: string): Parameter<number, false> {
  return parameter("integer", description, (raw, context) => {
    if (/^-?\d{1,15}$/.test(raw)) return Number(raw);
    throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
      ...named(context),
      value: raw,
      reason: "it isn't a whole number",
    });
  });
}

/** Values separated by commas. */
export function list(description: string): Parameter<readonly string[], false> {
  return parameter("list", description, splitList);
}

/** `<name>[<number>].<field>=<value>` */
export function map(description: string): Parameter<readonly Readonly<Record<string, string>>[], false> {
  return {
    type: "map",
    description,
    required: false,
    read: ({ parameters, parameter: name }) => Promise.resolve(orUndefined(mapEntries(parameters, name))),
  };
}

/** A map whose entries are names and values. */
export function details(description: string): Parameter<ReadonlyMap<string, string>, false> {
  return {
    type: "map",
    description,
    required: false,
    read: ({ parameters, parameter: name }) => Promise.resolve(detailsOf(mapEntries(parameters, name))),
  };
}

/** The object of that id, whoever's it is. @throws CLOUDSTACK__UNKNOWN_ENTITY */
export function sharedEntity<Value extends { readonly id: Uuid }>(
  description: string,
  table: ResourceTable<Value>,
): Parameter<Value, false> {
  const read = (context: ReadContext): Promise<Value | undefined> =>
    entity(description, table).read({ ...context, caller: { ...context.caller, isAdmin: true } });
  return { ...text(description), type: "uuid", read };
}

/** The object of that id, among those that the caller may see. @throws CLOUDSTACK__UNKNOWN_ENTITY */
export function entity<Value extends { readonly id: Uuid }>(
  description: string,
  table: ResourceTable<Value>,
): Parameter<Value, false> {
  return {
    ...text(description),
    type: "uuid",
    read: (context) => readRaw(context, (raw) => findEntity(table, raw, context)),
  };
}

/** The objects of those ids. */
export function entities<Value extends { readonly id: Uuid }>(
  description: string,
  table: ResourceTable<Value>,
): Parameter<readonly Value[], false> {
  const read = async (raw: string, context: ReadContext): Promise<readonly Value[]> => {
    const found: Value[] = [];
    for (const id of splitList(raw)) found.push(await findEntity(table, id, context));
    return found;
  };
  return {
    type: "list",
    description,
    required: false,
    read: (context) => readRaw(context, (raw) => read(raw, context)),
  };
}

/** Whether objects of this account are the caller's business. */
export function isVisible(value: object, caller: Caller): boolean {
  return caller.isAdmin || !("account" in value) || value.account === caller.account;
}

async function findEntity<Value extends { readonly id: Uuid }>(
  table: ResourceTable<Value>,
  raw: string,
  context: ReadContext,
): Promise<Value> {
  const id = raw.toLowerCase();
  const found = isUuid(id) ? await table.find(context.db, id) : undefined;
  if (found !== undefined && isVisible(found, context.caller)) return found;
  throw new LoomstackError("CLOUDSTACK__UNKNOWN_ENTITY", { ...named(context), value: raw });
}

function parameter<T>(
  type: Parameter<T>["type"],
  description: string,
  parse: (raw: string, context: ReadContext) => T,
): Parameter<T, false> {
  return {
    type,
    description,
    required: false,
    read: (context) => readRaw(context, (raw) => Promise.resolve(parse(raw, context))),
  };
}

/** An empty value counts as none, as in CloudStack. */
async function readRaw<T>(context: ReadContext, parse: (raw: string) => Promise<T>): Promise<T | undefined> {
  const raw = context.parameters.get(context.parameter);
  return raw === undefined || raw === "" ? undefined : parse(raw);
}

function splitList(raw: string): readonly string[] {
  return raw
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function orUndefined<T>(entries: readonly T[]): readonly T[] | undefined {
  return entries.length === 0 ? undefined : entries;
}

function named({ command, parameter: name }: ReadContext): { readonly command: string; readonly parameter: string } {
  return { command, parameter: name };
}
