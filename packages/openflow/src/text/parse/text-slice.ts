/** Pieces of a text that is read, which know where in it they are. */
import { LoomstackError } from "@loomstack/core";

/** The characters of `source` from `start` up to, and not with, `end`. */
export interface TextSlice {
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** Longer texts are refused: the longest that ovs-ofctl prints is that of a message of 65535 bytes. */
export const mostCharacters = 0x8_0000;

/** @throws OPENFLOW__TEXT_TOO_LONG */
export function wholeText(source: string): TextSlice {
  if (source.length > mostCharacters)
    throw new LoomstackError("OPENFLOW__TEXT_TOO_LONG", { characters: source.length, most: mostCharacters });
  return { source, start: 0, end: source.length };
}

export function textOf({ source, start, end }: TextSlice): string {
  return source.slice(start, end);
}

/** The part of a slice from `from` up to `to`, both counted from its beginning. */
export function part(slice: TextSlice, from: number, to: number = slice.end - slice.start): TextSlice {
  return { source: slice.source, start: slice.start + from, end: slice.start + to };
}

/** The slice without white space around it. */
export function trimmed(slice: TextSlice): TextSlice {
  const text = textOf(slice);
  const end = text.trimEnd().length;
  return part(slice, Math.min(end, text.length - text.trimStart().length), end);
}

/** What is in front of the first `separator` and what is behind it; undefined where there is none. */
export function splitAt(slice: TextSlice, separator: string): readonly [TextSlice, TextSlice] | undefined {
  const at = textOf(slice).indexOf(separator);
  return at < 0 ? undefined : [part(slice, 0, at), part(slice, at + separator.length)];
}

/** The pieces between characters of a set; empty ones are left out. */
export function pieces(slice: TextSlice, separators: RegExp): readonly TextSlice[] {
  const found: TextSlice[] = [];
  const text = textOf(slice);
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    if (index < text.length && !separators.test(text.charAt(index))) continue;
    if (index > start) found.push(part(slice, start, index));
    start = index + 1;
  }
  return found;
}

/** The most characters of the text that an error shows. */
const shownCharacters = 60;

/** The error for a slice that can't be what it stands for, to be thrown by the caller. @param allowed what can be there */
export function refused(slice: TextSlice, problem: string, allowed: string): LoomstackError {
  const text = textOf(slice);
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return new LoomstackError("OPENFLOW__INVALID_TEXT", { text: shown, offset: slice.start, problem, allowed });
}
