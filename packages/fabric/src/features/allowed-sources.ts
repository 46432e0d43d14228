import {
  formatPrefix,
  type Ip,
  type Ipv4,
  type Ipv6,
  isIpv6,
  isSingleAddress,
  linkLocalOf,
  type Mac,
  type Prefix,
  prefixMask,
  prefixOf,
} from "@loomstack/core";
import type { LocalPort } from "../compile/plan.ts";

/** A MAC address, and the IP addresses that a port may send from with it. */
export interface AllowedSource<Address extends Ip> {
  readonly mac: Mac;
  readonly prefix: Prefix & { readonly network: Address };
  readonly why: string;
}

/**
 * The link-local addresses that belong to MAC addresses (RFC 4291, appendix A): whoever uses one of these uses that of
 * its own.
 */
export const linkLocalsOfMacs = {
  value: "fe80::ff:fe00:0" as Ipv6,
  mask: "ffff:ffff:ffff:ffff:0:ff:ff00:0" as Ipv6,
} as const;

/** What a port may send from, each once: its addresses and its pairs, and with IPv6 the link-local addresses as well. */
export function allowedSources(port: LocalPort): {
  readonly ipv4: readonly AllowedSource<Ipv4>[];
  readonly ipv6: readonly AllowedSource<Ipv6>[];
} {
  const named = [
    ...port.addresses.map((address) => source(port.mac, prefixOf(address), "the port's own MAC and IP address")),
    ...port.pairs.map(({ macAddress, prefix }) =>
      source(macAddress ?? port.mac, prefix, "a pair of addresses that the port is allowed"),
    ),
  ];
  const ipv6 = named.filter((one): one is AllowedSource<Ipv6> => isIpv6(one.prefix.network));
  const linkLocal = [...new Set(ipv6.map((one) => one.mac))].map((mac) => ({
    mac,
    prefix: { network: linkLocalOf(mac), prefixLength: 128 },
    why: "the link-local address that belongs to the MAC address",
  }));
  return {
    ipv4: once(named.filter((one): one is AllowedSource<Ipv4> => !isIpv6(one.prefix.network))),
    ipv6: once([...ipv6, ...linkLocal]),
  };
}

/** A prefix as a match has it; undefined for one that covers everything, of which a match says nothing. */
export function prefixMatch<Address extends Ip>({
  network,
  prefixLength,
}: Prefix & { readonly network: Address }): Address | { readonly value: Address; readonly mask: Address } | undefined {
  if (prefixLength === 0) return undefined;
  const prefix = { network, prefixLength };
  // The mask is of the same version as what it masks.
  return isSingleAddress(prefix) ? network : { value: network, mask: prefixMask(prefix) as Address };
}

function source(mac: Mac, prefix: Prefix, why: string): AllowedSource<Ip> {
  return { mac, prefix, why };
}

function once<Address extends Ip>(sources: readonly AllowedSource<Address>[]): AllowedSource<Address>[] {
  const byName = new Map<string, AllowedSource<Address>>();
  for (const one of sources) {
    const name = `${one.mac} ${formatPrefix(one.prefix)}`;
    if (!byName.has(name)) byName.set(name, one);
  }
  return [...byName.values()];
}
