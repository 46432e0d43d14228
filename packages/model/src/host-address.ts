import { type Cidr, cidrContains, cidrSize, type Ipv4, ipv4ToNumber } from "@loomstack/core";

/** The numbers of the addresses of a prefix that hosts can have: without its network and its broadcast address. */
export function hostRange(cidr: Cidr): { readonly first: number; readonly last: number } {
  const network = ipv4ToNumber(cidr.network);
  return { first: network + 1, last: network + cidrSize(cidr) - 2 };
}

/** In words, why no host can have `address` in the prefix; undefined when one can. */
export function whyNoHostAddress(cidr: Cidr, address: Ipv4): string | undefined {
  if (!cidrContains(cidr, address)) return `it isn't in ${cidr.network}/${cidr.prefixLength}`;
  const number = ipv4ToNumber(address);
  const { first, last } = hostRange(cidr);
  if (number < first) return "it is the network address";
  if (number > last) return "it is the broadcast address";
  return undefined;
}
