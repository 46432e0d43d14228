import type { Uuid } from "@loomstack/core";
import type { Feature } from "../features/feature.ts";
import { checkFlow, type PlannedFlow } from "../pipeline/planned-flow.ts";
import type { DesiredFlows } from "./desired-flows.ts";
import type { NetworkPlan } from "./network-plan.ts";
import type { PlannedHypervisor, PlannedPeer } from "./plan.ts";

/**
 * Asks the features for the flows of the parts of a plan, and puts them where they are wanted. Each throws
 * FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made a flow that the pipeline doesn't allow; the part stays as it was
 * then.
 */
export class PartFlows {
  readonly #features: readonly Feature[];
  readonly #desired: DesiredFlows;

  constructor(features: readonly Feature[], desired: DesiredFlows) {
    this.#features = features;
    this.#desired = desired;
  }

  setHypervisor(hypervisor: PlannedHypervisor): void {
    this.#set("hypervisor", (feature) => feature.hypervisor?.(hypervisor));
  }

  /** @param peer undefined when it is none any more */
  setPeer(hypervisor: PlannedHypervisor, key: string, peer: PlannedPeer | undefined): void {
    this.#set(`peer ${key}`, (feature) => (peer === undefined ? [] : feature.peer?.(hypervisor, peer)));
  }

  /** @param plan undefined when the hypervisor takes no part in the network any more */
  setNetwork(hypervisor: PlannedHypervisor, id: Uuid, plan: NetworkPlan | undefined): void {
    if (plan === undefined) return this.#set(`network ${id}`, () => []);
    const { network, members } = plan;
    this.#set(`network ${id}`, (feature) => feature.network?.(hypervisor, network, members));
  }

  /** @param plan that of the port's network; undefined when the port is a member of none here */
  setPort(hypervisor: PlannedHypervisor, id: Uuid, plan: NetworkPlan | undefined): void {
    const [local, remote] = [plan?.localPorts.get(id), plan?.remotePorts.get(id)];
    this.#set(`port ${id}`, (feature) => {
      if (plan !== undefined && local !== undefined) return feature.localPort?.(hypervisor, plan.network, local);
      if (plan !== undefined && remote !== undefined) return feature.remotePort?.(hypervisor, plan.network, remote);
      return [];
    });
  }

  #set(part: string, of: (feature: Feature) => readonly PlannedFlow[] | undefined): void {
    const flows = this.#features.flatMap((feature) => of(feature) ?? []);
    for (const flow of flows) checkFlow(flow);
    this.#desired.set(part, flows);
  }
}
