import type { Ipv4, LocalVlan, OfPort, Uuid } from "@loomstack/core";
import type { Intent, Network, Port } from "@loomstack/model";
import {
  type Encapsulation,
  type HypervisorPlan,
  type LocalPort,
  plannedPort,
  type PlannedNetwork,
  type PlannedPeer,
  type RemotePort,
} from "./plan.ts";

/** What a hypervisor's own database says: where the things are that intent speaks of. */
export interface LocalInventory {
  /** The OpenFlow ports of guests, by port id (`Interface.external_ids:iface-id`). */
  readonly interfaces: ReadonlyMap<Uuid, OfPort>;
  readonly patch: { readonly onInt: OfPort; readonly onTun: OfPort };
  readonly tunnels: ReadonlyMap<Encapsulation, OfPort>;
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
}

/** The networks that have a bound port on the hypervisor `key`: the ones that it takes part in. */
export function networksOn(intent: Intent, key: string): Set<Uuid> {
  const networks = new Set<Uuid>();
  for (const { portId, nodeKey } of intent.bindings.values()) {
    const port = nodeKey === key ? intent.ports.get(portId) : undefined;
    if (port !== undefined && isUp(intent, port)) networks.add(port.networkId);
  }
  return networks;
}

/**
 * The encapsulations that the hypervisor `key` needs a tunnel port for: those of its networks that other hypervisors
 * hold as well.
 */
export function encapsulationsOn(intent: Intent, key: string): Set<Encapsulation> {
  const encapsulations = new Set<Encapsulation>();
  for (const id of networksOn(intent, key)) {
    const network = intent.networks.get(id);
    if (network === undefined || encapsulations.has(network.networkType)) continue;
    if (hasRemotePorts(intent, network, key)) encapsulations.add(network.networkType);
  }
  return encapsulations;
}

/**
 * The slice of intent that the hypervisor `key` has to know. Pure; equal inputs give equal plans, to the byte of every
 * flow.
 */
export function compilePlan(intent: Intent, key: string, local: LocalInventory): HypervisorPlan {
  const networks = [...networksOn(intent, key)].sort().flatMap((id) => {
    const network = intent.networks.get(id);
    const localVlan = local.vlans.get(id);
    return network === undefined || localVlan === undefined
      ? []
      : [planNetwork(intent, network, localVlan, key, local)];
  });
  return { patch: local.patch, tunnels: local.tunnels, networks, peers: planPeers(intent, networks) };
}

function planNetwork(
  intent: Intent,
  network: Network,
  localVlan: LocalVlan,
  key: string,
  local: LocalInventory,
): PlannedNetwork {
  const remote = remotePorts(intent, network, key);
  return {
    id: network.id,
    tunnelKey: network.tunnelKey,
    encapsulation: network.networkType,
    localVlan,
    localPorts: localPorts(intent, network, key, local),
    remotePorts: remote,
    remoteEndpoints: [...new Set(remote.map((port) => port.endpoint))].sort(),
  };
}

function localPorts(intent: Intent, network: Network, key: string, local: LocalInventory): LocalPort[] {
  return portsOf(intent, network).flatMap((port) => {
    const ofPort = local.interfaces.get(port.id);
    return intent.bindings.get(port.id)?.nodeKey === key && ofPort !== undefined
      ? [{ ...plannedPort(port), ofPort }]
      : [];
  });
}

function remotePorts(intent: Intent, network: Network, key: string): RemotePort[] {
  return portsOf(intent, network).flatMap((port) => {
    const nodeKey = intent.bindings.get(port.id)?.nodeKey;
    const endpoint = nodeKey === undefined || nodeKey === key ? null : endpointOf(intent, nodeKey);
    return endpoint === null ? [] : [{ ...plannedPort(port), endpoint }];
  });
}

function hasRemotePorts(intent: Intent, network: Network, key: string): boolean {
  for (const id of intent.portsByNetwork.get(network.id) ?? []) {
    const nodeKey = intent.bindings.get(id)?.nodeKey;
    const port = intent.ports.get(id);
    if (nodeKey === undefined || nodeKey === key || port === undefined) continue;
    if (isUp(intent, port) && endpointOf(intent, nodeKey) !== null) return true;
  }
  return false;
}

function planPeers(intent: Intent, networks: readonly PlannedNetwork[]): PlannedPeer[] {
  const encapsulations = new Map<Ipv4, Set<Encapsulation>>();
  for (const network of networks) {
    for (const endpoint of network.remoteEndpoints) {
      encapsulations.set(
        endpoint,
        (encapsulations.get(endpoint) ?? new Set<Encapsulation>()).add(network.encapsulation),
      );
    }
  }
  return [...intent.tunnelEndpoints.keys()]
    .flatMap((key) => {
      const endpoint = endpointOf(intent, key);
      const used = endpoint === null ? undefined : encapsulations.get(endpoint);
      return endpoint === null || used === undefined ? [] : [{ key, endpoint, encapsulations: [...used].sort() }];
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The address that tunnels of the hypervisor `key` end at; null while it is not known. */
export function endpointOf(intent: Intent, key: string): Ipv4 | null {
  return intent.tunnelEndpoints.get(key)?.address ?? null;
}

/** The ports of a network that should work, in an order that doesn't depend on how they came to be. */
function portsOf(intent: Intent, network: Network): Port[] {
  const ids = [...(intent.portsByNetwork.get(network.id) ?? [])].sort();
  return ids.flatMap((id) => {
    const port = intent.ports.get(id);
    return port !== undefined && isUp(intent, port) ? [port] : [];
  });
}

/** Whether both the port and its network are administratively up. */
export function isUp(intent: Intent, port: Port): boolean {
  return port.adminStateUp && (intent.networks.get(port.networkId)?.adminStateUp ?? false);
}
