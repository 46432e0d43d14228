import { LoomstackError } from "../errors/error.ts";
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "./ipv4.ts";

/** An IPv4 prefix without host bits. */
export interface Cidr {
  readonly network: Ipv4;
  /** 0..32 */
  readonly prefixLength: number;
}

/** Reads `192.0.2.0/24`. @throws CORE__INVALID_CIDR also when host bits are set */
export function parseCidr(text: string): Cidr {
  const [address = "", length = "", ...surplus] = text.split("/");
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : 33;
  if (surplus.length > 0 || prefixLength > 32) throw invalid(text, "the prefix length is missing or not 0 to 32");
  const network = parseIpv4(address);
  if (ipv4ToNumber(network) % cidrSize({ network, prefixLength }) !== 0) throw invalid(text, "host bits are set");
  return { network, prefixLength };
}

export function formatCidr(cidr: Cidr): string {
  return `${cidr.network}/${cidr.prefixLength}`;
}

/** How many addresses the prefix covers, network and broadcast address included. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefixLength);
}

export function cidrContains(cidr: Cidr, address: Ipv4): boolean {
  const offset = ipv4ToNumber(address) - ipv4ToNumber(cidr.network);
  return offset >= 0 && offset < cidrSize(cidr);
}

/** The `index`-th address of the prefix; 0 is the network address. */
export function cidrAddress(cidr: Cidr, index: number): Ipv4 {
  return ipv4FromNumber(ipv4ToNumber(cidr.network) + index);
}

export function cidrNetmask(cidr: Cidr): Ipv4 {
  return ipv4FromNumber((2 ** 32 - cidrSize(cidr)) >>> 0);
}

function invalid(value: string, reason: string): LoomstackError<"CORE__INVALID_CIDR"> {
  return new LoomstackError("CORE__INVALID_CIDR", { value, reason });
}
