import type { Feature } from "../features/feature.ts";
import { checkFlow, type PlannedFlow } from "../pipeline/planned-flow.ts";
import type {
  LocalPort,
  NetworkIdentity,
  NetworkMembers,
  PlannedHypervisor,
  PlannedNetwork,
  PlannedPeer,
  PlannedPort,
  RemotePort,
} from "./plan.ts";

/**
 * Asks the features for the flows of the parts of a plan. Each throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made
 * a flow that the pipeline doesn't allow.
 */
export class PartFlows {
  readonly #features: readonly Feature[];
  readonly #anywhere = new WeakMap<PlannedPort, { readonly network: NetworkIdentity; readonly flows: PlannedFlow[] }>();

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
    const own =
      "ofPort" in port
        ? this.#ask((feature) => feature.localPort?.(hypervisor, network, port))
        : this.#ask((feature) => feature.remotePort?.(hypervisor, network, port));
    return [...this.#ofPortAnywhere(network, port), ...own];
  }

  /** Of one port the same flows for all hypervisors, made once. */
  #ofPortAnywhere({ id, tunnelKey }: NetworkIdentity, port: LocalPort | RemotePort): readonly PlannedFlow[] {
    const known = this.#anywhere.get(port);
    if (known?.network.id === id && known.network.tunnelKey === tunnelKey) return known.flows;
    const network = { id, tunnelKey };
    const flows = this.#ask((feature) => feature.port?.(network, port));
    this.#anywhere.set(port, { network, flows });
    return flows;
  }

  #ask(of: (feature: Feature) => readonly PlannedFlow[] | undefined): PlannedFlow[] {
    const flows = this.#features.flatMap((feature) => of(feature) ?? []);
    for (const flow of flows) checkFlow(flow);
    return flows;
  }
}
