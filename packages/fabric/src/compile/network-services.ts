import type { Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { subnetsOf } from "../intent/subnets-of-network.ts";
import { hasDhcp } from "../services/dhcpv4/lease.ts";
import { hasDhcpv6 } from "../services/dhcpv6/lease-of-port.ts";
import { isAdvertised } from "../services/router-advertisement/advertisement-of-network.ts";
import type { NetworkServices } from "./plan.ts";

/** What intent lets the network itself answer. */
export function servicesOf(intent: Intent, network: Uuid): NetworkServices {
  const subnets = subnetsOf(intent, network);
  return {
    routerAdvertisements: subnets.some(isAdvertised),
    dhcpv6: subnets.some(hasDhcpv6),
    dhcp: subnets.some(hasDhcp),
  };
}

export function isSameServices(a: NetworkServices, b: NetworkServices): boolean {
  return a.routerAdvertisements === b.routerAdvertisements && a.dhcpv6 === b.dhcpv6 && a.dhcp === b.dhcp;
}
