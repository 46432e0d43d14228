import { type Clock, type Ipv4, isLoomstackError, type Logger, messageOf, type Uuid } from "@loomstack/core";
import {
  type Intent,
  isSameLocation,
  type PortLocation,
  setBinding,
  setTunnelEndpoint,
  type Store,
} from "@loomstack/model";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";
import { decideBinding } from "./decide-binding.ts";

export interface BindingKeeperOptions {
  readonly store: Store;
  /** Kept current with the store's commits, as they are made. */
  readonly intent: Intent;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Writes to the store where ports are seen, and where the tunnels of hypervisors end. */
export class BindingKeeper implements Disposable {
  readonly #options: BindingKeeperOptions;
  readonly #sightings = new Map<string, ReadonlySet<Uuid>>();
  readonly #endpoints = new Map<string, Ipv4>();
  readonly #pending = new Set<Uuid>();
  readonly #loop: ReconcileLoop;

  constructor(options: BindingKeeperOptions) {
    this.#options = options;
    this.#loop = new ReconcileLoop({
      clock: options.clock,
      random: options.random,
      backoff: { firstMs: 50, limitMs: 5_000 },
      work: async () => this.#write(),
      failed: (error) => {
        const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
        options.logger[level](
          { ports: this.#pending.size, error: messageOf(error) },
          "bindings could not be stored; trying again",
        );
      },
    });
  }

  /**
   * The hypervisor `key` has the interfaces of exactly these ports, and its tunnels end at `endpoint`. The same set as
   * the last time has the same ports.
   */
  seen(key: string, ports: ReadonlySet<Uuid>, endpoint: Ipv4): void {
    const before = this.#sightings.get(key);
    if (before === ports && this.#endpoints.get(key) === endpoint) return;
    this.#sightings.set(key, ports);
    this.#endpoints.set(key, endpoint);
    const changed =
      before === undefined ? new Set([...ports, ...this.#boundTo(key)]) : before.symmetricDifference(ports);
    this.#recheck(changed);
  }

  /** The hypervisor `key` can't be seen any more. What was bound to it stays so, for it may still forward. */
  lost(key: string): void {
    const before = this.#sightings.get(key);
    this.#sightings.delete(key);
    this.#endpoints.delete(key);
    if (before !== undefined) this.#recheck(before);
  }

  /** These ports were made: an interface for them may have been there before. */
  made(ports: Iterable<Uuid>): void {
    this.#recheck(ports);
  }

  /** How many ports are still to be looked at, whether they are bound to where they are seen. */
  get pending(): number {
    return this.#pending.size;
  }

  [Symbol.dispose](): void {
    this.#loop[Symbol.dispose]();
  }

  #recheck(ports: Iterable<Uuid>): void {
    for (const port of ports) this.#pending.add(port);
    if (this.#pending.size > 0 || this.#staleEndpoints().length > 0) this.#loop.trigger();
  }

  #boundTo(key: string): Uuid[] {
    return [...this.#options.intent.bindings.values()]
      .filter(({ nodeKey, arrivingAt }) => nodeKey === key || arrivingAt === key)
      .map(({ portId }) => portId);
  }

  #staleEndpoints(): [string, Ipv4][] {
    const known = this.#options.intent.tunnelEndpoints;
    return [...this.#endpoints].filter(
      ([key, address]) => this.#options.intent.nodes.has(key) && known.get(key)?.address !== address,
    );
  }

  /** The ports of `ports` that are not bound to where they are, with where that is. */
  #moves(ports: Iterable<Uuid>): { readonly port: Uuid; readonly decided: PortLocation | undefined }[] {
    const { intent } = this.#options;
    const sightings = new Map([...this.#sightings].filter(([key]) => intent.nodes.has(key)));
    return [...ports].flatMap((port) => {
      if (!intent.ports.has(port)) return [];
      const before = intent.bindings.get(port);
      const decided = decideBinding(port, before, sightings);
      return isSameLocation(before, decided) ? [] : [{ port, decided }];
    });
  }

  async #write(): Promise<void> {
    const checked = [...this.#pending];
    this.#pending.clear();
    if (this.#moves(checked).length === 0 && this.#staleEndpoints().length === 0) return;
    try {
      await this.#options.store.observe(async (tx) => {
        // Decided here, where intent is as of the revision before this one: a hypervisor that was forgotten while this
        // transaction waited for its turn gets nothing more.
        for (const [key, address] of this.#staleEndpoints()) await setTunnelEndpoint(tx, key, address);
        for (const { port, decided } of this.#moves(checked)) await setBinding(tx, port, decided);
      });
    } catch (error) {
      for (const port of checked) this.#pending.add(port);
      throw error;
    }
  }
}
