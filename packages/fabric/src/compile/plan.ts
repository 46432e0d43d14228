/**
 * What one hypervisor has to know: the slice of intent that concerns it, joined with its own OpenFlow port numbers.
 * Features turn it into flows.
 */
import type { Ipv4, LocalVlan, Mac, OfPort, TunnelKey, Uuid } from "@loomstack/core";
import type { Port } from "@loomstack/model";

/** The encapsulations of the overlay, named as the `type` of an Open vSwitch Interface. */
export type Encapsulation = "vxlan" | "gre";

export interface HypervisorPlan {
  /** The ends of the patch: on br-int (patch-tun) and on br-tun (patch-int). */
  readonly patch: { readonly onInt: OfPort; readonly onTun: OfPort };
  /** br-tun's tunnel ports. */
  readonly tunnels: ReadonlyMap<Encapsulation, OfPort>;
  readonly networks: readonly PlannedNetwork[];
  /** Every hypervisor that this one shares a network with. */
  readonly peers: readonly PlannedPeer[];
}

export interface PlannedNetwork {
  readonly id: Uuid;
  readonly tunnelKey: TunnelKey;
  readonly encapsulation: Encapsulation;
  readonly localVlan: LocalVlan;
  readonly localPorts: readonly LocalPort[];
  readonly remotePorts: readonly RemotePort[];
  /** The tunnel endpoints of the other hypervisors that hold ports of this network, each once, sorted. */
  readonly remoteEndpoints: readonly Ipv4[];
}

export interface PlannedPort {
  readonly id: Uuid;
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
}

export interface LocalPort extends PlannedPort {
  readonly ofPort: OfPort;
}

export interface RemotePort extends PlannedPort {
  readonly endpoint: Ipv4;
}

export interface PlannedPeer {
  readonly key: string;
  readonly endpoint: Ipv4;
  readonly encapsulations: readonly Encapsulation[];
}

export function plannedPort(port: Port): PlannedPort {
  return { id: port.id, mac: port.macAddress, addresses: port.fixedIps.map((fixed) => fixed.ipAddress) };
}
