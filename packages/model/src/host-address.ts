import {
  formatPrefix,
  type Ip,
  ipVersionOf,
  type Prefix,
  prefixContains,
  prefixOffset,
  prefixSize,
} from "@loomstack/core";

/**
 * Which addresses of a prefix hosts can have, counted from its first: of IPv4 all but the network and the broadcast
 * address, of IPv6 all but the routers' anycast address (RFC 4291, 2.6.1).
 */
export function hostNumbers(prefix: Prefix): { readonly first: bigint; readonly last: bigint } {
  return { first: 1n, last: prefixSize(prefix) - (ipVersionOf(prefix.network) === 6 ? 1n : 2n) };
}

/** In words, why no host can have `address` in the prefix; undefined when one can. */
export function whyNoHostAddress(prefix: Prefix, address: Ip): string | undefined {
  if (!prefixContains(prefix, address)) return `it isn't in ${formatPrefix(prefix)}`;
  const number = prefixOffset(prefix, address);
  const { first, last } = hostNumbers(prefix);
  if (number < first)
    return ipVersionOf(address) === 6
      ? "it is the anycast address of the subnet's routers"
      : "it is the network address";
  if (number > last) return "it is the broadcast address";
  return undefined;
}
