import type { Ipv6 } from "@loomstack/core";

/** Multicast addresses of a link (RFC 4291, 2.7.1; RFC 8415, 7.1). */
export const allNodes = "ff02::1" as Ipv6;
export const allDhcpRelayAgentsAndServers = "ff02::1:2" as Ipv6;
