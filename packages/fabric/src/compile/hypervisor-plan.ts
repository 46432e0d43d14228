import type { LocalVlan, OfPort, Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import type { Feature } from "../features/feature.ts";
import { features as allFeatures } from "../features/features.ts";
import type { Touched } from "../intent/intent-step.ts";
import { endpointOf, type Placement } from "../intent/placement.ts";
import type { Held } from "../inventory/held.ts";
import { DesiredFlows } from "./desired-flows.ts";
import { NetworkPlan } from "./network-plan.ts";
import { PartFlows } from "./part-flows.ts";
import { PlannedPeers } from "./planned-peers.ts";
import type { Encapsulation, LocalPort, PlannedHypervisor, PlannedNetwork, PlannedPeer, RemotePort } from "./plan.ts";

/** What a hypervisor's own database says: where the things are that intent speaks of. */
export interface LocalInventory extends PlannedHypervisor {
  /** The OpenFlow ports of guests, by port id (`Interface.external_ids:iface-id`). */
  readonly interfaces: ReadonlyMap<Uuid, OfPort>;
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
}

export interface HypervisorPlanOptions {
  readonly intent: Intent;
  readonly placement: Placement;
  /** The hypervisor's. */
  readonly key: string;
  /** Default: all there are. */
  readonly features?: readonly Feature[];
}

/**
 * What one hypervisor should hold, kept current: from what was touched of intent and what its database says, to the
 * parts that are others now, to their flows. What it comes to is the same as from nothing, whatever happened before.
 */
export class HypervisorPlan {
  readonly desired = new DesiredFlows();
  readonly #options: HypervisorPlanOptions;
  readonly #parts: PartFlows;
  readonly #networks = new Map<Uuid, NetworkPlan>();
  /** The network that each port is a member of here. */
  readonly #networkOf = new Map<Uuid, Uuid>();
  readonly #peers: PlannedPeers;
  #local: LocalInventory | undefined;
  /** What has to be looked at again, first objects, then the parts whose flows they change. */
  readonly #touched: Touched = { networks: new Set(), ports: new Set() };
  readonly #stale = { hypervisor: true, networks: new Set<Uuid>(), ports: new Set<Uuid>() };
  readonly #unconfirmed = new Set<Uuid>();
  #held: Held | undefined;

  constructor(options: HypervisorPlanOptions) {
    this.#options = options;
    this.#parts = new PartFlows(options.features ?? allFeatures, this.desired);
    this.#peers = new PlannedPeers((key) => endpointOf(options.intent, key));
    this.#touchAll();
  }

  /** Something of these objects changed in intent. With a port, its network is touched. */
  touch({ networks, ports }: { readonly networks: Iterable<Uuid>; readonly ports: Iterable<Uuid> }): void {
    for (const id of networks) this.#touched.networks.add(id);
    for (const id of ports) this.#touched.ports.add(id);
  }

  /**
   * Brings `desired` to what intent and `local` say now. Another inventory object means that something in it may have
   * changed.
   *
   * @throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made a flow that the pipeline doesn't allow: nothing of its
   * part is changed then
   */
  compile(local: LocalInventory): void {
    if (local !== this.#local) this.#takeInventory(local);
    const { networks, ports } = this.#touched;
    for (const id of networks) this.#planNetwork(local, id);
    networks.clear();
    for (const id of ports) this.#planPort(local, id);
    ports.clear();
    this.#compileParts(local);
  }

  /** Every hypervisor that this one shares a network with, sorted by key; the same array for as long as nothing changes. */
  get peers(): readonly PlannedPeer[] {
    return this.#peers.all;
  }

  /** The tunnel ports that flows refer to. */
  get tunnels(): ReadonlyMap<Encapsulation, OfPort> {
    return this.#local?.tunnels ?? new Map();
  }

  get networks(): ReadonlyMap<Uuid, NetworkPlan> {
    return this.#networks;
  }

  /** The local VLANs and tunnels that flows refer to; the same object for as long as nothing changes. */
  get held(): Held {
    this.#held ??= { networks: new Set(this.#networks.keys()), encapsulations: new Set(this.tunnels.keys()) };
    return this.#held;
  }

  /** The OpenFlow port that the flows of a local port are for. */
  ofPortOf(port: Uuid): OfPort | undefined {
    return this.#planOf(port)?.localPorts.get(port)?.ofPort;
  }

  /** Whether this port or network was part of the plan that was confirmed last, and still is, unchanged. */
  isConfirmed(id: Uuid): boolean {
    return (this.#networks.has(id) || this.#networkOf.has(id)) && !this.#unconfirmed.has(id);
  }

  /** All that was computed is in place. */
  confirm(): void {
    this.#unconfirmed.clear();
  }

  #touchAll(): void {
    const { placement, key } = this.#options;
    this.touch({ networks: [...placement.networksAt(key), ...this.#networks.keys()], ports: [] });
  }

  #takeInventory(local: LocalInventory): void {
    const before = this.#local;
    this.#local = local;
    if (before === undefined || !isSameHypervisor(before, local)) {
      this.#stale.hypervisor = true;
      this.#held = undefined;
      for (const [id, { localPorts, remotePorts }] of this.#networks) {
        this.#stale.networks.add(id);
        for (const port of [...localPorts.keys(), ...remotePorts.keys()]) this.#stale.ports.add(port);
      }
      this.#peers.touchAll();
    }
    this.touch({
      networks: before?.vlans === local.vlans ? [] : differing(before?.vlans, local.vlans),
      ports: before?.interfaces === local.interfaces ? [] : differing(before?.interfaces, local.interfaces),
    });
  }

  #planNetwork(local: LocalInventory, id: Uuid): void {
    const known = this.#networks.get(id);
    const planned = this.#networkPart(local, id);
    if (known !== undefined && planned !== undefined && isSameNetwork(known.network, planned)) return;
    if (known === undefined && planned === undefined) return;
    this.#stale.networks.add(id);
    this.#unconfirmed.add(id);
    this.#held = undefined;
    if (known !== undefined) this.#leave(known);
    if (planned === undefined) return;
    this.#networks.set(id, new NetworkPlan(planned));
    for (const port of this.#options.intent.portsByNetwork.get(id) ?? []) this.#touched.ports.add(port);
  }

  #networkPart(local: LocalInventory, id: Uuid): PlannedNetwork | undefined {
    const { intent, placement, key } = this.#options;
    const [network, localVlan] = [intent.networks.get(id), local.vlans.get(id)];
    if (network === undefined || localVlan === undefined || placement.portsAt(key, id).size === 0) return undefined;
    return { id, tunnelKey: network.tunnelKey, encapsulation: network.networkType, localVlan };
  }

  /** All ports of a network go from here. */
  #leave({ network, localPorts, remotePorts }: NetworkPlan): void {
    for (const { hypervisor } of remotePorts.values()) this.#peers.count(hypervisor, network.encapsulation, -1);
    for (const port of [...localPorts.keys(), ...remotePorts.keys()]) {
      this.#networkOf.delete(port);
      this.#stale.ports.add(port);
      this.#unconfirmed.add(port);
    }
    this.#networks.delete(network.id);
  }

  #planPort(local: LocalInventory, id: Uuid): void {
    const known = this.#networkOf.get(id);
    const place = this.#options.placement.placeOf(id);
    if (known !== undefined && known !== place?.network) this.#setMember(known, id, undefined);
    if (place !== undefined) this.#setMember(place.network, id, this.#portPart(local, id, place.hypervisor));
  }

  #portPart(local: LocalInventory, id: Uuid, hypervisor: string): LocalPort | RemotePort | undefined {
    const { intent, key } = this.#options;
    const port = intent.ports.get(id);
    if (port === undefined) return undefined;
    const addresses = port.fixedIps.map(({ ipAddress }) => ipAddress);
    const planned = { id, mac: port.macAddress, addresses, pairs: port.allowedAddressPairs };
    if (hypervisor === key) {
      const ofPort = local.interfaces.get(id);
      return ofPort === undefined ? undefined : { ...planned, ofPort, portSecurityEnabled: port.portSecurityEnabled };
    }
    const endpoint = endpointOf(intent, hypervisor);
    return endpoint === null ? undefined : { ...planned, hypervisor, endpoint };
  }

  #setMember(networkId: Uuid, id: Uuid, port: LocalPort | RemotePort | undefined): void {
    const plan = this.#networks.get(networkId);
    if (plan === undefined) return;
    const { encapsulation } = plan.network;
    const before = plan.remotePorts.get(id);
    if (plan.set(id, port)) this.#stale.networks.add(networkId);
    if (port !== undefined && "hypervisor" in port) this.#peers.count(port.hypervisor, encapsulation, 1);
    if (before !== undefined) this.#peers.count(before.hypervisor, encapsulation, -1);
    if (port === undefined) this.#networkOf.delete(id);
    else this.#networkOf.set(id, networkId);
    this.#stale.ports.add(id);
    this.#unconfirmed.add(id);
  }

  #compileParts(hypervisor: LocalInventory): void {
    const { networks, ports } = this.#stale;
    if (this.#stale.hypervisor) this.#parts.setHypervisor(hypervisor);
    this.#stale.hypervisor = false;
    for (const id of ports) {
      this.#parts.setPort(hypervisor, id, this.#planOf(id));
      ports.delete(id);
    }
    for (const id of networks) {
      this.#parts.setNetwork(hypervisor, id, this.#networks.get(id));
      networks.delete(id);
    }
    this.#peers.settle((key, peer) => this.#parts.setPeer(hypervisor, key, peer));
  }

  /** The plan of the network that a port is a member of here. */
  #planOf(port: Uuid): NetworkPlan | undefined {
    const network = this.#networkOf.get(port);
    return network === undefined ? undefined : this.#networks.get(network);
  }
}

function isSameHypervisor(a: PlannedHypervisor, b: PlannedHypervisor): boolean {
  return (
    a.patch.onInt === b.patch.onInt &&
    a.patch.onTun === b.patch.onTun &&
    a.advertisesNeighbours === b.advertisesNeighbours &&
    differing(a.tunnels, b.tunnels).length === 0
  );
}

function isSameNetwork(a: PlannedNetwork, b: PlannedNetwork): boolean {
  return a.tunnelKey === b.tunnelKey && a.encapsulation === b.encapsulation && a.localVlan === b.localVlan;
}

/** The keys whose values are not the same in both. */
function differing<K, V>(a: ReadonlyMap<K, V> | undefined, b: ReadonlyMap<K, V>): K[] {
  const gone = [...(a?.keys() ?? [])].filter((key) => !b.has(key));
  return [...[...b].filter(([key, value]) => a?.get(key) !== value).map(([key]) => key), ...gone];
}
