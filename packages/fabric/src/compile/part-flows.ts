import type { Feature } from "../features/feature.ts";
import { checkFlow, type PlannedFlow } from "../pipeline/planned-flow.ts";
import { hypervisorSetting, networkSetting } from "./flow-setting.ts";
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

/** The flows of a port of another hypervisor, on all hypervisors with the same setting. */
interface Elsewhere {
  readonly hypervisor: string;
  readonly network: string;
  readonly flows: readonly PlannedFlow[];
}

/** Of how many settings the flows of a port are kept: hypervisors that were made alike have one. */
const mostSettings = 2;

/**
 * Asks the features for the flows of the parts of a plan. Each throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made
 * a flow that the pipeline doesn't allow.
 */
export class PartFlows {
  readonly #features: readonly Feature[];
  readonly #anywhere = new WeakMap<PlannedPort, { readonly network: NetworkIdentity; readonly flows: PlannedFlow[] }>();

  readonly #elsewhere = new WeakMap<RemotePort, readonly Elsewhere[]>();

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

  ofPort(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort | RemotePort): readonly PlannedFlow[] {
    if (!("ofPort" in port)) return this.#ofPortElsewhere(hypervisor, network, port);
    const own = this.#ask((feature) => feature.localPort?.(hypervisor, network, port));
    return [...this.#ofPortAnywhere(network, port), ...own];
  }

  /**
   * Made once for all hypervisors with the same setting: of a port that many hypervisors know, they all know it but one
   * from elsewhere.
   */
  #ofPortElsewhere(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: RemotePort): readonly PlannedFlow[] {
    const setting = { hypervisor: hypervisorSetting(hypervisor), network: networkSetting(network) };
    const known = this.#elsewhere.get(port) ?? [];
    for (const one of known)
      if (one.network === setting.network && one.hypervisor === setting.hypervisor) return one.flows;
    const own = this.#ask((feature) => feature.remotePort?.(hypervisor, network, port));
    const flows = [...this.#ofPortAnywhere(network, port), ...own];
    this.#elsewhere.set(port, [{ ...setting, flows }, ...known.slice(0, mostSettings - 1)]);
    return flows;
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
