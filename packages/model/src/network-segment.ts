/**
 * What carries a network between hypervisors: an encapsulation, or a physical network that administrators have joined
 * their hypervisors to (a provider network). The rules are Neutron's.
 */
import { LoomstackError } from "@loomstack/core";
import type { Network } from "./network.ts";

/** The encapsulations, named as the `type` of an Open vSwitch Interface. */
export const overlayTypes = ["vxlan", "gre", "geneve"] as const;
/** What carries a network in a physical network: one VLAN of it, or what has no tag there. */
export const providerTypes = ["vlan", "flat"] as const;
export const networkTypes = [...overlayTypes, ...providerTypes] as const;

export type OverlayType = (typeof overlayTypes)[number];
export type ProviderType = (typeof providerTypes)[number];
export type NetworkType = OverlayType | ProviderType;

type Segment = Pick<Network, "id" | "networkType" | "physicalNetwork" | "segmentationId">;

/** VLANs that can be used: 0 and 4095 have other meanings (IEEE 802.1Q, 9.6). */
const vlans = { first: 1, last: 4094 } as const;
/** Part of the names of ports, and of a list with `:` and `,` (`external_ids:loomstack-bridge-mappings`). */
const physicalNetworkName = /^[\w.-]{1,64}$/;

/** Whether an encapsulation carries networks of this type. */
export function isOverlayType(type: NetworkType): type is OverlayType {
  return (overlayTypes as readonly NetworkType[]).includes(type);
}

/** @throws MODEL__INVALID_SEGMENT */
export function checkSegment({ id, networkType, physicalNetwork, segmentationId }: Segment): void {
  const refuse = (reason: string): never => {
    throw new LoomstackError("MODEL__INVALID_SEGMENT", { network: id, networkType, reason });
  };
  if (isOverlayType(networkType)) {
    if (physicalNetwork !== null) refuse(`${networkType} uses no physical network (${physicalNetwork}); name none`);
    return;
  }
  if (physicalNetwork === null) return refuse("it needs the name of a physical network");
  if (!physicalNetworkName.test(physicalNetwork))
    refuse(`${physicalNetwork} is no name of a physical network: up to 64 letters, digits, and _ . -`);
  if (networkType === "flat" && segmentationId !== null)
    refuse(`it has no tag, and so no segmentation id (${segmentationId})`);
  if (networkType !== "vlan") return;
  if (segmentationId === null) return refuse("it needs a segmentation id: the VLAN, which is not chosen for you");
  if (!Number.isInteger(segmentationId) || segmentationId < vlans.first || segmentationId > vlans.last)
    refuse(`${segmentationId} is no VLAN from ${vlans.first} to ${vlans.last}`);
}

/** That another network has what `network` is to have of its physical network. */
export function segmentInUse({ id, networkType, physicalNetwork, segmentationId }: Segment): LoomstackError {
  const segment = networkType === "flat" ? "untagged" : `VLAN ${segmentationId}`;
  return new LoomstackError("MODEL__SEGMENT_IN_USE", { network: id, segment, physicalNetwork: physicalNetwork ?? "" });
}
