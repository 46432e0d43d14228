import type { Ip, Mac, Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { servicesOf } from "../compile/network-services.ts";
import { networkServer } from "../services/network-server.ts";
import { virtualRouter } from "../services/virtual-router.ts";

/** The network as one of its guests sees it that asks something of it. */
export interface NetworkItself {
  readonly mac: Mac;
  /** What it is at this address, in words. */
  readonly role: string;
}

/** The network itself where an address is its own there; it has one in IPv4 and one in IPv6, where it answers anything. */
export function networkItself(intent: Intent, network: Uuid, address: Ip): NetworkItself | undefined {
  const { dhcp, dhcpv6, routerAdvertisements } = servicesOf(intent, network);
  if (address === networkServer.address && dhcp)
    return { mac: networkServer.mac, role: "the network itself, as DHCP server and resolver" };
  if (address === virtualRouter.address && (dhcpv6 || routerAdvertisements))
    return { mac: virtualRouter.mac, role: "the network itself, as router, resolver and DHCPv6 server" };
  return undefined;
}
