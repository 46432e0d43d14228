/** Addresses as ovs-ofctl reads them. */
import { LoomstackError } from "@loomstack/core";
import { ipv6ToInteger } from "../../of13/ipv6.ts";
import { refused, type TextSlice, textOf } from "./text-slice.ts";

const macForm = /^[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}$/;

/** Six octets with a colon between them. */
export function macIn(slice: TextSlice): bigint {
  const text = textOf(slice);
  if (!macForm.test(text)) throw refused(slice, "is no Ethernet address", "six octets such as 52:54:00:00:00:01");
  return text.split(":").reduce((bits, octet) => (bits << 8n) + BigInt(Number.parseInt(octet, 16)), 0n);
}

const ipv4Form = /^\d{1,3}(?:\.\d{1,3}){3}$/;

export function ipv4In(slice: TextSlice): bigint {
  const octets = ipv4Octets(textOf(slice));
  if (octets === undefined) throw refused(slice, "is no IPv4 address", "four octets such as 192.0.2.1");
  return octets.reduce((bits, octet) => (bits << 8n) + BigInt(octet), 0n);
}

function ipv4Octets(text: string): readonly number[] | undefined {
  if (!ipv4Form.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 0xff) ? octets : undefined;
}

const longestIpv6 = 46;
const embeddedForm = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/;

/** Also with an IPv4 address in the lowest 32 bits. */
export function ipv6In(slice: TextSlice): bigint {
  const text = textOf(slice);
  try {
    if (text.length <= longestIpv6) return ipv6ToInteger(withoutDots(text));
  } catch (error) {
    if (!(error instanceof LoomstackError)) throw error;
  }
  throw refused(slice, "is no IPv6 address", "an address such as 2001:db8::1");
}

function withoutDots(text: string): string {
  const [, head, address] = embeddedForm.exec(text) ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = (address === undefined ? undefined : ipv4Octets(address)) ?? [];
  if (head === undefined) return text;
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
