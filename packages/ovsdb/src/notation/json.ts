import { parseEscapedNames } from "./escaped-names.ts";

/**
 * What a JSON text can hold. Integers that a `number` can't hold exactly are `bigint`: OVSDB's integers have 64 bits.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** What ES2025 gives to a reviver as its third argument. */
interface ReviverContext {
  readonly source?: string;
}
type ParseJson = (text: string, reviver?: (name: string, value: Json, context: ReviverContext) => Json) => Json;

/** What ES2025 adds to JSON, not yet in TypeScript's library for ES2024. */
interface ExactJson {
  readonly parse: ParseJson;
  readonly rawJSON: (text: string) => object;
}

const exactJson = JSON as unknown as ExactJson;

export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isJsonArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** The JSON text of a value; a `bigint` becomes an integer with all of its digits. */
export function stringifyJson(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // It holds a `bigint`. Few values do, and looking at each part takes several times as long.
    return JSON.stringify(value, (_name, part: unknown) =>
      typeof part === "bigint" ? exactJson.rawJSON(part.toString()) : part,
    );
  }
}

/**
 * The value of a JSON text.
 *
 * @param exactIntegers whether integers beyond 2^53 are looked for; a text without numbers of 16 or more digits is read
 * faster without
 * @param escapedNames whether names of members with escapes are looked for; a text without any is read faster without
 * @throws SyntaxError
 */
export function parseJson(text: string, exactIntegers = true, escapedNames = text.includes("\\")): Json {
  const parse = (plain: string): Json => (exactIntegers ? exactJson.parse(plain, keepDigits) : exactJson.parse(plain));
  return escapedNames ? parseEscapedNames(text, parse) : parse(text);
}

/** As many characters as an integer of 64 bits can have. Reading longer ones exactly takes long, and nobody can use them. */
const longestInteger = 20;

function keepDigits(_name: string, value: Json, { source }: ReviverContext): Json {
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
  return source.length <= longestInteger && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
