import type { Ipv4, Mac, OfPort, Uuid } from "@loomstack/core";
import {
  type LocalPort,
  type NetworkMembers,
  type NetworkServices,
  placesOf,
  type PlannedNetwork,
  type PlannedPort,
  type RemotePort,
  type SharedMac,
} from "./plan.ts";

/** One network of a hypervisor, with its ports as the hypervisor sees them. */
export class NetworkPlan {
  network: PlannedNetwork;
  services: NetworkServices;
  /** The members that its flows were made for last. */
  settled: NetworkMembers | undefined;
  readonly #local = new Map<Uuid, LocalPort>();
  readonly #remote = new Map<Uuid, RemotePort>();
  /** How many ports there are behind each tunnel endpoint. */
  readonly #endpoints = new Map<Ipv4, number>();
  /** The ports whose pairs name a MAC address other than their own. */
  readonly #holders = new Map<Mac, Set<Uuid>>();

  constructor(network: PlannedNetwork, services: NetworkServices) {
    this.network = network;
    this.services = services;
  }

  get localPorts(): ReadonlyMap<Uuid, LocalPort> {
    return this.#local;
  }

  get remotePorts(): ReadonlyMap<Uuid, RemotePort> {
    return this.#remote;
  }

  get members(): NetworkMembers {
    return {
      services: this.services,
      localPorts: [...this.#local.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      remoteEndpoints: [...this.#endpoints.keys()].sort(),
      sharedMacs: [...this.#holders.keys()].sort().map((mac) => this.#sharedMac(mac)),
    };
  }

  /** Sets what a port is here; undefined when it is nothing any more. Gives whether `members` are others now. */
  set(id: Uuid, port: LocalPort | RemotePort | undefined): boolean {
    const [local, remote] = [this.#local.get(id), this.#remote.get(id)];
    const isLocal = port !== undefined && "ofPort" in port;
    const before = local ?? remote;
    let changed = local?.ofPort !== (isLocal ? port.ofPort : undefined);
    const after = isLocal ? port : undefined;
    if (local?.isLearner !== after?.isLearner || local?.isLeaseLearner !== after?.isLeaseLearner) changed = true;
    for (const held of [local, remote, port]) if (otherMacs(held).length > 0) changed = true;
    this.#hold(before, port);
    this.#local.delete(id);
    this.#remote.delete(id);
    if (isLocal) this.#local.set(id, port);
    else if (port !== undefined) this.#remote.set(id, port);
    for (const { endpoint } of port === undefined ? [] : placesOf(port)) changed = this.#count(endpoint, 1) || changed;
    for (const { endpoint } of before === undefined ? [] : placesOf(before))
      changed = this.#count(endpoint, -1) || changed;
    return changed;
  }

  #hold(before: PlannedPort | undefined, after: PlannedPort | undefined): void {
    for (const mac of otherMacs(before)) {
      const holders = this.#holders.get(mac);
      if (before !== undefined) holders?.delete(before.id);
      if (holders?.size === 0) this.#holders.delete(mac);
    }
    for (const mac of otherMacs(after))
      if (after !== undefined) this.#holders.set(mac, (this.#holders.get(mac) ?? new Set()).add(after.id));
  }

  #sharedMac(mac: Mac): SharedMac {
    const ofPorts: OfPort[] = [];
    const endpoints = new Set<Ipv4>();
    for (const id of this.#holders.get(mac) ?? []) {
      const local = this.#local.get(id);
      const port = local ?? this.#remote.get(id);
      if (local !== undefined) ofPorts.push(local.ofPort);
      for (const { endpoint } of port === undefined ? [] : placesOf(port)) endpoints.add(endpoint);
    }
    return { mac, ofPorts: ofPorts.sort((a, b) => a - b), remoteEndpoints: [...endpoints].sort() };
  }

  /** Gives whether an endpoint came or went. */
  #count(endpoint: Ipv4, step: 1 | -1): boolean {
    const before = this.#endpoints.get(endpoint) ?? 0;
    if (before + step === 0) this.#endpoints.delete(endpoint);
    else this.#endpoints.set(endpoint, before + step);
    return before === 0 || before + step === 0;
  }
}

function otherMacs(port: PlannedPort | undefined): readonly Mac[] {
  return (port?.pairs ?? []).flatMap(({ macAddress }) =>
    macAddress === null || macAddress === port?.mac ? [] : [macAddress],
  );
}
