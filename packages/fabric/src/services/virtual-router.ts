/**
 * Who guests see when the network itself speaks to them in IPv6: on every network of every hypervisor the same, so that a
 * guest that moves finds it again. It forwards nothing.
 */
import { linkLocalOf, type Mac } from "@loomstack/core";

const mac = "02:4c:53:00:00:06" as Mac;

export const virtualRouter = { mac, address: linkLocalOf(mac) } as const;
