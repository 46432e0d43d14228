import { compileFlows } from "../compile/flows.ts";
import type { HypervisorPlan } from "../compile/plan.ts";
import { everythingPresent, type Held, heldBy, heldByBoth, letsGo } from "../inventory/held.ts";
import type { ObservedBridge } from "../inventory/observed-bridges.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import type { FlowTarget } from "./flow-target.ts";

/** The bridges whose flows are observed. */
export interface FlowTargets {
  target(bridge: BridgeName): FlowTarget | undefined;
}

/** What one application of a plan did. */
export interface PlanOutcome {
  /** Whether all of it is in place. */
  readonly isDone: boolean;
  /** Whether local VLANs or tunnels that were referred to before are so no more. */
  readonly letsGo: boolean;
  readonly sent: number;
  readonly repaired: readonly string[];
}

/** The flows of one hypervisor, of both bridges: what should be there, and what those that are there may refer to. */
export class FlowState {
  #planned: readonly PlannedFlow[] = [];
  #held: Held | undefined;

  /** The flows of the last plan that was in place. */
  get planned(): readonly PlannedFlow[] {
    return this.#planned;
  }

  /** The local VLANs and tunnels that flows in place may refer to; undefined until we know. */
  get held(): Held | undefined {
    return this.#held;
  }

  /**
   * Makes the bridges hold the flows of `plan`, each in one atomic bundle.
   *
   * @throws OPENFLOW__…; FABRIC__FLOW_OUTSIDE_PIPELINE
   */
  async apply(
    plan: HypervisorPlan,
    targets: FlowTargets,
    bridges: ReadonlyMap<string, ObservedBridge>,
  ): Promise<PlanOutcome> {
    const planned = compileFlows(plan);
    const before = this.#held ?? everythingPresent(bridges);
    const after = heldBy(plan);
    // Until both bridges have taken the new flows, those in place may be old ones or new ones.
    this.#held = heldByBoth(before, after);
    const used = new Map(bridgeNames.map((bridge) => [bridge, targets.target(bridge)]));
    const repaired: string[] = [];
    let sent = 0;
    for (const [bridge, target] of used) {
      const outcome = await target?.apply(planned.filter((flow) => flow.bridge === bridge));
      sent += outcome?.sent ?? 0;
      repaired.push(...(outcome?.repaired ?? []).map((flow) => `flow of ${bridge}: ${flow}`));
    }
    // A bridge that connected anew meanwhile may hold anything.
    const isDone = [...used].every(([bridge, target]) => target !== undefined && targets.target(bridge) === target);
    if (isDone) {
      this.#planned = planned;
      this.#held = after;
    }
    return { isDone, letsGo: isDone && letsGo(before, after), sent, repaired };
  }
}
