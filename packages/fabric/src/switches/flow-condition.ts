import type { StaticFlowStatus } from "@loomstack/model";
import type { StaticFlowTarget } from "./static-flow-target.ts";
import type { WantedFlow } from "./wanted-flows.ts";

export type FlowCondition = Pick<StaticFlowStatus, "state" | "reason">;

/** What the switch of a flow is like at the moment. */
export interface SwitchView {
  readonly isConnected: boolean;
  /** What is known of its flows; undefined until they are looked at. */
  readonly target: StaticFlowTarget | undefined;
  /** In words: why the switch is as it is. */
  readonly reason: string;
}

/** Whether a flow is in place, and if not, why. @param wanted undefined where nobody has heard of it yet */
export function flowCondition(
  wanted: WantedFlow | undefined,
  { isConnected, target, reason }: SwitchView,
): FlowCondition {
  if (wanted === undefined) return { state: "pending", reason: "it was only just asked for" };
  if ("problem" in wanted) return { state: "refused", reason: wanted.problem };
  if (!isConnected) return { state: "not-connected", reason: `the switch isn't connected: ${reason}` };
  if (target?.holds(wanted.flow) === true) return { state: "installed", reason: "" };
  const obstacle = target?.obstacle(wanted.flow);
  return obstacle === undefined ? { state: "pending", reason } : { state: "refused", reason: obstacle };
}
