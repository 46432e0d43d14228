import ipaddr from "ipaddr.js";
import { LoomstackError } from "../errors/error.ts";
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "./ipv4.ts";
import { type Ipv6, ipv6FromBigint, ipv6ToBigint, parseIpv6 } from "./ipv6.ts";

/** An IP address of either version. */
export type Ip = Ipv4 | Ipv6;
export type IpVersion = 4 | 6;

/** @throws CORE__INVALID_IP */
export function parseIp(text: string): Ip {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return parseIpv4(text);
  if (ipaddr.IPv6.isValid(text) && !text.includes("%")) return parseIpv6(text);
  throw new LoomstackError("CORE__INVALID_IP", { value: text });
}

export function isIpv6(address: Ip): address is Ipv6 {
  return address.includes(":");
}

export function isIpv4(address: Ip): address is Ipv4 {
  return !isIpv6(address);
}

export function ipVersionOf(address: Ip): IpVersion {
  return isIpv6(address) ? 6 : 4;
}

/** The address as an unsigned number, of 32 or 128 bits. */
export function ipToBigint(address: Ip): bigint {
  return isIpv6(address) ? ipv6ToBigint(address) : BigInt(ipv4ToNumber(address));
}

export function ipFromBigint(version: IpVersion, value: bigint): Ip {
  return version === 6 ? ipv6FromBigint(value) : ipv4FromNumber(Number(value));
}
