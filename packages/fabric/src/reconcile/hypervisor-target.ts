import { HypervisorPlan, type LocalInventory } from "../compile/hypervisor-plan.ts";
import { LocalNetworks } from "../compile/local-networks.ts";
import { canAdvertiseNeighbours } from "../compile/neighbour-support.ts";
import type { Encapsulation } from "../compile/plan.ts";
import type { SharedPlan } from "../compile/shared-plan.ts";
import type { Touched } from "../intent/intent-step.ts";
import { localInventory, ovsVersionOf, tunnelTroubles } from "../inventory/observed-bridges.ts";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import { uplinkOfPorts } from "../inventory/uplinks.ts";
import { type BridgeOutcome, BridgeTarget, type Database } from "./bridge-target.ts";
import { FlowState, type FlowTargets, type PlanOutcome } from "./flow-state.ts";

export interface HypervisorTargetOptions {
  readonly shared: SharedPlan;
  /** The hypervisor's. */
  readonly key: string;
  readonly database: Database;
}

/**
 * What one hypervisor should hold, and the way there: first bridges, then flows. Each step costs what changed since the
 * last time.
 */
export class HypervisorTarget {
  readonly plan: HypervisorPlan;
  readonly #networks: LocalNetworks;
  readonly #bridges: BridgeTarget;
  readonly #flows = new FlowState();
  #vlans: BridgeOutcome["vlans"] = new Map();
  #troubles: ReadonlyMap<Encapsulation, string> = new Map();
  #uplinks: BridgeOutcome["uplinks"] = new Map();
  /** What the inventory was last read from. */
  #read: { readonly from: readonly unknown[]; readonly inventory: LocalInventory } | undefined;

  constructor({ shared, key, database }: HypervisorTargetOptions) {
    this.plan = new HypervisorPlan({ shared, key });
    this.#networks = new LocalNetworks(shared.intent, shared.placement, key);
    this.#bridges = new BridgeTarget(database);
  }

  /** Something of these objects changed in intent. */
  touch(touched: Touched): void {
    this.#networks.refresh(touched.networks);
    this.plan.touch(touched);
  }

  /** Makes the database hold the bridges and ports that it should. @throws OVSDB__… */
  async applyBridges(observed: ObservedHypervisor, controller: string): Promise<BridgeOutcome> {
    const outcome = await this.#bridges.apply(observed, {
      networks: this.#networks,
      controller,
      held: this.#flows.held,
    });
    this.#vlans = outcome.vlans;
    this.#uplinks = outcome.uplinks;
    return outcome;
  }

  /** Computes the flows, or says what they wait for. @throws FABRIC__FLOW_OUTSIDE_PIPELINE */
  compile(observed: ObservedHypervisor): string | undefined {
    const from = [observed, this.#networks.version, this.#vlans, this.#uplinks];
    if (!this.#read?.from.every((value, index) => value === from[index])) {
      const inventory = localInventory(observed.bridges, {
        encapsulations: this.#networks.encapsulations,
        vlans: this.#vlans,
        uplinks: uplinkOfPorts(observed.bridges, this.#uplinks),
      });
      if (typeof inventory === "string") return inventory;
      const advertisesNeighbours = canAdvertiseNeighbours(ovsVersionOf(observed.tables));
      this.#troubles = tunnelTroubles(observed.bridges, this.#networks.encapsulations);
      this.#read = { from, inventory: { ...inventory, advertisesNeighbours } };
    }
    this.plan.compile(this.#read.inventory);
    return undefined;
  }

  /** Why tunnel ports that it should have can't be made, as of the last computation. */
  get tunnelTroubles(): ReadonlyMap<Encapsulation, string> {
    return this.#troubles;
  }

  /** How many of the flows that were computed last are in hand, at the most, while they are applied. */
  sizeInHand(targets: FlowTargets): number {
    return this.#flows.sizeInHand(this.plan, targets);
  }

  /** Makes the switches hold the flows that were computed last. @throws OPENFLOW__… */
  async applyFlows(targets: FlowTargets, observed: ObservedHypervisor): Promise<PlanOutcome> {
    return this.#flows.apply(this.plan, targets, observed.bridges);
  }
}
