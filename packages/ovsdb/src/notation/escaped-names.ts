import type { Json } from "./json.ts";

const isArray: (json: Json) => json is readonly Json[] = Array.isArray;

/** A string, and the colon after it if it is the name of a member. */
const stringPattern = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/gs;

/**
 * Reads a text in which names of members hold escapes, as no OVSDB server writes them, but JSON allows. V8 (13.6 to 14.6
 * at least, nodejs/node#63785) takes such a name for `\` if an object with the name `\` has been read before, wherever
 * that came from. So others stand for the names while it reads.
 *
 * @throws SyntaxError
 */
export function parseEscapedNames(text: string, parse: (text: string) => Json): Json {
  const names: string[] = [];
  const withoutNames = text.replace(stringPattern, (found: string, string: string, colon: string | undefined) =>
    colon === undefined ? found : `"n${names.push(JSON.parse(string) as string) - 1}"${colon}`,
  );
  const restored = (json: Json): Json => {
    if (isArray(json)) return json.map(restored);
    if (typeof json !== "object" || json === null) return json;
    return Object.fromEntries(
      Object.entries(json).map(([name, member]) => [names[Number(name.slice(1))] ?? name, restored(member)]),
    );
  };
  return restored(parse(withoutNames));
}
