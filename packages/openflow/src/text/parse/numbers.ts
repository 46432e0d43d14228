/** Numbers as C reads them: decimal, with 0x in front hexadecimal, with 0 in front octal. */
import { refused, type TextSlice, textOf } from "./text-slice.ts";

const allBits64 = 2n ** 64n - 1n;
const mostDigits = 300;
const integerForm = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))$/;

/** The number in a text; undefined for one that is none. */
export function integerIn(text: string): bigint | undefined {
  if (text.length > mostDigits) return undefined;
  const [, sign, hexadecimal, octal, decimal] = integerForm.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const size =
    hexadecimal !== undefined
      ? BigInt(`0x${hexadecimal}`)
      : octal !== undefined
        ? BigInt(`0o0${octal}`)
        : BigInt(decimal ?? "0");
  return sign === "-" ? -size : size;
}

/** @param what the name of the number, for the error */
export function numberUpTo(slice: TextSlice, most: number, what: string, least = 0): number {
  const value = integerIn(textOf(slice));
  if (value === undefined || value < BigInt(least) || value > BigInt(most))
    throw refused(slice, `is no ${what}`, `a number from ${least} to ${most}`);
  return Number(value);
}

export function numberU8(slice: TextSlice, what: string): number {
  return numberUpTo(slice, 0xff, what);
}

export function numberU16(slice: TextSlice, what: string): number {
  return numberUpTo(slice, 0xffff, what);
}

export function numberU32(slice: TextSlice, what: string): number {
  return numberUpTo(slice, 0xffff_ffff, what);
}

/** 64 bits; as in C, -1 is all of them. */
export function numberU64(slice: TextSlice, what: string): bigint {
  const value = integerIn(textOf(slice));
  if (value === undefined || value > allBits64 || value < -allBits64)
    throw refused(slice, `is no ${what}`, "a number of at most 64 bits");
  return BigInt.asUintN(64, value);
}

const hexadecimalForm = /^0[xX][\s0-9a-fA-F]*$/;

/** As many bits as a field or an operand has; a decimal number has 64 at most. */
export function numberOfBits(slice: TextSlice, bits: number, what: string): bigint {
  const text = textOf(slice);
  const value = hexadecimalForm.test(text) ? hexadecimal(text) : decimalOf64(text);
  if (value === undefined || value >= 1n << BigInt(bits))
    throw refused(slice, `is no ${what}`, `a number of at most ${bits} bits`);
  return value;
}

function hexadecimal(text: string): bigint | undefined {
  const digits = text.slice(2).replace(/\s+/g, "").replace(/^0+/, "");
  return digits.length > mostDigits ? undefined : BigInt(`0x0${digits}`);
}

function decimalOf64(text: string): bigint | undefined {
  const value = integerIn(text);
  if (value === undefined || value > allBits64 || value < -allBits64) return undefined;
  return BigInt.asUintN(64, value);
}

/** Bytes as pairs of hexadecimal digits, with white space, dots or nothing between them. */
export function dottedBytesIn(slice: TextSlice, what: string): Uint8Array {
  const digits = textOf(slice).replace(/[\s.]+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits))
    throw refused(slice, `is no ${what}`, "pairs of hexadecimal digits such as 00.11.22");
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
