import type { Ipv4 } from "@loomstack/core";
import type { Encapsulation, PlannedPeer } from "./plan.ts";

/** The hypervisors that hold the remote ports of one hypervisor's networks, each for as long as it holds any. */
export class PlannedPeers {
  readonly #endpointOf: (key: string) => Ipv4 | null;
  /** How many remote ports there are behind each, of networks of each encapsulation. */
  readonly #ports = new Map<string, Map<Encapsulation, number>>();
  readonly #settled = new Map<string, PlannedPeer>();
  readonly #stale = new Set<string>();
  #all: readonly PlannedPeer[] | undefined;

  /** @param endpointOf gives where the tunnels of a hypervisor end */
  constructor(endpointOf: (key: string) => Ipv4 | null) {
    this.#endpointOf = endpointOf;
  }

  /** The peers as they were settled, sorted by key; the same array for as long as none changes. */
  get all(): readonly PlannedPeer[] {
    this.#all ??= [...this.#settled.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return this.#all;
  }

  /** One more (1) or one less (-1) remote port behind `key`. */
  count(key: string, encapsulation: Encapsulation, step: 1 | -1): void {
    const ports = this.#ports.get(key) ?? new Map<Encapsulation, number>();
    this.#ports.set(key, ports);
    const count = (ports.get(encapsulation) ?? 0) + step;
    if (count === 0) ports.delete(encapsulation);
    else ports.set(encapsulation, count);
    if (ports.size === 0) this.#ports.delete(key);
    this.#stale.add(key);
  }

  /** Gives each peer that is another than it was, as it was before and is after; undefined where it was or is none. */
  settle(replace: (before: PlannedPeer | undefined, after: PlannedPeer | undefined) => void): void {
    for (const key of this.#stale) {
      const [before, after] = [this.#settled.get(key), this.#peer(key)];
      if (before !== after) {
        replace(before, after);
        this.#all = undefined;
      }
      if (after === undefined) this.#settled.delete(key);
      else this.#settled.set(key, after);
      this.#stale.delete(key);
    }
  }

  /** The peer as it is now; the same object as before where nothing changed. */
  #peer(key: string): PlannedPeer | undefined {
    const [ports, endpoint, before] = [this.#ports.get(key), this.#endpointOf(key), this.#settled.get(key)];
    if (ports === undefined || endpoint === null) return undefined;
    const encapsulations = [...ports.keys()].sort();
    const isUnchanged = before?.endpoint === endpoint && isSame(before.encapsulations, encapsulations);
    return isUnchanged ? before : { key, endpoint, encapsulations };
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
