/** The addresses and ports of nat: `10.0.0.1-10.0.0.9:1000-2000`, `[2001:db8::1]-[2001:db8::9]:80`. */
import type { Nat } from "../../nicira/connection-tracking.ts";
import { ipv4, ipv6 } from "../../of13/field-types.ts";
import { ipv4In, ipv6In } from "./addresses.ts";
import { numberU16 } from "./numbers.ts";
import { part, refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

export type NatRange = NonNullable<Nat["range"]>;

const ipv4Form = /^(\d+(?:\.\d+){3})(?:-([\d.]+))?(?::(.+))?$/;
const bracketForm = /^\[([^\]]+)\](?:-\[([^\]]+)\])?(?::(.+))?$/;

export function natRange(slice: TextSlice): NatRange {
  const text = textOf(slice);
  const ipv4Parts = ipv4Form.exec(text);
  if (ipv4Parts !== null) return ipv4Range(slice, ipv4Parts);
  const bracketed = bracketForm.exec(text);
  if (bracketed !== null) return ipv6Range(slice, bracketed);
  const halves = splitAt(slice, "-");
  const [least, most] = halves === undefined ? [ipv6In(slice), undefined] : [ipv6In(halves[0]), ipv6In(halves[1])];
  return ordered(slice, least, most, (from, to) => ipv6Of(from, to), {});
}

function ipv4Range(slice: TextSlice, [, least = "", most, ports]: RegExpExecArray): NatRange {
  const at = (text: string, start: number): TextSlice => part(slice, start, start + text.length);
  const from = ipv4In(at(least, 0));
  const to = most === undefined ? undefined : ipv4In(at(most, least.length + 1));
  return ordered(slice, from, to, ipv4Of, portsIn(slice, ports));
}

function ipv6Range(slice: TextSlice, [, least = "", most, ports]: RegExpExecArray): NatRange {
  const from = ipv6In(part(slice, 1, 1 + least.length));
  const start = least.length + 4;
  const to = most === undefined ? undefined : ipv6In(part(slice, start, start + most.length));
  return ordered(slice, from, to, ipv6Of, portsIn(slice, ports));
}

function portsIn(slice: TextSlice, ports: string | undefined): NatRange {
  if (ports === undefined) return {};
  const own = part(slice, textOf(slice).length - ports.length);
  const halves = splitAt(own, "-");
  if (halves === undefined) return { protoMin: numberU16(own, "port") };
  const [protoMin, protoMax] = [numberU16(halves[0], "port"), numberU16(halves[1], "port")];
  if (protoMax < protoMin) throw refused(own, "ends before it starts", "<lowest>-<highest>");
  // Open vSwitch takes zero for a port that isn't given.
  return { ...(protoMin === 0 ? {} : { protoMin }), ...(protoMax === 0 ? {} : { protoMax }) };
}

function ordered(
  slice: TextSlice,
  least: bigint,
  most: bigint | undefined,
  make: (least: bigint, most: bigint | undefined) => NatRange,
  ports: NatRange,
): NatRange {
  if (most !== undefined && most < least) throw refused(slice, "ends before it starts", "<lowest>-<highest>");
  return { ...make(least, most), ...ports };
}

function ipv4Of(least: bigint, most: bigint | undefined): NatRange {
  const ipv4Min = ipv4.fromInteger(least);
  return most === undefined ? { ipv4Min } : { ipv4Min, ipv4Max: ipv4.fromInteger(most) };
}

function ipv6Of(least: bigint, most: bigint | undefined): NatRange {
  const ipv6Min = ipv6.fromInteger(least);
  return most === undefined ? { ipv6Min } : { ipv6Min, ipv6Max: ipv6.fromInteger(most) };
}
