/** Fields of single bits: `+trk-inv`, `syn|ack`, `0x12/0x3f`. */
import type { MaskedBits } from "./field-values.ts";
import { integerIn } from "./numbers.ts";
import { part, pieces, refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

type Flags = Readonly<Record<string, number>>;

export function flagsIn(slice: TextSlice, flags: Flags, bits: number): MaskedBits {
  const text = textOf(slice);
  const halves = splitAt(slice, "/");
  if (halves !== undefined) return { bits: number(halves[0], bits, flags), mask: number(halves[1], bits, flags) };
  if (text.startsWith("+") || text.startsWith("-")) return signed(slice, flags);
  const set = pieces(slice, /\|/).map((piece) =>
    integerIn(textOf(piece)) === undefined ? bit(piece, flags) : number(piece, bits, flags),
  );
  return { bits: set.reduce((sum, one) => sum | one, 0n), mask: undefined };
}

/** `+` for a bit that is set, `-` for one that isn't; the others don't count. */
function signed(slice: TextSlice, flags: Flags): MaskedBits {
  let [value, mask] = [0n, 0n];
  for (const { index, 0: found } of textOf(slice).matchAll(/[+-][^+-]*/g)) {
    const one = bit(part(slice, index + 1, index + found.length), flags);
    if ((mask & one) !== 0n) throw refused(part(slice, index), "names a flag for the second time", allowed(flags));
    mask |= one;
    if (found.startsWith("+")) value |= one;
  }
  return { bits: value, mask };
}

function bit(slice: TextSlice, flags: Flags): bigint {
  const name = textOf(slice);
  const found = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (found === undefined) throw refused(slice, "is no flag", allowed(flags));
  return 1n << BigInt(found);
}

function number(slice: TextSlice, bits: number, flags: Flags): bigint {
  const value = integerIn(textOf(slice));
  if (value === undefined || value < 0n || value >= 1n << BigInt(bits))
    throw refused(slice, "has no such flags", allowed(flags));
  return value;
}

function allowed(flags: Flags): string {
  return `${Object.keys(flags).join(", ")}, with + or - in front or | between them`;
}
