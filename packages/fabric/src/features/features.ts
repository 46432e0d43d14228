import { addressKeeping } from "./address-keeping.ts";
import { addressLearning } from "./address-learning.ts";
import { arrival } from "./arrival.ts";
import { arpResponder } from "./arp-responder.ts";
import { classify } from "./classify.ts";
import { dhcp } from "./dhcp.ts";
import { dhcpv6 } from "./dhcpv6.ts";
import { dns } from "./dns.ts";
import type { Feature } from "./feature.ts";
import { forwarding } from "./forwarding.ts";
import { ndResponder } from "./nd-responder.ts";
import { neighbourSecurity } from "./neighbour-security.ts";
import { overlay } from "./overlay.ts";
import { pathProbe } from "./path-probe.ts";
import { portSecurity } from "./port-security.ts";
import { refusals } from "./refusals.ts";
import { routerAdvertisement } from "./router-advertisement.ts";
import { services } from "./services.ts";
import { uplink } from "./uplink.ts";

/** Every feature there is. */
export const features: readonly Feature[] = [
  classify,
  arrival,
  portSecurity,
  neighbourSecurity,
  addressKeeping,
  refusals,
  arpResponder,
  ndResponder,
  services,
  dhcp,
  dns,
  routerAdvertisement,
  dhcpv6,
  forwarding,
  addressLearning,
  overlay,
  uplink,
  pathProbe,
];
