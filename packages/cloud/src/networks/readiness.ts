import { LoomstackError, type Uuid } from "@loomstack/core";
import {
  networkServiceProviders,
  type OpenDaylightController,
  openDaylightControllers,
  type PhysicalNetwork,
  physicalNetworks,
  type Store,
  trafficTypes,
  type TrafficType,
} from "@loomstack/model";

export interface ReadyPhysicalNetwork {
  readonly physicalNetwork: PhysicalNetwork;
  readonly guest: TrafficType;
  /** The first that was added: the one that is used. */
  readonly controller: OpenDaylightController;
}

/** What guest networks need of a physical network. @throws CLOUD__NOT_READY with the first thing that is missing */
export async function readiness(db: Store["db"], physicalNetworkId: Uuid): Promise<ReadyPhysicalNetwork> {
  const physicalNetwork = await physicalNetworks.get(db, physicalNetworkId);
  const missing = (reason: string): LoomstackError =>
    new LoomstackError("CLOUD__NOT_READY", {
      subject: "physical network",
      id: `${physicalNetwork.name} (${physicalNetworkId})`,
      reason,
    });
  if (physicalNetwork.state !== "Enabled") throw missing("it is Disabled; enable it with updatePhysicalNetwork");
  if (!physicalNetwork.isolationMethods.includes("ODL")) throw missing("its isolation methods don't include ODL");
  const [guest] = await trafficTypes.list(db, { physicalNetworkId, trafficType: "Guest" });
  if (guest === undefined) throw missing("it carries no Guest traffic; add it with addTrafficType");
  const [provider] = await networkServiceProviders.list(db, { physicalNetworkId, name: "Opendaylight" });
  if (provider?.state !== "Enabled")
    throw missing(
      "its provider Opendaylight isn't Enabled; use addNetworkServiceProvider and updateNetworkServiceProvider",
    );
  const [controller] = await openDaylightControllers.list(db, { physicalNetworkId });
  if (controller === undefined) throw missing("it has no controller; add one with addOpenDaylightController");
  return { physicalNetwork, guest, controller };
}
