import type { NetworkState } from "@loomstack/model";
import { stateMachine } from "./state-table.ts";

export type NetworkEvent = "ImplementNetwork" | "OperationSucceeded" | "OperationFailed" | "DestroyNetwork";

/**
 * The life of a network (CloudStack's Network.java). It exists only here while it is Allocated; the controller knows it
 * from Implementing on. Shutdown is what has to be undone at the controller, and is tried until it succeeds.
 */
export const networkStates = stateMachine<NetworkState, NetworkEvent>("network", {
  Allocated: { ImplementNetwork: "Implementing", DestroyNetwork: "Destroy" },
  Implementing: { OperationSucceeded: "Implemented", OperationFailed: "Shutdown" },
  Implemented: { DestroyNetwork: "Shutdown" },
  Shutdown: { OperationSucceeded: "Allocated", OperationFailed: "Shutdown" },
  Destroy: {},
});
