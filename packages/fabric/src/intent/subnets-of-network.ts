import type { Uuid } from "@loomstack/core";
import type { Intent, Subnet } from "@loomstack/model";

/** The subnets of a network, in a fixed order. */
export function subnetsOf({ subnets, subnetsByNetwork }: Intent, network: Uuid): Subnet[] {
  return [...(subnetsByNetwork.get(network) ?? [])].sort().flatMap((id) => subnets.get(id) ?? []);
}
