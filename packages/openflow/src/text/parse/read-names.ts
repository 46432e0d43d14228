/** Ports, tables and groups, by number or by name. */
import type { OfPort } from "@loomstack/core";
import { Port } from "../../of13/ports.ts";
import { reservedPorts } from "../names.ts";
import { integerIn } from "./numbers.ts";
import { part, refused, type TextSlice, textOf } from "./text-slice.ts";

/** The numbers behind the names of a switch's own tables and ports. */
export interface ReadNames {
  readonly table?: ((name: string) => number | undefined) | undefined;
  readonly port?: ((name: string) => OfPort | undefined) | undefined;
}

/** Reserved ports in the 16 bits of OpenFlow 1.0: those from here. */
const firstReserved16 = 0xff00;
const reservedOffset = 0xffff_0000;
const decimalForm = /^\d{1,10}$/;

/** @throws OPENFLOW__INVALID_TEXT for a port that is no number, reserved name or name of the switch */
export function portIn(slice: TextSlice, names: ReadNames): OfPort {
  const port = portNamed(textOf(slice), names);
  if (port === undefined)
    throw refused(
      slice,
      "is no port",
      `a number up to 65279${names.port === undefined ? "" : ", the name of a port"}, or ${[...reservedPorts.values()].join(", ")}`,
    );
  return port;
}

/** undefined for what is no port */
export function portNamed(text: string, names: ReadNames): OfPort | undefined {
  if (decimalForm.test(text)) return portNumbered(Number(text));
  const upper = text.toUpperCase();
  for (const [port, name] of reservedPorts) if (name === upper) return port;
  if (upper === "NONE") return Port.any;
  return names.port?.(unquoted(text));
}

/** The numbers of OpenFlow 1.0 stand for the same ports as those of OpenFlow 1.3. */
function portNumbered(number: number): OfPort | undefined {
  if (number < firstReserved16 || (number >= Port.max && number <= Port.any)) return number as OfPort;
  return number <= 0xffff ? ((number + reservedOffset) as OfPort) : undefined;
}

export function tableIn(slice: TextSlice, names: ReadNames): number {
  const text = textOf(slice);
  const number = decimalForm.test(text) ? Number(text) : names.table?.(unquoted(text));
  if (number === undefined || number > 0xff)
    throw refused(
      slice,
      "is no table",
      `a number up to 255${names.table === undefined ? "" : " or the name of a table"}`,
    );
  return number;
}

/** Names with other characters than letters and digits are in quotes. */
function unquoted(text: string): string {
  if (!/^".*"$/.test(text)) return text;
  try {
    const name: unknown = JSON.parse(text);
    return typeof name === "string" ? name : text;
  } catch {
    return text;
  }
}

/** A group's number, or one of the words for several. */
export function groupIn(slice: TextSlice, words: Readonly<Record<string, number>>, most: number): number {
  const text = textOf(slice);
  const word = Object.hasOwn(words, text) ? words[text] : undefined;
  const value = word ?? integerIn(text);
  if (value === undefined || value < 0 || (value > most && !Object.values(words).includes(Number(value))))
    throw refused(part(slice, 0), "is no group", `a number up to ${most}, or ${Object.keys(words).join(", ")}`);
  return Number(value);
}
