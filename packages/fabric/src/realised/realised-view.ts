import type { Revision } from "@loomstack/core";
import type { HypervisorRegistry } from "../hypervisors.ts";
import type { IntentFollower } from "../intent/intent-follower.ts";
import type { PathProber } from "../paths/path-prober.ts";
import type { RealisedView } from "./port-status.ts";

export interface RealisedSources {
  readonly follower: IntentFollower;
  readonly registry: HypervisorRegistry;
  readonly prober: PathProber;
}

/** What is known of the hypervisors, as port status needs it. */
export function realisedView({ follower, registry, prober }: RealisedSources): RealisedView {
  return {
    homes: (network) => follower.placement.homes(network),
    isLive: (key) => registry.get(key)?.isLive ?? false,
    reason: (key) => {
      const hypervisor = registry.get(key);
      // What it waits for is another thing than what it is.
      return hypervisor?.state === "ready"
        ? "its switches are being asked"
        : (hypervisor?.reason ?? "it is not managed");
    },
    confirmed: (key) => registry.get(key)?.confirmed ?? (0 as Revision),
    interfaceTrouble: (key, port) => registry.get(key)?.interfaceTrouble(port),
    tunnelTrouble: (key, encapsulation) => registry.get(key)?.tunnelTrouble(encapsulation),
    forwards: (key, port) => registry.get(key)?.forwards(port) ?? false,
    carries: (key, network) => registry.get(key)?.carries(network) ?? false,
    uplinkObstacle: (key, physicalNetwork) => registry.get(key)?.uplinkObstacle(physicalNetwork),
    lacksVlan: (key, network) => registry.get(key)?.lacksVlan(network) ?? false,
    isUp: (path) => prober.isUp(path),
  };
}
