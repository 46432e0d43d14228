import ipaddr from "ipaddr.js";
import { LoomstackError } from "../errors/error.ts";
import type { Brand } from "../ids.ts";
import { type Mac, macToBytes } from "./mac.ts";

/** An IPv6 address in the text form of RFC 5952: `2001:db8::1`. */
export type Ipv6 = Brand<string, "Ipv6">;

/** Reads an address in any form of RFC 4291, 2.2, and gives it its canonical one. @throws CORE__INVALID_IPV6 */
export function parseIpv6(text: string): Ipv6 {
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) throw new LoomstackError("CORE__INVALID_IPV6", { value: text });
  return ipaddr.IPv6.parse(text).toRFC5952String() as Ipv6;
}

/** The address as an unsigned number of 128 bits. */
export function ipv6ToBigint(address: Ipv6): bigint {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

export function ipv6FromBigint(value: bigint): Ipv6 {
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  return new ipaddr.IPv6(groups).toRFC5952String() as Ipv6;
}

/** Whether the address is a multicast one (RFC 4291, 2.7). */
export function isMulticastIpv6(address: Ipv6): boolean {
  return ipv6ToBigint(address) >> 120n === 0xffn;
}

/** Whether the address is a link-local unicast one (RFC 4291, 2.5.6). */
export function isLinkLocalIpv6(address: Ipv6): boolean {
  return ipv6ToBigint(address) >> 118n === 0xfe80n >> 6n;
}

/** The link-local address that an interface makes of its MAC address (RFC 4291, 2.5.6 and appendix A). */
export function linkLocalOf(mac: Mac): Ipv6 {
  return ipv6WithInterfaceOf("fe80::" as Ipv6, mac);
}

/** The address of the /64 `network` that an interface makes of its MAC address: EUI-64 (RFC 4291, appendix A). */
export function ipv6WithInterfaceOf(network: Ipv6, mac: Mac): Ipv6 {
  const [first = 0, ...rest] = macToBytes(mac);
  const identifier = [first ^ 0x02, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  return ipv6FromBigint(identifier.reduce((sum, byte) => (sum << 8n) | BigInt(byte), ipv6ToBigint(network) >> 64n));
}

/** The multicast group that a neighbour solicitation for `address` is sent to (RFC 4291, 2.7.1). */
export function solicitedNodeOf(address: Ipv6): Ipv6 {
  return ipv6FromBigint((0xff02_0000_0000_0000_0000_0001_ffn << 24n) | (ipv6ToBigint(address) & 0xff_ffffn));
}
