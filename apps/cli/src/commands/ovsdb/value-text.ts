/** Reads values as ovs-vsctl(8) writes them, "Database Values": `br0`, `"a b"`, `[1, 2]`, `{key=value}`. */
import { isUuid, LoomstackError } from "@loomstack/core";
import { type Atom, type BaseType, decodeAtom, type Json, parseJson } from "@loomstack/ovsdb";

/** An element of a set, or a pair of a map. */
export interface Element {
  readonly key: Atom;
  readonly value?: Atom;
}

export interface ElementTypes {
  readonly key: BaseType;
  /** Of a map. */
  readonly value?: BaseType;
}

/** What a text has at its beginning, and what is behind that. */
export interface Token {
  readonly token: string;
  readonly rest: string;
}

const booleans: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, 1: true },
  ...{ false: false, no: false, off: false, 0: false },
};

/** Up to the first of `:=, []{}!<>` that isn't quoted. The quotes stay. @throws CLI__USAGE */
export function readToken(text: string): Token {
  const token = /^(?:"(?:[^"\\]|\\.)*"|[^":=, [\]{}!<>])*/s.exec(text)?.[0] ?? "";
  const rest = text.slice(token.length);
  if (rest.startsWith('"')) throw usage(text, "a quote isn't closed");
  return { token, rest };
}

/**
 * The elements of a set or map, in any order; brackets around them may be left out unless there are none.
 *
 * @throws CLI__USAGE
 */
export function parseElements(text: string, types: ElementTypes): readonly Element[] {
  const [open, close] = types.value === undefined ? ["[", "]"] : ["{", "}"];
  const isBracketed = text.trim().startsWith(open);
  let rest = text
    .trim()
    .slice(isBracketed ? 1 : 0)
    .trimStart();
  if (rest === "") throw usage(text, `nothing is written ${open}${close}`);
  const elements: Element[] = [];
  while (rest !== "" && !(isBracketed && rest.startsWith(close))) {
    const read = readElement(rest, types, text);
    elements.push(read.element);
    rest = read.rest.trimStart();
    if (rest.startsWith(",")) rest = rest.slice(1).trimStart();
  }
  if (isBracketed ? rest !== close : rest !== "") throw usage(text, `${JSON.stringify(close)} is expected at its end`);
  return elements;
}

/** @throws CLI__USAGE */
export function parseAtom({ type }: BaseType, token: string): Atom {
  const wrong = (): LoomstackError => usage(token, type === "uuid" ? "it isn't a UUID" : `it isn't of type ${type}`);
  if (type === "string") return token.startsWith('"') ? parseQuoted(token) : token;
  if (type === "uuid") {
    const uuid = token.toLowerCase();
    if (!isUuid(uuid)) throw wrong();
    return uuid;
  }
  if (type === "boolean") {
    const value = booleans[token];
    if (value === undefined) throw wrong();
    return value;
  }
  const number = /^[-+]?\d/.test(token) ? jsonOf(token.replace(/^\+/, "")) : undefined;
  if (typeof number !== "number" && typeof number !== "bigint") throw wrong();
  try {
    return decodeAtom({ type }, number, token);
  } catch {
    throw wrong();
  }
}

function readElement(
  text: string,
  types: ElementTypes,
  whole: string,
): { readonly element: Element; readonly rest: string } {
  const { token, rest } = readToken(text);
  if (token === "") throw usage(whole, `${JSON.stringify(text.slice(0, 1))} isn't expected`);
  const key = parseAtom(types.key, token);
  if (types.value === undefined) return { element: { key }, rest };
  if (!rest.trimStart().startsWith("=")) throw usage(whole, "a key needs = and a value");
  const value = readToken(rest.trimStart().slice(1).trimStart());
  if (value.token === "") throw usage(whole, 'a value is missing; the empty text is written ""');
  return { element: { key, value: parseAtom(types.value, value.token) }, rest: value.rest };
}

function parseQuoted(token: string): string {
  const text = jsonOf(token);
  if (typeof text === "string") return text;
  throw usage(token, "it isn't a string as JSON writes them");
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function usage(text: string, reason: string): LoomstackError {
  return new LoomstackError("CLI__USAGE", { reason: `the value ${text} can't be read: ${reason}` });
}
