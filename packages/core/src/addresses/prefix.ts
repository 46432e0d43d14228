import { LoomstackError } from "../errors/error.ts";
import { type Ip, ipFromBigint, ipToBigint, type IpVersion, ipVersionOf, parseIp } from "./ip.ts";

/** An IPv4 or IPv6 prefix without host bits. */
export interface Prefix {
  readonly network: Ip;
  /** 0..32, or 0..128 */
  readonly prefixLength: number;
}

/** Reads `192.0.2.0/24` or `2001:db8::/64`. @throws CORE__INVALID_IP; CORE__INVALID_PREFIX also when host bits are set */
export function parsePrefix(text: string): Prefix {
  const [address = "", length = "", ...surplus] = text.split("/");
  const network = parseIp(address);
  const most = addressBits(ipVersionOf(network));
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : most + 1;
  if (surplus.length > 0 || prefixLength > most)
    throw invalid(text, `the prefix length is missing or not 0 to ${most}`);
  if (ipToBigint(network) % prefixSize({ network, prefixLength }) !== 0n) throw invalid(text, "host bits are set");
  return { network, prefixLength };
}

export function formatPrefix({ network, prefixLength }: Prefix): string {
  return `${network}/${prefixLength}`;
}

/** The prefix that covers this one address. */
export function prefixOf(address: Ip): Prefix {
  return { network: address, prefixLength: addressBits(ipVersionOf(address)) };
}

/** Whether the prefix is one address. */
export function isSingleAddress({ network, prefixLength }: Prefix): boolean {
  return prefixLength === addressBits(ipVersionOf(network));
}

/** How many addresses the prefix covers. */
export function prefixSize({ network, prefixLength }: Prefix): bigint {
  return 1n << BigInt(addressBits(ipVersionOf(network)) - prefixLength);
}

export function prefixContains(prefix: Prefix, address: Ip): boolean {
  if (ipVersionOf(prefix.network) !== ipVersionOf(address)) return false;
  const offset = prefixOffset(prefix, address);
  return offset >= 0n && offset < prefixSize(prefix);
}

export function prefixesOverlap(one: Prefix, other: Prefix): boolean {
  return prefixContains(one, other.network) || prefixContains(other, one.network);
}

/** The `index`-th address of the prefix; 0 is its first. */
export function prefixAddress({ network }: Prefix, index: bigint): Ip {
  return ipFromBigint(ipVersionOf(network), ipToBigint(network) + index);
}

/** Which address of the prefix this is: what `prefixAddress` counts. */
export function prefixOffset({ network }: Prefix, address: Ip): bigint {
  return ipToBigint(address) - ipToBigint(network);
}

/** The mask of the prefix, in the form of an address: `255.255.255.0`, `ffff:ffff::`. */
export function prefixMask(prefix: Prefix): Ip {
  const version = ipVersionOf(prefix.network);
  return ipFromBigint(version, (1n << BigInt(addressBits(version))) - prefixSize(prefix));
}

function addressBits(version: IpVersion): number {
  return version === 6 ? 128 : 32;
}

function invalid(value: string, reason: string): LoomstackError<"CORE__INVALID_PREFIX"> {
  return new LoomstackError("CORE__INVALID_PREFIX", { value, reason });
}
