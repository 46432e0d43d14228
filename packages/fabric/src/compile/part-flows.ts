import type { Feature } from "../features/feature.ts";
import { checkFlow, type PlannedFlow } from "../pipeline/planned-flow.ts";
import type { LocalPort, NetworkMembers, PlannedHypervisor, PlannedNetwork, PlannedPeer, RemotePort } from "./plan.ts";

/**
 * Asks the features for the flows of the parts of a plan. Each throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made
 * a flow that the pipeline doesn't allow.
 */
export class PartFlows {
  readonly #features: readonly Feature[];

  constructor(features: readonly Feature[]) {
    this.#features = features;
  }

  ofHypervisor(hypervisor: PlannedHypervisor): PlannedFlow[] {
    return this.#ask((feature) => feature.hypervisor?.(hypervisor));
  }

  ofPeer(hypervisor: PlannedHypervisor, peer: PlannedPeer): PlannedFlow[] {
    return this.#ask((feature) => feature.peer?.(hypervisor, peer));
  }

  ofNetwork(hypervisor: PlannedHypervisor, network: PlannedNetwork, members: NetworkMembers): PlannedFlow[] {
    return this.#ask((feature) => feature.network?.(hypervisor, network, members));
  }

  ofPort(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort | RemotePort): PlannedFlow[] {
    return "ofPort" in port
      ? this.#ask((feature) => feature.localPort?.(hypervisor, network, port))
      : this.#ask((feature) => feature.remotePort?.(hypervisor, network, port));
  }

  #ask(of: (feature: Feature) => readonly PlannedFlow[] | undefined): PlannedFlow[] {
    const flows = this.#features.flatMap((feature) => of(feature) ?? []);
    for (const flow of flows) checkFlow(flow);
    return flows;
  }
}
