/**
 * Addresses that guests make of a prefix and their MAC address: a port of a subnet with stateless configuration has that
 * one, as in Neutron, and no other.
 */
import { ipv6WithInterfaceOf, isIpv6, type Ipv6, type Mac, parsePrefix } from "@loomstack/core";
import { isRouterOwner, type Subnet } from "./subnet.ts";

/** Whether ports have the address in this subnet that belongs to their MAC address. */
export function isAutomatic({ ipv6RaMode, ipv6AddressMode }: Pick<Subnet, "ipv6RaMode" | "ipv6AddressMode">): boolean {
  return [ipv6RaMode, ipv6AddressMode].some((mode) => mode === "slaac" || mode === "dhcpv6-stateless");
}

/** The address that a port has in a subnet of its own accord; undefined where it has none: it is given one, or a router's. */
export function automaticAddress(
  subnet: Pick<Subnet, "cidr" | "ipv6RaMode" | "ipv6AddressMode">,
  { macAddress, deviceOwner }: { readonly macAddress: Mac; readonly deviceOwner: string },
): Ipv6 | undefined {
  if (!isAutomatic(subnet) || isRouterOwner(deviceOwner)) return undefined;
  const { network } = parsePrefix(subnet.cidr);
  return isIpv6(network) ? ipv6WithInterfaceOf(network, macAddress) : undefined;
}
