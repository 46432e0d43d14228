import { type Ipv4, isIpv4, parsePrefix, type Prefix, prefixOf } from "@loomstack/core";
import { effectiveMtu, defaultRoute, type Intent, isIpv6Subnet, type Port, type Subnet } from "@loomstack/model";
import { networkServer } from "../network-server.ts";
import { domainOf, hostNameOf } from "../port-name.ts";
import type { ServiceSettings } from "../service.ts";
import type { DhcpRoute } from "./options.ts";

/** What a port is told of one of its addresses; nobody is given anything that isn't here. */
export interface DhcpLease {
  readonly address: Ipv4;
  readonly subnet: Prefix;
  readonly gateway: Ipv4 | undefined;
  readonly resolvers: readonly Ipv4[];
  /** Besides the way to the subnet itself: the default route too. */
  readonly routes: readonly DhcpRoute[];
  /** Bytes of the network's largest IP packet. */
  readonly mtu: number;
  /** For how long the address is, in seconds. */
  readonly leaseSec: number;
  /** Without its domain. */
  readonly hostName: string;
  readonly domainName: string;
}

const onLink = "0.0.0.0" as Ipv4;

/** Whether ports are told their addresses of this subnet by DHCP of ours. */
export function hasDhcp(subnet: Subnet): boolean {
  return subnet.enableDhcp && !isIpv6Subnet(subnet);
}

/** One for each address of the port whose subnet has DHCP, in their order. */
export function leasesOf(intent: Intent, port: Port, settings: ServiceSettings): DhcpLease[] {
  const network = intent.networks.get(port.networkId);
  if (network === undefined) return [];
  const mtu = effectiveMtu(network, settings.underlayMtu);
  return port.fixedIps.flatMap(({ subnetId, ipAddress }) => {
    const subnet = intent.subnets.get(subnetId);
    if (!isIpv4(ipAddress) || subnet === undefined || !hasDhcp(subnet)) return [];
    const gateway = gatewayOf(subnet);
    return {
      address: ipAddress,
      subnet: parsePrefix(subnet.cidr),
      gateway,
      resolvers: resolversOf(subnet),
      routes: routesOf(subnet, gateway),
      mtu,
      leaseSec: settings.leaseSec,
      hostName: hostNameOf(port) ?? "",
      domainName: domainOf(network, settings.dnsDomain),
    };
  });
}

/** Those that the subnet names, and else the network itself. */
function resolversOf({ dnsNameservers }: Subnet): readonly Ipv4[] {
  const named = dnsNameservers.filter(isIpv4);
  return named.length === 0 ? [networkServer.address] : named;
}

/**
 * The way to the DHCP server and resolver leads nowhere but on the link. Who takes these routes doesn't look at the
 * gateway (RFC 3442), so it is among them.
 */
function routesOf({ hostRoutes }: Subnet, gateway: Ipv4 | undefined): DhcpRoute[] {
  const toServer = { destination: prefixOf(networkServer.address), nextHop: onLink };
  const told = hostRoutes.flatMap(({ destination, nextHop }) =>
    isIpv4(nextHop) && destination !== defaultRoute ? [{ destination: parsePrefix(destination), nextHop }] : [],
  );
  const byGateway = gateway === undefined ? [] : [{ destination: parsePrefix(defaultRoute), nextHop: gateway }];
  return [toServer, ...told, ...byGateway];
}

/** The subnet's own, and else who is named as the way to defaultRoute. */
function gatewayOf({ gatewayIp, hostRoutes }: Subnet): Ipv4 | undefined {
  const gateway = gatewayIp ?? hostRoutes.find(({ destination }) => destination === defaultRoute)?.nextHop;
  return gateway !== undefined && isIpv4(gateway) ? gateway : undefined;
}
