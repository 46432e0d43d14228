import type {
  LocalPort,
  NetworkIdentity,
  NetworkMembers,
  PlannedHypervisor,
  PlannedNetwork,
  PlannedPeer,
  PlannedPort,
  RemotePort,
} from "../compile/plan.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";

type Flows = readonly PlannedFlow[];

/**
 * A feature is one file of pure functions from the parts of what a hypervisor has to know to flows. There is no code to
 * install or to remove anything: a part that changes gives different flows, and the difference is what is sent. Flows
 * depend on nothing but what the function is given, so nothing else has to be computed again.
 */
export interface Feature {
  readonly name: string;
  /** One sentence for people. */
  readonly doc: string;
  /** Flows that there are once. */
  readonly hypervisor?: (hypervisor: PlannedHypervisor) => Flows;
  readonly peer?: (hypervisor: PlannedHypervisor, peer: PlannedPeer) => Flows;
  /** Flows for a port on every hypervisor that takes part in its network, wherever the port is: the same on all of them. */
  readonly port?: (network: NetworkIdentity, port: PlannedPort) => Flows;
  readonly network?: (hypervisor: PlannedHypervisor, network: PlannedNetwork, members: NetworkMembers) => Flows;
  readonly localPort?: (hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort) => Flows;
  readonly remotePort?: (hypervisor: PlannedHypervisor, network: PlannedNetwork, port: RemotePort) => Flows;
}

/** `vlan_vid` as OpenFlow has it on the wire: OFPVID_PRESENT and the VLAN id (OpenFlow 1.3.5, 7.2.3.7). */
export function vlanVid(vlan: number): number {
  return 0x1000 | vlan;
}
