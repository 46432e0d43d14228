/** Words for numbers that several actions and messages have. */
import { packetInReasonWords } from "../format-nicira.ts";
import { refused, type TextSlice, textOf } from "./text-slice.ts";

/** The number of a reason for a packet-in. */
export function packetInReasonNumber(slice: TextSlice): number {
  const number = packetInReasonWords.indexOf(textOf(slice).toLowerCase());
  if (number < 0) throw refused(slice, "is no reason", packetInReasonWords.join(", "));
  return number;
}

/** One of a list of words, whatever its case. */
export function oneOf<const Word extends string>(slice: TextSlice, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === textOf(slice).toLowerCase());
  if (found === undefined) throw refused(slice, `is no ${what}`, words.join(", "));
  return found;
}
