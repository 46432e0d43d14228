/**
 * How large the IP packets of a network can be: as large as the underlay's, less what an encapsulation adds, so that
 * nothing between hypervisors is fragmented.
 */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Network } from "./network.ts";
import type { NetworkType } from "./network-segment.ts";

/** The MTU of an underlay of which nothing else is said, in bytes. */
export const defaultUnderlayMtu = 1500;
/** The least that IPv4 and IPv6 need (RFC 791, 3.2; RFC 8200, 5), in bytes. */
export const minimumMtu = { ipv4: 68, ipv6: 1280 } as const;

/**
 * Bytes that an encapsulation adds, over IPv4: the outer IP header (20), then UDP (8) and VXLAN (8), GRE with its key
 * (8), or UDP (8) and Geneve (8) with 8 bytes of options; and the guest's own Ethernet header (14). What a physical
 * network carries has none, and a VLAN tag doesn't count (IEEE 802.3, 3.2.7).
 */
export const encapsulationOverhead: Readonly<Record<NetworkType, number>> = {
  ...{ vxlan: 50, gre: 42, geneve: 58 },
  ...{ vlan: 0, flat: 0 },
};

/** The largest MTU that networks of this type can have, in bytes. */
export function mtuLimit(type: NetworkType, underlayMtu: number = defaultUnderlayMtu): number {
  return underlayMtu - encapsulationOverhead[type];
}

/** The MTU of a network: what was asked for, never more than the underlay allows. */
export function effectiveMtu(network: Pick<Network, "networkType" | "mtu">, underlayMtu?: number): number {
  const limit = mtuLimit(network.networkType, underlayMtu);
  return Math.min(network.mtu ?? limit, limit);
}

/**
 * Whether packets of the versions of IP on the network are as large as they must be able to be. What is the most depends
 * on the underlay, of which intent knows nothing.
 *
 * @throws MODEL__INVALID_MTU
 */
export function checkLeastMtu({ id, mtu }: Pick<Network, "id" | "mtu">, { hasIpv6 }: { hasIpv6: boolean }): void {
  const least = hasIpv6 ? minimumMtu.ipv6 : minimumMtu.ipv4;
  if (mtu !== null && mtu < least) throw invalid(id, mtu, `${hasIpv6 ? "IPv6" : "IPv4"} needs ${least}`);
}

/**
 * Whether the underlay can carry what was asked for.
 *
 * @throws MODEL__INVALID_MTU
 */
export function checkMostMtu(
  { id, networkType, mtu }: Pick<Network, "id" | "networkType" | "mtu">,
  underlayMtu?: number,
): void {
  const limit = mtuLimit(networkType, underlayMtu);
  if (mtu !== null && mtu > limit) throw invalid(id, mtu, `${networkType} over this underlay leaves at most ${limit}`);
}

/**
 * Whether the underlay leaves a network what IPv6 needs.
 *
 * @throws MODEL__INVALID_MTU
 */
export function checkCarriesIpv6(network: Pick<Network, "id" | "networkType" | "mtu">, underlayMtu?: number): void {
  const mtu = effectiveMtu(network, underlayMtu);
  const reason = `IPv6 needs ${minimumMtu.ipv6}, and ${network.networkType} over this underlay leaves at most ${mtu}`;
  if (mtu < minimumMtu.ipv6) throw invalid(network.id, mtu, reason);
}

function invalid(network: Uuid, mtu: number, reason: string): LoomstackError {
  return new LoomstackError("MODEL__INVALID_MTU", { mtu, network, reason });
}
