import type { Uuid } from "@loomstack/core";
import type { Intent, NetworkStatus, ObjectRealised } from "@loomstack/model";

/**
 * What a network's state is: ACTIVE when every hypervisor that holds it and can be seen has confirmed its last change,
 * DOWN when none of them can be seen.
 *
 * @param realised how far they are with the network
 */
export function networkStatus(
  intent: Intent,
  id: Uuid,
  { realised, reason, hypervisors }: ObjectRealised,
  isLive: (key: string) => boolean,
): NetworkStatus {
  const network = intent.networks.get(id);
  if (network === undefined) return { status: "DOWN", reason: "there is no such network" };
  if (!network.adminStateUp) return { status: "DOWN", reason: "the network is administratively down" };
  const [first] = hypervisors;
  if (first !== undefined && !hypervisors.some(({ who }) => isLive(who)))
    return { status: "DOWN", reason: `no hypervisor that holds it can be seen; of ${first.who}: ${first.reason}` };
  return { status: realised ? "ACTIVE" : "BUILD", reason };
}
