import type { JobState } from "@loomstack/model";
import { stateMachine } from "./state-table.ts";

export type JobEvent = "Begin" | "Succeed" | "Fail";

/** A running job may begin again: the process died meanwhile, and its steps bear repeating. */
export const jobStates = stateMachine<JobState, JobEvent>("job", {
  queued: { Begin: "running", Fail: "failed" },
  running: { Begin: "running", Succeed: "succeeded", Fail: "failed" },
  succeeded: {},
  failed: {},
});
