import type { Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { endpointOf, type Placement } from "../intent/placement.ts";
import type { Encapsulation } from "./plan.ts";

/**
 * The networks that one hypervisor takes part in, and the encapsulations that it needs tunnel ports for: those of the
 * networks that other hypervisors hold as well.
 */
export class LocalNetworks {
  readonly #intent: Intent;
  readonly #placement: Placement;
  readonly #key: string;
  /** The encapsulation of each that other hypervisors hold as well; undefined of those that are only here. */
  readonly #networks = new Map<Uuid, Encapsulation | undefined>();
  #version = 0;

  constructor(intent: Intent, placement: Placement, key: string) {
    this.#intent = intent;
    this.#placement = placement;
    this.#key = key;
    this.refresh(placement.networksAt(key));
  }

  /** Another one whenever `present` or `encapsulations` may be others. */
  get version(): number {
    return this.#version;
  }

  get present(): ReadonlySet<Uuid> {
    return new Set(this.#networks.keys());
  }

  get encapsulations(): ReadonlySet<Encapsulation> {
    return new Set([...this.#networks.values()].filter((encapsulation) => encapsulation !== undefined));
  }

  /** Looks at these networks again. */
  refresh(networks: Iterable<Uuid>): void {
    for (const id of networks) {
      const isPresent = this.#placement.portsAt(this.#key, id).size > 0;
      const encapsulation = isPresent ? this.#encapsulationOf(id) : undefined;
      if (isPresent === this.#networks.has(id) && encapsulation === this.#networks.get(id)) continue;
      this.#version += 1;
      if (isPresent) this.#networks.set(id, encapsulation);
      else this.#networks.delete(id);
    }
  }

  #encapsulationOf(id: Uuid): Encapsulation | undefined {
    for (const home of this.#placement.homes(id)) {
      if (home !== this.#key && endpointOf(this.#intent, home) !== null)
        return this.#intent.networks.get(id)?.networkType;
    }
    return undefined;
  }
}
