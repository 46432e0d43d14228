import type { LocalVlan, OfPort, Uuid } from "@loomstack/core";
import { isLearner, isOverlayType, type Port } from "@loomstack/model";
import type { Touched } from "../intent/intent-step.ts";
import { endpointOf, type Place } from "../intent/placement.ts";
import type { Held } from "../inventory/held.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { hasDhcp } from "../services/dhcpv4/lease.ts";
import { DesiredFlows } from "./desired-flows.ts";
import { hypervisorSetting, isSameButKeeping } from "./flow-setting.ts";
import { NetworkPlan } from "./network-plan.ts";
import { isSameServices, servicesOf } from "./network-services.ts";
import type { PartFlows } from "./part-flows.ts";
import { PlannedPeers } from "./planned-peers.ts";
import {
  type Encapsulation,
  isProviderNetwork,
  type LocalPort,
  type NetworkServices,
  placesOf,
  type PlannedHypervisor,
  type PlannedNetwork,
  type PlannedPeer,
  type RemotePort,
} from "./plan.ts";
import { learnsLeasesOf, learnsOf, plannedPort, remotePort, type SharedPlan } from "./shared-plan.ts";

/** What a hypervisor's own database says: where the things are that intent speaks of. */
export interface LocalInventory extends PlannedHypervisor {
  /** The OpenFlow ports of guests, by port id (`Interface.external_ids:iface-id`). */
  readonly interfaces: ReadonlyMap<Uuid, OfPort>;
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
  /** The ends on br-int of the patches to physical networks, by the names of these. */
  readonly uplinks: ReadonlyMap<string, OfPort>;
}

export interface HypervisorPlanOptions {
  readonly shared: SharedPlan;
  /** The hypervisor's. */
  readonly key: string;
}

/** A port that has flows here, and the network that it is a member of. */
interface Member {
  readonly plan: NetworkPlan;
  readonly port: LocalPort | RemotePort;
}

/**
 * What one hypervisor should hold, kept current: from what was touched of intent and what its database says, to the
 * parts that are others now, to their flows. What it comes to is the same as from nothing, whatever happened before.
 */
export class HypervisorPlan {
  readonly desired = new DesiredFlows((owner) => this.flows(owner));
  readonly #options: HypervisorPlanOptions;
  readonly #parts: PartFlows;
  readonly #networks = new Map<Uuid, NetworkPlan>();
  readonly #members = new Map<Uuid, Member>();
  readonly #peers: PlannedPeers;
  #local: LocalInventory | undefined;
  readonly #touched: Touched = { networks: new Set(), ports: new Set() };
  /** Touched networks that had no port here for a while: what happened to them meanwhile wasn't told. */
  readonly #left = new Set<Uuid>();
  /** The networks whose members are others than those that their flows were made for. */
  readonly #stale = new Set<Uuid>();
  /** What the parts that change give up and get. */
  #removed: PlannedFlow[] = [];
  #added: PlannedFlow[] = [];
  readonly #unconfirmed = new Set<Uuid>();
  #held: Held | undefined;

  constructor(options: HypervisorPlanOptions) {
    const { shared, key } = options;
    const { intent, placement } = shared;
    this.#options = options;
    this.#parts = shared.parts;
    this.#peers = new PlannedPeers((peer) => endpointOf(intent, peer));
    this.touch({ networks: placement.networksAt(key), ports: [] });
  }

  /** Something of these objects changed in intent. With a port, its network is touched. */
  touch({ networks, ports }: { readonly networks: Iterable<Uuid>; readonly ports: Iterable<Uuid> }): void {
    const { key, shared } = this.#options;
    const { placement } = shared;
    for (const id of networks) {
      this.#touched.networks.add(id);
      if (placement.portsAt(key, id).size === 0) this.#left.add(id);
    }
    for (const id of ports) this.#touched.ports.add(id);
  }

  /**
   * Brings `desired` to what intent and `local` say now. Another inventory object means that something in it may have
   * changed.
   *
   * @throws FABRIC__FLOW_OUTSIDE_PIPELINE when a feature made a flow that the pipeline doesn't allow: its part stays as
   * it was, and is tried again the next time
   */
  compile(local: LocalInventory): void {
    const { networks, ports } = this.#touched;
    try {
      if (local !== this.#local) this.#takeInventory(local);
      for (const id of networks) {
        this.#planNetwork(local, id);
        networks.delete(id);
        this.#left.delete(id);
      }
      for (const id of ports) {
        this.#planPort(local, id);
        ports.delete(id);
      }
      for (const id of this.#stale) {
        this.#settleNetwork(local, id);
        this.#stale.delete(id);
      }
      this.#peers.settle((before, after) => {
        const added = after === undefined ? [] : this.#parts.ofPeer(local, after);
        this.#replace(before === undefined ? [] : this.#parts.ofPeer(local, before), added);
      });
    } finally {
      const [removed, added] = [this.#removed, this.#added];
      [this.#removed, this.#added] = [[], []];
      this.desired.replace(removed, added);
    }
  }

  /** All flows that should be there, computed from the parts; of one owner (`PlannedFlow.owner`) from its part alone. */
  *flows(owner?: string): Generator<PlannedFlow> {
    if (this.#local === undefined) return;
    if (owner === undefined) yield* this.#flowsOn(this.#local);
    else for (const flow of this.#flowsOfPart(this.#local, owner)) if (flow.owner === owner) yield flow;
  }

  /** Every hypervisor that this one shares a network with, sorted by key; the same array for as long as nothing changes. */
  get peers(): readonly PlannedPeer[] {
    return this.#peers.all;
  }

  /** The tunnel ports that flows refer to. */
  get tunnels(): ReadonlyMap<Encapsulation, OfPort> {
    return this.#local?.tunnels ?? new Map();
  }

  /** What of the database flows refer to; the same object for as long as nothing changes. */
  get held(): Held {
    this.#held ??= this.#refersTo();
    return this.#held;
  }

  /** The OpenFlow port that the flows of a local port are for. */
  ofPortOf(id: Uuid): OfPort | undefined {
    const port = this.#members.get(id)?.port;
    return port !== undefined && "ofPort" in port ? port.ofPort : undefined;
  }

  /** Whether this port or network was part of the plan that was confirmed last, and still is, unchanged. */
  isConfirmed(id: Uuid): boolean {
    return (this.#networks.has(id) || this.#members.has(id)) && !this.#unconfirmed.has(id);
  }

  /** All that was computed is in place. */
  confirm(): void {
    this.#unconfirmed.clear();
  }

  #takeInventory(local: LocalInventory): void {
    const before = this.#local;
    const isSame = before !== undefined && hypervisorSetting(before) === hypervisorSetting(local);
    // Every flow may depend on the hypervisor's own ports.
    if (!isSame) this.#replace([...this.flows()], [...this.#flowsOn(local)]);
    if (!isSame) this.#held = undefined;
    this.#local = local;
    this.touch({
      networks: [
        ...(before?.vlans === local.vlans ? [] : differing(before?.vlans, local.vlans)),
        ...this.#carriedBy(new Set(differing(before?.uplinks, local.uplinks))),
      ],
      ports: before?.interfaces === local.interfaces ? [] : differing(before?.interfaces, local.interfaces),
    });
  }

  /** The networks here that one of these physical networks carries. */
  #carriedBy(physicalNetworks: ReadonlySet<string>): Uuid[] {
    if (physicalNetworks.size === 0) return [];
    const { shared, key } = this.#options;
    const { intent, placement } = shared;
    return [...placement.networksAt(key)].filter((id) =>
      physicalNetworks.has(intent.networks.get(id)?.physicalNetwork ?? ""),
    );
  }

  #refersTo(): Held {
    const planned = [...this.#networks.values()].map(({ network }) => network);
    return {
      networks: new Set(planned.flatMap((network) => (isProviderNetwork(network) ? [] : network.id))),
      encapsulations: new Set(this.tunnels.keys()),
      uplinks: new Set(planned.flatMap((network) => (isProviderNetwork(network) ? network.physicalNetwork : []))),
    };
  }

  *#flowsOn(hypervisor: PlannedHypervisor): Generator<PlannedFlow> {
    yield* this.#parts.ofHypervisor(hypervisor);
    for (const peer of this.#peers.all) yield* this.#parts.ofPeer(hypervisor, peer);
    for (const { network, settled } of this.#networks.values())
      if (settled !== undefined) yield* this.#parts.ofNetwork(hypervisor, network, settled);
    for (const { plan, port } of this.#members.values()) yield* this.#parts.ofPort(hypervisor, plan.network, port);
  }

  /** The flows of the part that an owner's flows are made for. */
  #flowsOfPart(hypervisor: PlannedHypervisor, owner: string): readonly PlannedFlow[] {
    if (owner === "pipeline") return this.#parts.ofHypervisor(hypervisor);
    const id = owner.slice(owner.indexOf(" ") + 1);
    if (owner.startsWith("hypervisor ")) {
      const peer = this.#peers.all.find(({ key }) => key === id);
      return peer === undefined ? [] : this.#parts.ofPeer(hypervisor, peer);
    }
    const { network, settled } = this.#networks.get(id as Uuid) ?? {};
    if (network !== undefined && settled !== undefined) return this.#parts.ofNetwork(hypervisor, network, settled);
    const { plan, port } = this.#members.get(id as Uuid) ?? {};
    return plan === undefined || port === undefined ? [] : this.#parts.ofPort(hypervisor, plan.network, port);
  }

  #planNetwork(local: LocalInventory, id: Uuid): void {
    const known = this.#networks.get(id);
    const planned = this.#networkPart(local, id);
    if (known === undefined && planned === undefined) return;
    const isNews = this.#left.has(id) || known === undefined || planned === undefined;
    const services = servicesOf(this.#options.shared.intent, id);
    if (!isNews && isSameButKeeping(known.network, planned)) {
      this.#setKeeping(local, known, planned);
      return this.#setServices(known, services);
    }
    if (known !== undefined) this.#leave(local, known);
    this.#unconfirmed.add(id);
    this.#held = undefined;
    if (planned === undefined) return;
    this.#networks.set(id, new NetworkPlan(planned, services));
    this.#stale.add(id);
    for (const port of this.#options.shared.intent.portsByNetwork.get(id) ?? []) this.#touched.ports.add(port);
  }

  #setServices(plan: NetworkPlan, services: NetworkServices): void {
    if (isSameServices(plan.services, services)) return;
    plan.services = services;
    this.#stale.add(plan.network.id);
    this.#unconfirmed.add(plan.network.id);
  }

  /**
   * Addresses are to be kept from a port here, or no more: the flows that do that come to those of each port, whose own
   * traffic doesn't need them.
   */
  #setKeeping(local: LocalInventory, plan: NetworkPlan, planned: PlannedNetwork): void {
    const { network, settled, localPorts, remotePorts } = plan;
    if (network.keepsAddresses === planned.keepsAddresses) return;
    for (const port of [...localPorts.values(), ...remotePorts.values()])
      this.#replace(this.#parts.ofPort(local, network, port), this.#parts.ofPort(local, planned, port));
    if (settled !== undefined)
      this.#replace(this.#parts.ofNetwork(local, network, settled), this.#parts.ofNetwork(local, planned, settled));
    plan.network = planned;
    this.#unconfirmed.add(planned.id);
  }

  #networkPart(local: LocalInventory, id: Uuid): PlannedNetwork | undefined {
    const { key, shared } = this.#options;
    const { intent, placement } = shared;
    const network = intent.networks.get(id);
    const portsHere = placement.portsAt(key, id);
    if (network === undefined || portsHere.size === 0) return undefined;
    const { networkType, physicalNetwork, segmentationId } = network;
    const keepsAddresses = portsHere.values().some((port) => isHeldToMac(intent.ports.get(port)));
    const here = { id, tunnelKey: network.tunnelKey, ...(keepsAddresses && { keepsAddresses }) };
    if (isOverlayType(networkType)) {
      const localVlan = local.vlans.get(id);
      return localVlan === undefined ? undefined : { ...here, encapsulation: networkType, localVlan };
    }
    const uplink = physicalNetwork === null ? undefined : local.uplinks.get(physicalNetwork);
    if (uplink === undefined || physicalNetwork === null) return undefined;
    return { ...here, physicalNetwork, uplink, vlan: networkType === "flat" ? null : segmentationId };
  }

  /** A network goes from here, with all of its ports. */
  #leave(local: LocalInventory, plan: NetworkPlan): void {
    const { network, settled, localPorts, remotePorts } = plan;
    if (settled !== undefined) this.#replace(this.#parts.ofNetwork(local, network, settled), []);
    for (const port of [...localPorts.keys(), ...remotePorts.keys()]) this.#setMember(local, port, undefined);
    this.#networks.delete(network.id);
    this.#stale.delete(network.id);
  }

  #planPort(local: LocalInventory, id: Uuid): void {
    const place = this.#options.shared.placement.placeOf(id);
    const plan = place && this.#networks.get(place.network);
    const port = place && this.#portPart(local, id, place);
    this.#setMember(local, id, plan === undefined || port === undefined ? undefined : { plan, port });
  }

  #portPart(local: LocalInventory, id: Uuid, place: Place): LocalPort | RemotePort | undefined {
    const { shared, key } = this.#options;
    const port = shared.intent.ports.get(id);
    if (port === undefined) return undefined;
    const isArriving = place.arrivingAt === key;
    const isHere = isArriving || place.hypervisor === key;
    if (!isHere) return shared.remotePort(port, place);
    const ofPort = local.interfaces.get(id);
    const learnt = shared.intent.learntAddresses.get(id);
    const others = shared.placesBut(key, place);
    // Where its guest is on its way to, it will be found even before the store says that it has arrived.
    if (ofPort === undefined) return place.arrivingAt === undefined ? undefined : remotePort(port, learnt, others);
    const { portSecurityEnabled } = port;
    const [alsoAt] = others;
    const isServed = port.fixedIps.some(({ subnetId }) => {
      const subnet = shared.intent.subnets.get(subnetId);
      return subnet !== undefined && hasDhcp(subnet);
    });
    const learning = { isLearner: learnsOf(shared, port), isLeaseLearner: learnsLeasesOf(shared, port) };
    const here = { ofPort, portSecurityEnabled, isArriving, hasDhcp: isServed };
    return { ...plannedPort(port, learnt), ...here, ...learning, ...(alsoAt && { alsoAt }) };
  }

  #setMember(local: LocalInventory, id: Uuid, after: Member | undefined): void {
    const before = this.#members.get(id);
    if (before === undefined && after === undefined) return;
    const added = after === undefined ? [] : this.#parts.ofPort(local, after.plan.network, after.port);
    this.#replace(before === undefined ? [] : this.#parts.ofPort(local, before.plan.network, before.port), added);
    if (before !== undefined && before.plan !== after?.plan) this.#setPort(before.plan, id, undefined);
    if (after === undefined) this.#members.delete(id);
    else {
      this.#members.set(id, after);
      this.#setPort(after.plan, id, after.port);
    }
    this.#unconfirmed.add(id);
  }

  #setPort(plan: NetworkPlan, id: Uuid, port: LocalPort | RemotePort | undefined): void {
    const { network } = plan;
    const before = plan.localPorts.get(id) ?? plan.remotePorts.get(id);
    if (plan.set(id, port)) this.#stale.add(network.id);
    if (isProviderNetwork(network)) return;
    const { encapsulation } = network;
    for (const { hypervisor } of port === undefined ? [] : placesOf(port))
      this.#peers.count(hypervisor, encapsulation, 1);
    for (const { hypervisor } of before === undefined ? [] : placesOf(before))
      this.#peers.count(hypervisor, encapsulation, -1);
  }

  #settleNetwork(local: LocalInventory, id: Uuid): void {
    const plan = this.#networks.get(id);
    if (plan === undefined) return;
    const { network, settled, members } = plan;
    const added = this.#parts.ofNetwork(local, network, members);
    this.#replace(settled === undefined ? [] : this.#parts.ofNetwork(local, network, settled), added);
    plan.settled = members;
  }

  #replace(removed: readonly PlannedFlow[], added: readonly PlannedFlow[]): void {
    for (const flow of removed) this.#removed.push(flow);
    for (const flow of added) this.#added.push(flow);
  }
}

function isHeldToMac(port: Port | undefined): boolean {
  return port !== undefined && isLearner(port);
}

/** The keys whose values are not the same in both. */
function differing<K, V>(a: ReadonlyMap<K, V> | undefined, b: ReadonlyMap<K, V>): K[] {
  const gone = [...(a?.keys() ?? [])].filter((key) => !b.has(key));
  return [...[...b].filter(([key, value]) => a?.get(key) !== value).map(([key]) => key), ...gone];
}
