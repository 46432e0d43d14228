import type { Drift } from "@loomstack/model";
import type { HypervisorPlan } from "../compile/hypervisor-plan.ts";
import { everythingPresent, type Held, heldByBoth, letsGo } from "../inventory/held.ts";
import type { ObservedBridge } from "../inventory/observed-bridges.ts";
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
  readonly repaired: readonly Drift[];
}

/** The flows of one hypervisor, of both bridges, and what those that are there may refer to. */
export class FlowState {
  #held: Held | undefined;

  /** The local VLANs and tunnels that flows in place may refer to; undefined until we know. */
  get held(): Held | undefined {
    return this.#held;
  }

  /** How many flows the next application has in hand at the most. */
  sizeInHand(plan: HypervisorPlan, targets: FlowTargets): number {
    return bridgeNames.reduce((sum, name) => sum + (targets.target(name)?.sizeInHand(plan.desired.of(name)) ?? 0), 0);
  }

  /**
   * Makes the bridges hold the flows of `plan`, each all at once. Both are told at the same time: whatever reaches one
   * before the other is ready for it meets no flow there, and is dropped.
   *
   * @throws OPENFLOW__…
   */
  async apply(
    plan: HypervisorPlan,
    targets: FlowTargets,
    bridges: ReadonlyMap<string, ObservedBridge>,
  ): Promise<PlanOutcome> {
    const before = this.#held ?? everythingPresent(bridges);
    const after = plan.held;
    // Until both bridges have taken the new flows, those in place may be old ones or new ones.
    this.#held = heldByBoth(before, after);
    const used = new Map(bridgeNames.map((bridge) => [bridge, targets.target(bridge)]));
    const outcomes = await allSettled(
      [...used].map(async ([bridge, target]) => target?.apply(plan.desired.of(bridge))),
    );
    const repaired = bridgeNames.flatMap((bridge, index) =>
      (outcomes[index]?.repaired ?? []).map((flow): Drift => ({ kind: "flow", what: `flow of ${bridge}: ${flow}` })),
    );
    const sent = outcomes.reduce((sum, outcome) => sum + (outcome?.sent ?? 0), 0);
    // A bridge that connected anew meanwhile may hold anything.
    const isDone = [...used].every(([bridge, target]) => target !== undefined && targets.target(bridge) === target);
    if (isDone) this.#held = after;
    return { isDone, letsGo: isDone && letsGo(before, after), sent, repaired };
  }
}

/** What all of them come to, once none is under way any more. @throws what the first of those that failed threw */
async function allSettled<Outcome>(all: readonly Promise<Outcome>[]): Promise<Outcome[]> {
  const settled = await Promise.allSettled(all);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
