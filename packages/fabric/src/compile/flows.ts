import { features } from "../features/features.ts";
import { checkFlow, type PlannedFlow } from "../pipeline/planned-flow.ts";
import type { HypervisorPlan } from "./plan.ts";

/**
 * Every flow that a hypervisor should hold.
 *
 * @throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made a flow that the pipeline doesn't allow: nothing of it is
 * sent then
 */
export function compileFlows(plan: HypervisorPlan): PlannedFlow[] {
  const flows = features.flatMap((feature) => feature.flows(plan));
  for (const flow of flows) checkFlow(flow);
  return flows;
}
