/** What a network's router advertisements say: pure, from intent. */
import { isIpv6, type Ipv6, parsePrefix } from "@loomstack/core";
import { isIpv6Subnet, type Subnet } from "@loomstack/model";
import { virtualRouter } from "../virtual-router.ts";
import type { Advertised, AdvertisedPrefix, RouterAdvertisement } from "./router-advertisement.ts";

/**
 * How long what was advertised counts without being heard again, in seconds: as long as RFC 4861, 6.2.1 has it. A guest
 * doesn't notice for a week that no controller refreshes it.
 */
export const advertisedLifetimes = { validSec: 30 * 86_400, preferredSec: 7 * 86_400 } as const;

/** What the advertisements depend on. */
export interface AdvertisedNetwork {
  readonly mtu: number;
  /** Of the network. */
  readonly subnets: readonly Subnet[];
  /** Where guests look up names without a domain. */
  readonly searchDomains: readonly string[];
}

/** What a network said once and says no more. */
export interface Withdrawn {
  readonly prefixes: readonly AdvertisedPrefix[];
  readonly nameservers: readonly Ipv6[];
  readonly searchDomains: readonly string[];
}

export const nothingWithdrawn: Withdrawn = { prefixes: [], nameservers: [], searchDomains: [] };

/** Whether we advertise this subnet to guests. */
export function isAdvertised(subnet: Subnet): boolean {
  return isIpv6Subnet(subnet) && subnet.enableDhcp && subnet.ipv6RaMode !== null;
}

/** The advertisement of a network; undefined when it has none. */
export function advertisementOf({ mtu, subnets, searchDomains }: AdvertisedNetwork): RouterAdvertisement | undefined {
  const advertised = subnets.filter(isAdvertised);
  if (advertised.length === 0) return undefined;
  const lifetimeSec = advertisedLifetimes.preferredSec;
  return {
    managed: advertised.some(({ ipv6RaMode }) => ipv6RaMode === "dhcpv6-stateful"),
    other: advertised.some(({ ipv6RaMode }) => ipv6RaMode === "dhcpv6-stateless"),
    mtu,
    prefixes: advertised.map((subnet) => prefixOf(subnet, advertisedLifetimes)),
    nameservers: [
      ...advertised.filter(namesResolvers).flatMap((subnet) => someOf(nameserversOf(subnet), lifetimeSec)),
      ...(advertised.every(namesResolvers) ? [] : someOf([virtualRouter.address], lifetimeSec)),
    ],
    searchDomains: someOf(searchDomains, lifetimeSec),
  };
}

/** What has to be taken back, of a network that said `before` and says `after` now. */
export function withdrawnBetween(before: readonly Subnet[], after: readonly Subnet[]): Withdrawn {
  const [said, says] = [before.filter(isAdvertised), after.filter(isAdvertised)];
  const kept = new Set(says.map(({ cidr }) => cidr));
  const resolvers = new Set(says.flatMap(nameserversOf));
  return {
    prefixes: said
      .filter(({ cidr }) => !kept.has(cidr))
      .map((subnet) => prefixOf(subnet, { validSec: 0, preferredSec: 0 })),
    nameservers: [...new Set(said.flatMap(nameserversOf))].filter((address) => !resolvers.has(address)),
    searchDomains: [],
  };
}

/** The advertisement, and with lifetimes of 0 what it takes back, unless it says that again. */
export function withWithdrawn(advertisement: RouterAdvertisement, withdrawn: Withdrawn): RouterAdvertisement {
  const prefixes = new Set(advertisement.prefixes.map(({ network }) => network));
  const resolvers = new Set(advertisement.nameservers.flatMap(({ values }) => values));
  const domains = new Set(advertisement.searchDomains.flatMap(({ values }) => values));
  const goneDomains = withdrawn.searchDomains.filter((domain) => !domains.has(domain));
  const gone = withdrawn.nameservers.filter((address) => !resolvers.has(address));
  return {
    ...advertisement,
    prefixes: [...withdrawn.prefixes.filter(({ network }) => !prefixes.has(network)), ...advertisement.prefixes],
    nameservers: [...someOf(gone, 0), ...advertisement.nameservers],
    searchDomains: [...someOf(goneDomains, 0), ...advertisement.searchDomains],
  };
}

function prefixOf(
  { cidr, ipv6RaMode }: Subnet,
  lifetimes: Pick<AdvertisedPrefix, "validSec" | "preferredSec">,
): AdvertisedPrefix {
  const { network, prefixLength } = parsePrefix(cidr);
  // Only IPv6 subnets are advertised.
  return { network: network as Ipv6, prefixLength, autonomous: ipv6RaMode !== "dhcpv6-stateful", ...lifetimes };
}

/** Those that it names, or else the network itself. */
function nameserversOf(subnet: Subnet): Ipv6[] {
  return namesResolvers(subnet) ? subnet.dnsNameservers.filter(isIpv6) : [virtualRouter.address];
}

function namesResolvers({ dnsNameservers }: Subnet): boolean {
  return dnsNameservers.some(isIpv6);
}

function someOf<Value>(values: readonly Value[], lifetimeSec: number): Advertised<Value>[] {
  return values.length === 0 ? [] : [{ values, lifetimeSec }];
}
