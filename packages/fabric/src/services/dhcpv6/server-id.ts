import type { Uuid } from "@loomstack/core";

/** DUID-UUID (RFC 6355, 4). */
const uuidType = 4;

/** The identifier of a network's DHCPv6 server: its own, and the same for as long as the network lives. */
export function serverIdOf(network: Uuid): Uint8Array {
  return Uint8Array.of(0, uuidType, ...Buffer.from(network.replaceAll("-", ""), "hex"));
}
