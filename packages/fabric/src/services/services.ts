import { dhcpService } from "./dhcpv4/dhcp-service.ts";
import { dhcpv6Service } from "./dhcpv6/service.ts";
import { dnsService } from "./dns/dns-service.ts";
import { routerAdvertisementService } from "./router-advertisement/service.ts";
import type { Service } from "./service.ts";

/** Every service there is. */
export const services: readonly Service[] = [dhcpService, dnsService, routerAdvertisementService, dhcpv6Service];
