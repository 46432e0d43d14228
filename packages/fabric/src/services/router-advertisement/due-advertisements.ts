import type { Uuid } from "@loomstack/core";
import { nothingWithdrawn, type Withdrawn } from "./advertisement-of-network.ts";

/** How much of what is taken back is told of at most: a guest that missed more of it lets the rest run out. */
const withdrawnLimit = 32;

/** The ports that are to hear an advertisement, each once, by hypervisor; with what their networks take back in it. */
export class DueAdvertisements {
  readonly #ports = new Map<string, Map<Uuid, Withdrawn>>();

  add(hypervisor: string, port: Uuid, withdrawn: Withdrawn = nothingWithdrawn): void {
    const ports = this.#ports.get(hypervisor) ?? new Map<Uuid, Withdrawn>();
    this.#ports.set(hypervisor, ports.set(port, both(ports.get(port) ?? nothingWithdrawn, withdrawn)));
  }

  has(hypervisor: string): boolean {
    return this.#ports.has(hypervisor);
  }

  /** What is due, hypervisor after hypervisor. What is yielded may be removed meanwhile. */
  *entries(): Generator<{ readonly hypervisor: string; readonly port: Uuid; readonly withdrawn: Withdrawn }> {
    for (const [hypervisor, ports] of this.#ports)
      for (const [port, withdrawn] of ports) yield { hypervisor, port, withdrawn };
  }

  remove(hypervisor: string, port: Uuid): void {
    const ports = this.#ports.get(hypervisor);
    ports?.delete(port);
    if (ports?.size === 0) this.#ports.delete(hypervisor);
  }

  /** A port that is no more. */
  removePort(port: Uuid): void {
    for (const hypervisor of [...this.#ports.keys()]) this.remove(hypervisor, port);
  }

  removeHypervisor(hypervisor: string): void {
    this.#ports.delete(hypervisor);
  }
}

function both(one: Withdrawn, other: Withdrawn): Withdrawn {
  const prefixes = new Map([...one.prefixes, ...other.prefixes].map((each) => [each.network, each]));
  return {
    prefixes: [...prefixes.values()].slice(-withdrawnLimit),
    nameservers: [...new Set([...one.nameservers, ...other.nameservers])].slice(-withdrawnLimit),
    searchDomains: [...new Set([...one.searchDomains, ...other.searchDomains])].slice(-withdrawnLimit),
  };
}
