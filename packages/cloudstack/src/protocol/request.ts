/** The parameters of a request, wherever it carries them: in its address, in a form, or in both. */
import type { SignedParameters } from "./signature.ts";

export interface ApiRequest {
  /** As written, for the signature. */
  readonly written: SignedParameters;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly method: "GET" | "POST";
  readonly remoteAddress: string;
  readonly cookies: Readonly<Record<string, string | undefined>>;
}

/** How many parameters a request may have; the field's largest have some dozens. */
export const parameterLimit = 1000;

/** All parameters of the request as it was written; of one that is written twice, both. */
export function writtenParameters(...sources: readonly unknown[]): SignedParameters {
  return sources.flatMap((source) =>
    isRecord(source) ? Object.entries(source).flatMap(([name, value]) => pairsOf(name, value)) : [],
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function pairsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === "string").map((each) => [name, each] as const);
}

/** By lower-case name; the last one counts. */
export function byLowerCaseName(written: SignedParameters): ReadonlyMap<string, string> {
  return new Map(written.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The first parameter whose value has control characters, which CloudStack refuses too (ApiServer). */
export function withControlCharacters(parameters: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of parameters) if (/\p{Cc}/u.test(value)) return name;
  return undefined;
}

/**
 * The entries of a map parameter, in the order of their numbers: `tags[0].key=a&tags[0].value=b` is `[{ key: "a",
 * value: "b" }]`.
 */
export function mapEntries(
  parameters: ReadonlyMap<string, string>,
  name: string,
): readonly Readonly<Record<string, string>>[] {
  const entries = new Map<number, Record<string, string>>();
  for (const [key, value] of parameters) {
    const [, index, field] = key.startsWith(`${name}[`)
      ? (/^\[(\d{1,4})\]\.(.+)$/.exec(key.slice(name.length)) ?? [])
      : [];
    if (index === undefined || field === undefined) continue;
    const entry = entries.get(Number(index)) ?? {};
    entry[field] = value;
    entries.set(Number(index), entry);
  }
  return [...entries.entries()].toSorted(([one], [other]) => one - other).map(([, entry]) => entry);
}

/** Details, which are written either way: `details[0].initrd=x` or `details[0].key=initrd&details[0].value=x`. */
export function detailsOf(entries: readonly Readonly<Record<string, string>>[]): ReadonlyMap<string, string> {
  const pairs = entries.flatMap((entry) => {
    const { key, value } = entry;
    return key !== undefined && value !== undefined ? [[key.toLowerCase(), value] as const] : Object.entries(entry);
  });
  return new Map(pairs);
}
