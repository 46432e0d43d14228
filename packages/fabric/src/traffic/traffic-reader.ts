import { type Clock, LoomstackError, messageOf, type OfPort, type Uuid } from "@loomstack/core";
import type { Intent, NetworkTraffic, PortTraffic, Traffic } from "@loomstack/model";
import { type FlowStats, portStats, type PortStats, type SwitchConnection } from "@loomstack/openflow";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import type { Placement } from "../intent/placement.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { portCounters } from "../switches/switch-report.ts";
import { refusalsByPort, refusalsOf } from "./refusals.ts";
import { sumOf, sumOfRefused } from "./sum-of-counters.ts";

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
  readonly hypervisors: { readonly keys: Iterable<string>; get(key: string): CountingHypervisor | undefined };
  readonly clock: Clock;
}

/** What a switch counts of a port. */
interface Counted {
  readonly stats: PortStats;
  /** The flow that what the port may not send ends in; undefined where there is none. */
  readonly refusal: FlowStats | undefined;
}

interface Asked {
  readonly atMs: number;
  readonly ports: Promise<ReadonlyMap<OfPort, Counted>>;
}

/** Reads counters when somebody asks: two requests for all ports of a switch, whose answers serve all who ask then. */
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
    const none = { port: id, hypervisor: hypervisor ?? null, counters: null, since: null, refused: null };
    if (hypervisor === undefined) return { ...none, reason: "no hypervisor has an interface with this port's id" };
    try {
      const counted = await this.#countedOf(hypervisor, id);
      return typeof counted === "string" ? { ...none, reason: counted } : this.#told(id, hypervisor, counted);
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
    return {
      network: id,
      sum: sumOf(ports.flatMap(({ counters }) => counters ?? [])),
      refused: sumOfRefused(ports.flatMap(({ refused }) => refused ?? [])),
      ports,
    };
  }

  async refusals(): Promise<ReadonlyMap<string, bigint>> {
    const { clock, hypervisors } = this.#options;
    return refusalsOf(clock, [...hypervisors.keys], (key) => hypervisors.get(key)?.connection("br-int"));
  }

  #told(port: Uuid, hypervisor: string, { stats, refusal }: Counted): PortTraffic {
    const { port: _ofPort, ...counters } = portCounters(stats);
    const refused = refusal && {
      packets: String(refusal.packetCount),
      bytes: String(refusal.byteCount),
      since: this.#begun(refusal),
    };
    const reason = `as br-int of hypervisor ${hypervisor} counts it`;
    return { port, hypervisor, counters, since: this.#begun(stats), refused: refused ?? null, reason };
  }

  #begun({ durationSec, durationNsec }: Pick<PortStats, "durationSec" | "durationNsec">): number {
    return this.#options.clock.now() - durationSec * 1_000 - Math.trunc(durationNsec / 1_000_000);
  }

  /** Or why nothing is counted, in words. @throws OPENFLOW__… */
  async #countedOf(key: string, port: Uuid): Promise<Counted | string> {
    const hypervisor = this.#options.hypervisors.get(key);
    const connection = hypervisor?.connection("br-int");
    if (connection === undefined) return `br-int of hypervisor ${key} is not connected`;
    const ofPort = hypervisor?.observed?.interfaces.get(port);
    const missing = `Open vSwitch on ${key} has no interface for it now`;
    return ofPort === undefined ? missing : ((await this.#ask(connection)).get(ofPort) ?? missing);
  }

  async #ask(connection: SwitchConnection): Promise<ReadonlyMap<OfPort, Counted>> {
    const nowMs = this.#options.clock.now();
    const before = this.#asked.get(connection);
    if (before !== undefined && nowMs >= before.atMs && nowMs - before.atMs < freshMs) return before.ports;
    const ports = Promise.all([connection.request(portStats()), refusalsByPort(connection)]).then(
      ([all, refusals]) =>
        new Map(all.map((stats) => [stats.portNo, { stats, refusal: refusals.get(stats.portNo) }] as const)),
    );
    this.#asked.set(connection, { atMs: nowMs, ports });
    return ports;
  }
}
