import type { InstanceState } from "@loomstack/model";
import { stateMachine } from "./state-table.ts";

export type InstanceEvent =
  | "StartRequested"
  | "StopRequested"
  | "DestroyRequested"
  | "ExpungeOperation"
  | "OperationSucceeded"
  | "OperationFailed"
  | "OperationFailedToError"
  | "FollowAgentPowerOffReport";

/**
 * The life of an instance (CloudStack's VirtualMachine.java). Starting, Stopping and Expunging last as long as a job
 * works on them. Error is an instance whose first start failed: it holds nothing and waits to be destroyed.
 */
export const instanceStates = stateMachine<InstanceState, InstanceEvent>("instance", {
  Starting: { OperationSucceeded: "Running", OperationFailed: "Stopped", OperationFailedToError: "Error" },
  Running: { StopRequested: "Stopping", FollowAgentPowerOffReport: "Stopped" },
  Stopping: { OperationSucceeded: "Stopped", OperationFailed: "Running", FollowAgentPowerOffReport: "Stopped" },
  Stopped: { StartRequested: "Starting", DestroyRequested: "Destroyed" },
  Destroyed: { ExpungeOperation: "Expunging" },
  Error: { DestroyRequested: "Destroyed" },
  Expunging: { ExpungeOperation: "Expunging" },
});
