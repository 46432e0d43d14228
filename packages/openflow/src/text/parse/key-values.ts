/** The outline of ovs-ofctl's syntax: keys, some with a value. @see ovs-ofctl(8), "Flow Syntax" */
import { part, type TextSlice, textOf } from "./text-slice.ts";

/** `key`, `key=value`, `key:value`, `key(value)` or `key(value)->rest`. */
export interface KeyValue {
  readonly key: string;
  readonly keySlice: TextSlice;
  /** Empty where there is none. For `key(value)->rest` it has the parenthesis and the arrow in it. */
  readonly value: TextSlice;
  /** All of it. */
  readonly whole: TextSlice;
}

const between = " ,\t\r\n";
const endOfKey = `:=(${between}`;

/** Keys and values one after the other; what is in parentheses belongs to one value. */
export function* keyValues(slice: TextSlice): Generator<KeyValue> {
  const text = textOf(slice);
  let at = 0;
  for (;;) {
    while (at < text.length && between.includes(text.charAt(at))) at++;
    if (at >= text.length) return;
    const start = at;
    while (at < text.length && !endOfKey.includes(text.charAt(at))) at++;
    const keyEnd = at;
    const delimiter = text.charAt(at);
    const [from, to, next] = valueBounds(text, at, delimiter);
    at = next;
    const keySlice = part(slice, start, keyEnd);
    yield { key: textOf(keySlice), keySlice, value: part(slice, from, to), whole: part(slice, start, next) };
  }
}

/** Where the value behind a key starts and ends, and where to go on. */
function valueBounds(text: string, keyEnd: number, delimiter: string): readonly [number, number, number] {
  if (delimiter === "" || between.includes(delimiter)) return [keyEnd, keyEnd, Math.min(keyEnd + 1, text.length)];
  const start = keyEnd + 1;
  let end = endOfValue(text, start, delimiter === "(" ? ")" : between);
  if (delimiter === "(" && text.startsWith(")->", end)) end = endOfValue(text, end, between);
  return [start, end, Math.min(end + 1, text.length)];
}

/** The place of the first of `delimiters` that isn't in parentheses. */
function endOfValue(text: string, start: number, delimiters: string): number {
  let at = start;
  let depth = 0;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (depth === 0 && delimiters.includes(character)) return at;
    if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
  }
  return at;
}
