import { type Ip, ipVersionOf, isIpv6, LoomstackError, parsePrefix, type Prefix } from "@loomstack/core";
import type { Subnet } from "./subnet.ts";

/** A way that guests of a subnet are told, besides that to their gateway: Neutron's `host_routes`. */
export interface HostRoute {
  /** A prefix of IPv4 without host bits, such as `10.2.0.0/16`. */
  readonly destination: string;
  readonly nextHop: Ip;
}

/** How many a subnet may have; as Neutron's `max_subnet_host_routes`. */
export const hostRouteLimit = 20;
/** The destination of a default route. */
export const defaultRoute = "0.0.0.0/0";

/**
 * As Neutron has it: of the subnet's version of IP, none twice. Those of IPv6, which nobody could tell guests, and a
 * default route beside the gateway's, which guests would never use, are refused.
 *
 * @throws MODEL__INVALID_HOST_ROUTE
 */
export function checkHostRoutes(subnet: Subnet, { network }: Prefix): void {
  for (const [index, route] of subnet.hostRoutes.entries()) {
    const reason = whyNot(subnet, network, index, route);
    if (reason === undefined) continue;
    const context = { destination: route.destination, nextHop: route.nextHop, subnet: subnet.id, reason };
    throw new LoomstackError("MODEL__INVALID_HOST_ROUTE", context);
  }
}

function whyNot(
  { hostRoutes, gatewayIp }: Subnet,
  network: Ip,
  index: number,
  { destination, nextHop }: HostRoute,
): string | undefined {
  if (index >= hostRouteLimit) return `more than ${hostRouteLimit} are too many`;
  if (isIpv6(network)) return "the subnet is of IPv6, whose guests aren't told routes";
  const versions = [ipVersionOf(parsePrefix(destination).network), ipVersionOf(nextHop)];
  if (versions.some((version) => version !== 4)) return "the subnet is of IPv4";
  const isTwice = hostRoutes.findIndex((one) => one.destination === destination && one.nextHop === nextHop) < index;
  if (isTwice) return "it is there twice";
  if (destination !== defaultRoute) return undefined;
  if (gatewayIp !== null) return `the default route is by gateway_ip ${gatewayIp}; set that, or make it null`;
  return hostRoutes.findIndex((one) => one.destination === defaultRoute) < index
    ? "there is a default route"
    : undefined;
}
