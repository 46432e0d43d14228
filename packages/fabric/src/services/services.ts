import { dhcpv6Service } from "./dhcpv6/service.ts";
import { routerAdvertisementService } from "./router-advertisement/service.ts";
import type { Service } from "./service.ts";

/** Every service there is. */
export const services: readonly Service[] = [routerAdvertisementService, dhcpv6Service];
