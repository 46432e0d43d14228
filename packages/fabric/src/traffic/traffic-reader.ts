import { type Clock, LoomstackError, messageOf, type OfPort, type Uuid } from "@loomstack/core";
import type { Intent, NetworkTraffic, PortTraffic, Traffic } from "@loomstack/model";
import { portStats, type PortStats, type SwitchConnection } from "@loomstack/openflow";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import type { Placement } from "../intent/placement.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { portCounters } from "../switches/switch-report.ts";
import { sumOf } from "./sum-of-counters.ts";

/** For so long what a switch has said counts as current. */
const freshMs = 1_000;

/** As much of a hypervisor as reading counters needs. */
export interface CountingHypervisor {
  readonly observed: ObservedHypervisor | undefined;
  connection(bridge: BridgeName): SwitchConnection | undefined;
}

export interface TrafficReaderOptions {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly hypervisors: { get(key: string): CountingHypervisor | undefined };
  readonly clock: Clock;
}

interface Asked {
  readonly atMs: number;
  readonly ports: Promise<ReadonlyMap<OfPort, PortStats>>;
}

/** Reads counters when somebody asks: one request for all ports of a switch, whose answer serves all who ask then. */
export class TrafficReader implements Traffic {
  readonly #options: TrafficReaderOptions;
  readonly #asked = new WeakMap<SwitchConnection, Asked>();

  constructor(options: TrafficReaderOptions) {
    this.#options = options;
  }

  async port(id: Uuid): Promise<PortTraffic> {
    const { intent } = this.#options;
    if (!intent.ports.has(id)) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id });
    const hypervisor = intent.bindings.get(id)?.nodeKey;
    const none = { port: id, hypervisor: hypervisor ?? null, counters: null, since: null };
    if (hypervisor === undefined) return { ...none, reason: "no hypervisor has an interface with this port's id" };
    try {
      const stats = await this.#statsOf(hypervisor, id);
      return typeof stats === "string" ? { ...none, reason: stats } : this.#told(id, hypervisor, stats);
    } catch (error) {
      return { ...none, reason: `br-int of hypervisor ${hypervisor} can't be asked: ${messageOf(error)}` };
    }
  }

  async network(id: Uuid): Promise<NetworkTraffic> {
    const { intent, placement } = this.#options;
    if (!intent.networks.has(id)) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id });
    const here = [...placement.homes(id)].flatMap((key) =>
      // A guest on its way to a hypervisor is counted where it still is.
      [...placement.portsAt(key, id)].filter((port) => intent.bindings.get(port)?.nodeKey === key),
    );
    const ports = await Promise.all(here.map(async (port) => this.port(port)));
    return { network: id, sum: sumOf(ports.flatMap(({ counters }) => counters ?? [])), ports };
  }

  #told(port: Uuid, hypervisor: string, stats: PortStats): PortTraffic {
    const { port: _ofPort, ...counters } = portCounters(stats);
    const since = this.#options.clock.now() - stats.durationSec * 1_000 - Math.trunc(stats.durationNsec / 1_000_000);
    return { port, hypervisor, counters, since, reason: `as br-int of hypervisor ${hypervisor} counts it` };
  }

  /** Or why there are none, in words. @throws OPENFLOW__… */
  async #statsOf(key: string, port: Uuid): Promise<PortStats | string> {
    const hypervisor = this.#options.hypervisors.get(key);
    const connection = hypervisor?.connection("br-int");
    if (connection === undefined) return `br-int of hypervisor ${key} is not connected`;
    const ofPort = hypervisor?.observed?.interfaces.get(port);
    const missing = `Open vSwitch on ${key} has no interface for it now`;
    return ofPort === undefined ? missing : ((await this.#ask(connection)).get(ofPort) ?? missing);
  }

  async #ask(connection: SwitchConnection): Promise<ReadonlyMap<OfPort, PortStats>> {
    const nowMs = this.#options.clock.now();
    const before = this.#asked.get(connection);
    if (before !== undefined && nowMs >= before.atMs && nowMs - before.atMs < freshMs) return before.ports;
    const ports = connection
      .request(portStats())
      .then((all) => new Map(all.map((stats) => [stats.portNo, stats] as const)));
    this.#asked.set(connection, { atMs: nowMs, ports });
    return ports;
  }
}
