import type { Ipv4 } from "@loomstack/core";
import { virtualRouter } from "./virtual-router.ts";

/**
 * Who guests see when the network itself speaks to them in IPv4: their DHCP server, and their resolver where their subnet
 * names none. A link-local address (RFC 3927), on every network of every hypervisor the same: it is no address of any
 * subnet, so no guest can have it or lose it, and a guest that moves finds it again.
 */
export const networkServer = { mac: virtualRouter.mac, address: "169.254.169.253" as Ipv4 } as const;
