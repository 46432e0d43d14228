/**
 * Where the ports that should work are: which hypervisors hold which ports of which networks. An index over intent, so
 * that a change costs what it touches and not what there is.
 */
import type { Ipv4, Uuid } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";

export interface Place {
  readonly network: Uuid;
  /** The key of the hypervisor. */
  readonly hypervisor: string;
  /** The key of the one that its guest is on its way to. */
  readonly arrivingAt: string | undefined;
}

const nothing: ReadonlySet<never> = new Set();

/**
 * The ports that are bound to a hypervisor and administratively up, like their networks. One that is on its way to
 * another hypervisor is held by both.
 */
export class Placement {
  readonly #places = new Map<Uuid, Place>();
  /** By hypervisor and network. */
  readonly #ports = new Map<string, Map<Uuid, Set<Uuid>>>();
  /** The hypervisors of each network. */
  readonly #homes = new Map<Uuid, Set<string>>();

  static of(intent: Intent): Placement {
    const placement = new Placement();
    for (const port of intent.bindings.keys()) placement.refresh(intent, port);
    return placement;
  }

  /** Takes over what `intent` says of a port now. */
  refresh(intent: Intent, port: Uuid): void {
    const [before, after] = [this.#places.get(port), placeIn(intent, port)];
    if (isSamePlace(before, after)) return;
    if (before !== undefined) this.#remove(port, before);
    if (after !== undefined) this.#add(port, after);
  }

  placeOf(port: Uuid): Place | undefined {
    return this.#places.get(port);
  }

  /** The hypervisors that hold ports of a network. */
  homes(network: Uuid): ReadonlySet<string> {
    return this.#homes.get(network) ?? nothing;
  }

  /** The networks that have ports on a hypervisor: the ones that it takes part in. */
  networksAt(hypervisor: string): Iterable<Uuid> {
    return this.#ports.get(hypervisor)?.keys() ?? nothing;
  }

  portsAt(hypervisor: string, network: Uuid): ReadonlySet<Uuid> {
    return this.#ports.get(hypervisor)?.get(network) ?? nothing;
  }

  #add(port: Uuid, place: Place): void {
    this.#places.set(port, place);
    for (const hypervisor of hypervisorsOf(place)) this.#hold(port, place.network, hypervisor);
  }

  #remove(port: Uuid, place: Place): void {
    this.#places.delete(port);
    for (const hypervisor of hypervisorsOf(place)) this.#release(port, place.network, hypervisor);
  }

  #hold(port: Uuid, network: Uuid, hypervisor: string): void {
    const networks = this.#ports.get(hypervisor) ?? new Map<Uuid, Set<Uuid>>();
    this.#ports.set(hypervisor, networks.set(network, (networks.get(network) ?? new Set()).add(port)));
    this.#homes.set(network, (this.#homes.get(network) ?? new Set()).add(hypervisor));
  }

  #release(port: Uuid, network: Uuid, hypervisor: string): void {
    const networks = this.#ports.get(hypervisor);
    const ports = networks?.get(network);
    ports?.delete(port);
    if (ports?.size !== 0) return;
    networks?.delete(network);
    if (networks?.size === 0) this.#ports.delete(hypervisor);
    const homes = this.#homes.get(network);
    homes?.delete(hypervisor);
    if (homes?.size === 0) this.#homes.delete(network);
  }
}

function placeIn(intent: Intent, id: Uuid): Place | undefined {
  const [port, binding] = [intent.ports.get(id), intent.bindings.get(id)];
  if (port === undefined || binding === undefined || !isUp(intent, port)) return undefined;
  return { network: port.networkId, hypervisor: binding.nodeKey, arrivingAt: binding.arrivingAt };
}

function hypervisorsOf({ hypervisor, arrivingAt }: Place): string[] {
  return arrivingAt === undefined ? [hypervisor] : [hypervisor, arrivingAt];
}

function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.network === b?.network && a?.hypervisor === b?.hypervisor && a?.arrivingAt === b?.arrivingAt;
}

/** Whether both the port and its network are administratively up. */
export function isUp(intent: Intent, port: Port): boolean {
  return port.adminStateUp && (intent.networks.get(port.networkId)?.adminStateUp ?? false);
}

/** The address that tunnels of the hypervisor `key` end at; null while it is not known. */
export function endpointOf(intent: Intent, key: string): Ipv4 | null {
  return intent.tunnelEndpoints.get(key)?.address ?? null;
}
