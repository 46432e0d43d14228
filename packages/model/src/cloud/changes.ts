import type { GuestNetworkChange } from "./guest-network.ts";
import type { InfrastructureChange } from "./infrastructure.ts";
import type { InstanceChange } from "./instance.ts";
import type { NicChange } from "./nic.ts";
import type { OfferingChange } from "./offering.ts";
import type { PhysicalNetworkChange } from "./physical-network.ts";

/** Changes of the cloud half's objects, each a `ChangeOf`. */
export type CloudChange =
  InfrastructureChange | PhysicalNetworkChange | OfferingChange | GuestNetworkChange | InstanceChange | NicChange;
