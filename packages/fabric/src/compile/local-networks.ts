import type { TunnelKey, Uuid } from "@loomstack/core";
import { type Intent, isOverlayType } from "@loomstack/model";
import { endpointOf, type Placement } from "../intent/placement.ts";
import type { Encapsulation } from "./plan.ts";

/** What a network needs. */
interface Need {
  readonly tunnelKey: TunnelKey;
  /** Of a network that other hypervisors hold as well; undefined of one that is only here. */
  readonly encapsulation?: Encapsulation | undefined;
  /** Of a provider network. */
  readonly physicalNetwork?: string;
}

/**
 * What the networks that one hypervisor takes part in need of it: local VLANs; tunnel ports for the encapsulations of
 * those that other hypervisors hold as well; patches to physical networks.
 */
export class LocalNetworks {
  readonly #intent: Intent;
  readonly #placement: Placement;
  readonly #key: string;
  readonly #networks = new Map<Uuid, Need>();
  #version = 0;

  constructor(intent: Intent, placement: Placement, key: string) {
    this.#intent = intent;
    this.#placement = placement;
    this.#key = key;
    this.refresh(placement.networksAt(key));
  }

  /** Another one whenever what they need may be another. */
  get version(): number {
    return this.#version;
  }

  /** The networks that need a local VLAN, with their tunnel keys. */
  get present(): ReadonlyMap<Uuid, TunnelKey> {
    const overlays = [...this.#networks].filter(([, { physicalNetwork }]) => physicalNetwork === undefined);
    return new Map(overlays.map(([id, { tunnelKey }]) => [id, tunnelKey]));
  }

  get encapsulations(): ReadonlySet<Encapsulation> {
    return new Set([...this.#networks.values()].flatMap(({ encapsulation }) => encapsulation ?? []));
  }

  get physicalNetworks(): ReadonlySet<string> {
    return new Set([...this.#networks.values()].flatMap(({ physicalNetwork }) => physicalNetwork ?? []));
  }

  /** Looks at these networks again. */
  refresh(networks: Iterable<Uuid>): void {
    for (const id of networks) {
      const [before, after] = [this.#networks.get(id), this.#needOf(id)];
      if (isSame(before, after)) continue;
      this.#version += 1;
      if (after === undefined) this.#networks.delete(id);
      else this.#networks.set(id, after);
    }
  }

  #needOf(id: Uuid): Need | undefined {
    const network = this.#intent.networks.get(id);
    if (network === undefined || this.#placement.portsAt(this.#key, id).size === 0) return undefined;
    const { networkType, physicalNetwork, tunnelKey } = network;
    if (!isOverlayType(networkType)) return physicalNetwork === null ? undefined : { tunnelKey, physicalNetwork };
    return { tunnelKey, encapsulation: this.#isElsewhere(id) ? networkType : undefined };
  }

  #isElsewhere(id: Uuid): boolean {
    for (const home of this.#placement.homes(id))
      if (home !== this.#key && endpointOf(this.#intent, home) !== null) return true;
    return false;
  }
}

function isSame(a: Need | undefined, b: Need | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.tunnelKey === b.tunnelKey && a.encapsulation === b.encapsulation && a.physicalNetwork === b.physicalNetwork;
}
