import { type Clock, type Logger, LoomstackError, type Uuid } from "@loomstack/core";
import { type Drift, type DriftCounts, type HypervisorCounters, noDrift } from "@loomstack/model";
import { EventThrottle, type TellEvent } from "./event-throttle.ts";
import type { HypervisorState } from "./hypervisor-options.ts";
import { RepairPace } from "./reconcile/repair-pace.ts";

/** How many of the things that one round put back are named. */
const mostNamed = 10;
const contested =
  "somebody else undoes again and again what is put back; it is put back all the same, with pauses of up to a second";

type Counted = { -readonly [Name in Exclude<keyof HypervisorCounters, "packetsPunted" | "puntsDropped">]: number };

export interface HypervisorConditionOptions {
  readonly key: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly event: TellEvent;
  /** The state or its reason may have changed. */
  readonly changed: () => void;
}

/** The condition that a hypervisor is in, in words and numbers, and the events that it gives rise to. */
export class HypervisorCondition {
  readonly #options: HypervisorConditionOptions;
  readonly #events: EventThrottle;
  readonly #pace: RepairPace;
  #state: HypervisorState = "connecting";
  #reason = "its database is being connected";
  #isOver = false;
  #drift = noDrift;
  #unassigned: ReadonlySet<Uuid> = new Set();
  #unjoined: ReadonlyMap<string, string> = new Map();
  readonly counters: Counted = {
    flowModsSent: 0,
    driftRepaired: 0,
    ovsdbTransactions: 0,
    ovsdbConnections: 0,
    openflowConnections: 0,
    rounds: 0,
    roundsFailed: 0,
  };

  constructor(options: HypervisorConditionOptions) {
    this.#options = options;
    this.#events = new EventThrottle(options.clock, options.event);
    this.#pace = new RepairPace(options.clock);
  }

  get state(): HypervisorState {
    return this.#state;
  }

  get reason(): string {
    return this.#state === "ready" && this.#pace.isContested ? `${this.#reason}; but ${contested}` : this.#reason;
  }

  /** Whether its database can be seen, and it is ours to manage. */
  get isLive(): boolean {
    return this.#state === "ready" || this.#state === "preparing";
  }

  /** Whether it is no longer managed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  become(state: HypervisorState, reason: string): void {
    if (this.#isOver) return;
    const isNews = state !== this.#state;
    this.#state = state;
    this.#reason = reason === "" ? "nobody has said why" : reason;
    if (isNews) {
      this.#options.logger.info({ hypervisor: this.#options.key, state, reason }, "hypervisor state");
      const severity = state === "lost" || state === "refused" ? "warning" : "info";
      if (state !== "preparing")
        this.#events.tell(severity, `hypervisor-${state}`, `hypervisor ${this.#options.key} is ${state}: ${reason}`);
    }
    this.#options.changed();
  }

  /** It is no longer managed: from now on nothing changes or is told any more. */
  end(): void {
    this.#isOver = true;
    this.#state = "lost";
    this.#reason = "it is no longer managed";
  }

  /** Tells of something else. */
  event(...event: Parameters<TellEvent>): void {
    if (!this.#isOver) this.#events.tell(...event);
  }

  /** How often things of each kind were put back. */
  get drift(): DriftCounts {
    return this.#drift;
  }

  /** These things were right, somebody else had changed them, and they were put back. */
  repaired(drifts: readonly Drift[]): void {
    if (drifts.length === 0) return;
    const { key } = this.#options;
    const becomesContested = this.#pace.repaired();
    this.counters.driftRepaired += drifts.length;
    for (const { kind } of drifts) this.#drift = { ...this.#drift, [kind]: this.#drift[kind] + 1 };
    const named = drifts.slice(0, mostNamed);
    const rest = drifts.length - named.length;
    for (const [index, { what }] of named.entries()) {
      const more = rest > 0 && index === named.length - 1 ? `; and ${rest} more` : "";
      const message = `somebody else changed what is ours on hypervisor ${key}; put back: ${what}${more}`;
      this.#events.tell("warning", "drift-repaired", message);
    }
    if (!becomesContested) return;
    this.#events.tell("warning", "drift-contested", `hypervisor ${key}: ${contested}; last: ${drifts[0]?.what ?? ""}`);
  }

  /** How long the next round should wait, because somebody undoes what the last ones did. */
  pauseMs(): number {
    return this.#pace.pauseMs();
  }

  lacksVlan(network: Uuid): boolean {
    return this.#unassigned.has(network);
  }

  /** These networks have no local VLAN. */
  unassigned(networks: readonly Uuid[]): void {
    for (const network of networks) {
      if (this.#unassigned.has(network)) continue;
      const { message } = new LoomstackError("FABRIC__LOCAL_VLANS_EXCEEDED", {
        hypervisor: this.#options.key,
        network,
      });
      this.#events.tell("error", "local-vlans-exceeded", message);
    }
    this.#unassigned = new Set(networks);
  }

  /** No bridge leads to these physical networks, which ports here need: why, in words. */
  unjoined(obstacles: ReadonlyMap<string, string>): void {
    const [before, hypervisor] = [this.#unjoined, this.#options.key];
    this.#unjoined = obstacles;
    for (const [name, obstacle] of obstacles)
      if (before.get(name) !== obstacle)
        this.#events.tell("warning", "physical-network-missing", `hypervisor ${hypervisor}: ${obstacle}`);
    for (const name of before.keys())
      if (!obstacles.has(name))
        this.#events.tell(
          "info",
          "physical-network-settled",
          `hypervisor ${hypervisor} is joined to physical network ${name}, or needs it no more`,
        );
  }

  /** Why no bridge leads to a physical network that ports here need; undefined where one does. */
  uplinkObstacle(physicalNetwork: string): string | undefined {
    return this.#unjoined.get(physicalNetwork);
  }
}
