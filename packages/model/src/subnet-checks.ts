/** What a subnet has to be, as far as that can be seen without the others. */
import {
  type Ip,
  ipVersionOf,
  isIpv6,
  isLinkLocalIpv6,
  isMulticastIpv6,
  LoomstackError,
  type Prefix,
} from "@loomstack/core";
import { isAutomatic } from "./automatic-address.ts";
import { whyNoHostAddress } from "./host-address.ts";
import type { Subnet } from "./subnet.ts";

/** How many resolvers a subnet may have; as Neutron's `max_dns_nameservers`. */
export const nameserverLimit = 5;
/** The prefix length of addresses that guests make of their MAC address (RFC 4862, 5.5.3; RFC 4291, 2.5.1). */
const automaticPrefixLength = 64;

/** @throws MODEL__CIDR_TOO_SMALL, MODEL__INVALID_CIDR */
export function checkPrefix({ id, cidr }: Subnet, { network, prefixLength }: Prefix): void {
  const longest = ipVersionOf(network) === 6 ? 126 : 30;
  if (prefixLength > longest) throw new LoomstackError("MODEL__CIDR_TOO_SMALL", { cidr, subnet: id, longest });
  if (!isIpv6(network)) return;
  const reason = isMulticastIpv6(network)
    ? "nobody has a multicast address"
    : isLinkLocalIpv6(network)
      ? "every interface makes its link-local address itself"
      : network.startsWith("::")
        ? "these addresses have a meaning of their own (RFC 4291, 2.4)"
        : undefined;
  if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_CIDR", { cidr, subnet: id, reason });
}

/** @throws MODEL__INVALID_GATEWAY */
export function checkGateway(subnet: Subnet, prefix: Prefix): void {
  const { gatewayIp } = subnet;
  if (gatewayIp === null) return;
  if (isIpv6(gatewayIp) && isIpv6(prefix.network) && isLinkLocalIpv6(gatewayIp)) return;
  const reason = whyNoHostAddress(prefix, gatewayIp);
  if (reason !== undefined) throw invalidGateway(subnet, reason);
}

/**
 * Modes are IPv6's and part of DHCP being enabled; where both are given they are the same, as Neutron has it.
 *
 * @throws MODEL__INVALID_IPV6_MODE
 */
export function checkModes(subnet: Subnet, { network, prefixLength }: Prefix): void {
  const { ipv6RaMode, ipv6AddressMode, enableDhcp } = subnet;
  if (ipv6RaMode === null && ipv6AddressMode === null) return;
  const refuse = (reason: string): never => {
    const modes = `ipv6_ra_mode ${ipv6RaMode ?? "null"} and ipv6_address_mode ${ipv6AddressMode ?? "null"}`;
    throw new LoomstackError("MODEL__INVALID_IPV6_MODE", { modes, subnet: subnet.id, reason });
  };
  if (!isIpv6(network)) refuse(`${subnet.cidr} is of IPv4`);
  if (!enableDhcp) refuse("they mean nothing while enable_dhcp is false");
  if (ipv6RaMode !== null && ipv6AddressMode !== null && ipv6RaMode !== ipv6AddressMode)
    refuse("where both are given they have to be the same");
  if (isAutomatic(subnet) && prefixLength !== automaticPrefixLength)
    refuse(`guests make their addresses from a prefix of /${automaticPrefixLength}, and this is ${subnet.cidr}`);
}

/** @throws MODEL__INVALID_NAMESERVER */
export function checkNameservers({ id, dnsNameservers }: Subnet, { network }: Prefix): void {
  for (const [index, address] of dnsNameservers.entries()) {
    const reason = whyNoNameserver(dnsNameservers, index, address, network);
    if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_NAMESERVER", { address, subnet: id, reason });
  }
}

function whyNoNameserver(all: readonly Ip[], index: number, address: Ip, network: Ip): string | undefined {
  if (index >= nameserverLimit) return `more than ${nameserverLimit} are too many`;
  if (all.indexOf(address) < index) return "it is there twice";
  return ipVersionOf(address) === ipVersionOf(network) ? undefined : `the subnet is of IPv${ipVersionOf(network)}`;
}

/** The gateway that a subnet can't have. */
export function invalidGateway(subnet: Subnet, reason: string): LoomstackError {
  return new LoomstackError("MODEL__INVALID_GATEWAY", {
    gateway: String(subnet.gatewayIp),
    subnet: subnet.id,
    cidr: subnet.cidr,
    reason,
  });
}
