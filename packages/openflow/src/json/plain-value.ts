/**
 * Values of this package as JSON, and back, with nothing lost:
 *
 * - integers of up to 32 bits are numbers; larger ones, whatever their value, are strings of their decimal digits;
 * - bytes are `"0x"` and two hexadecimal digits for each;
 * - texts are strings. Where a peer chooses the text (the properties of `peersTexts`) a string is always a text; elsewhere
 *   one that looks like an integer or like bytes is `{ "text": … }`;
 * - an integer or bytes where a text is due would be `{ "integer": … }` or `{ "bytes": … }`.
 */
import { LoomstackError } from "@loomstack/core";

/** What JSON can hold of our values. */
export type PlainValue =
  string | number | boolean | readonly PlainValue[] | { readonly [name: string]: PlainValue | undefined };

/** Properties with a text that a peer chooses: it may look like anything. */
const peersTexts: ReadonlySet<string> = new Set([
  ...["name", "manufacturer", "hardware", "software", "serialNumber", "datapath", "method"],
]);

const integerText = /^(?:0|-?[1-9]\d*)$/;
const bytesText = /^0x(?:[0-9a-f]{2})*$/i;

/** How deep values may be nested in JSON: more than any message can be. */
const deepest = 200;

/** @param name the property that the value is of */
export function toPlain(value: unknown, name = ""): PlainValue {
  switch (typeof value) {
    case "bigint":
      return tagged("integer", value.toString(), peersTexts.has(name));
    case "string":
      return tagged("text", value, !peersTexts.has(name) && looksLikeAnother(value));
    case "number":
    case "boolean":
      return value;
    default:
      if (value instanceof Uint8Array)
        return tagged("bytes", `0x${Buffer.from(value).toString("hex")}`, peersTexts.has(name));
      if (Array.isArray(value)) return value.map((item) => toPlain(item, name));
      return plainObject(value as Readonly<Record<string, unknown>>);
  }
}

/**
 * The value that JSON stands for.
 *
 * @param path where it is, for errors
 * @param name the property that it is of
 * @throws OPENFLOW__INVALID_JSON for what no value of ours is written as
 */
export function fromPlain(plain: unknown, path: string, name = "", depth = 0): unknown {
  if (depth > deepest) throw invalid(path, `values are nested more than ${deepest} deep`);
  switch (typeof plain) {
    case "string":
      return peersTexts.has(name) ? plain : fromText(plain);
    case "boolean":
      return plain;
    case "number":
      if (Number.isSafeInteger(plain)) return plain;
      throw invalid(path, `${plain} is no integer of up to 53 bits; larger ones are strings of digits`);
    default:
      if (plain === null) throw invalid(path, "there is no null in a message; leave it out");
      if (Array.isArray(plain)) {
        return plain.map((item, index) => fromPlain(item, `${path}[${index}]`, name, depth + 1));
      }
      return fromObject(Object.entries(plain as object), path, name, depth);
  }
}

function fromObject(entries: readonly [string, unknown][], path: string, name: string, depth: number): unknown {
  const [[tag, text] = ["", ""]] = entries;
  if (entries.length === 1 && typeof text === "string") {
    if (tag === "text") return text;
    if (tag === "integer" && integerText.test(text)) return BigInt(text);
    if (tag === "bytes" && peersTexts.has(name) && bytesText.test(text)) return fromText(text);
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, fromPlain(member, `${path}.${key}`, key, depth + 1)]));
}

function plainObject(value: Readonly<Record<string, unknown>>): PlainValue {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, toPlain(member, name)]));
}

function fromText(text: string): string | bigint | Uint8Array {
  if (integerText.test(text)) return BigInt(text);
  return bytesText.test(text) ? Uint8Array.from(Buffer.from(text.slice(2), "hex")) : text;
}

function looksLikeAnother(text: string): boolean {
  return integerText.test(text) || bytesText.test(text);
}

function tagged(tag: string, text: string, isNeeded: boolean): PlainValue {
  return isNeeded ? { [tag]: text } : text;
}

/** The error for JSON that is no message, to be thrown by the caller. */
export function invalid(path: string, reason: string): LoomstackError {
  return new LoomstackError("OPENFLOW__INVALID_JSON", { path: path === "" ? "the JSON" : path, reason });
}
