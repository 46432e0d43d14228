import { stateMachine } from "./state-table.ts";

/**
 * Connecting: not known yet. Up: answers. Alert: lost or refused, and being tried again. Down: has been so for long.
 */
export type HostState = "Connecting" | "Up" | "Alert" | "Down";

export type HostEvent = "Ready" | "AgentDisconnected" | "ConnectFailed" | "Timeout";

/** Whether a host can be used, as observed; never kept across restarts. */
export const hostStates = stateMachine<HostState, HostEvent>("host", {
  Connecting: { Ready: "Up", ConnectFailed: "Alert" },
  Up: { AgentDisconnected: "Alert" },
  Alert: { Ready: "Up", ConnectFailed: "Alert", Timeout: "Down" },
  Down: { Ready: "Up", ConnectFailed: "Down" },
});
