import ipaddr from "ipaddr.js";
import { LoomstackError } from "../errors/error.ts";
import type { Brand } from "../ids.ts";

/** An IPv4 address in dotted decimal: `192.0.2.1`. */
export type Ipv4 = Brand<string, "Ipv4">;

/** @throws CORE__INVALID_IPV4, also for the shortened and octal forms that inet_aton(3) takes. */
export function parseIpv4(text: string): Ipv4 {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) throw new LoomstackError("CORE__INVALID_IPV4", { value: text });
  return ipaddr.IPv4.parse(text).toString() as Ipv4;
}

const dot = 0x2e;
const zero = 0x30;

/** The address as an unsigned 32-bit number. */
export function ipv4ToNumber(address: Ipv4): number {
  let number = 0;
  let octet = 0;
  for (let index = 0; index < address.length; index++) {
    const code = address.charCodeAt(index);
    if (code === dot) {
      number = number * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + (code - zero);
  }
  return number * 256 + octet;
}

export function ipv4FromNumber(value: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".") as Ipv4;
}
