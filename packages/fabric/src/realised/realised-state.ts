import type { Clock, Revision, Uuid } from "@loomstack/core";
import type { ControllerReading, Lacking, NetworkStatus, ObjectRealised, PortStatus, Realised } from "@loomstack/model";
import type { HypervisorRegistry } from "../hypervisors.ts";
import type { IntentFollower } from "../intent/intent-follower.ts";
import type { IntentStep } from "../intent/intent-step.ts";
import { type PathProber, pathKey } from "../paths/path-prober.ts";
import type { PlainSwitches } from "../switches/plain-switches.ts";
import { objectRealised } from "./object-realised.ts";
import { networkStatus } from "./network-status.ts";
import { neededBy, portStatus, type RealisedView } from "./port-status.ts";
import { PortTiming } from "./port-timing.ts";
import { Progress } from "./progress.ts";
import { realisedView } from "./realised-view.ts";
import { type Topic, Waiters } from "./waiters.ts";

export interface RealisedStateOptions {
  readonly follower: IntentFollower;
  readonly registry: HypervisorRegistry;
  readonly switches: PlainSwitches;
  readonly prober: PathProber;
  readonly clock: Clock;
}

/** Stirred when the revision that all have confirmed may have grown. */
const everywhere: Topic = "revision";
const unknown = 0 as Revision;

/** Answers what is realised, and lets callers wait for it. What happens costs those who wait for just that. */
export class RealisedState implements Realised, Disposable {
  readonly #options: RealisedStateOptions;
  readonly #view: RealisedView;
  readonly #waiters = new Waiters();
  readonly #progress: Progress;
  readonly #subscriptions = new DisposableStack();
  readonly #timing: PortTiming;
  /** What everybody had confirmed when those who wait for that looked last. */
  #told: Revision | undefined;

  constructor(options: RealisedStateOptions) {
    this.#options = options;
    const { registry, switches, prober, follower } = options;
    this.#view = realisedView(options);
    this.#progress = new Progress({
      confirmed: (key) =>
        follower.intent.nodes.has(key) && this.#view.isLive(key) ? this.#view.confirmed(key) : undefined,
      needed: (key) => follower.revisionFor(key),
    });
    this.#timing = this.#subscriptions.use(
      new PortTiming({ clock: options.clock, isActive: (id) => this.port(id).status === "ACTIVE" }),
    );
    this.#subscriptions.use(follower.steps.add((step) => this.#stepped(step)));
    this.#subscriptions.use(registry.changed.add((key) => this.#changed(key)));
    this.#subscriptions.use(switches.changed.add(() => this.#stirEverywhere()));
    this.#subscriptions.use(prober.confirmed.add((path) => this.#happened(pathKey(path))));
    this.#subscriptions.use(this.#waiters);
    for (const key of follower.intent.nodes.keys()) this.#progress.refresh(key);
  }

  port(id: Uuid): PortStatus {
    const { waitsFor: _, ...status } = this.#verdict(id);
    return status;
  }

  network(id: Uuid): NetworkStatus {
    const { intent } = this.#options.follower;
    return networkStatus(intent, id, this.object("network", id), (key) => this.#view.isLive(key));
  }

  async portSettled(id: Uuid, signal: AbortSignal): Promise<PortStatus> {
    await this.#waiters.until(() => {
      const { status, waitsFor } = this.#verdict(id);
      return status === "ACTIVE" ? undefined : waitsFor;
    }, signal);
    return this.port(id);
  }

  object(kind: "network" | "port", id: Uuid): ObjectRealised {
    return objectRealised(this.#options.follower, kind, id, this.#view);
  }

  async objectRealised(kind: "network" | "port", id: Uuid, signal: AbortSignal): Promise<ObjectRealised> {
    await this.#waiters.until(() => {
      const { realised, hypervisors } = this.object(kind, id);
      if (realised) return undefined;
      return [id, ...hypervisors.filter((one) => !one.realised).map(({ who }) => who)];
    }, signal);
    return this.object(kind, id);
  }

  /**
   * What every live hypervisor has confirmed, of what concerns it, and what every connected plain switch has taken or
   * refused. One that nothing new concerns holds nobody up, and neither does a hypervisor that is not part of intent
   * yet.
   */
  revision(): Revision {
    const { follower, switches } = this.#options;
    return Math.min(follower.intent.revision, ...this.#progress.behind.values(), ...switches.behind) as Revision;
  }

  async reached(revision: Revision, signal: AbortSignal, hypervisor?: string): Promise<boolean> {
    const topic = hypervisor ?? everywhere;
    return this.#waiters.until(() => (this.#has(revision, hypervisor) ? undefined : [topic]), signal);
  }

  lacking(revision: Revision, hypervisor?: string): readonly Lacking[] {
    const { follower, switches } = this.#options;
    if (this.#has(revision, hypervisor)) return [];
    if (hypervisor !== undefined) return [this.#standing(hypervisor)];
    const behind = [...this.#progress.behind].filter(([, confirmed]) => confirmed < revision);
    const lacking = [
      ...behind.map(([key]) => this.#standing(key)),
      ...switches.lacking.filter(({ confirmed }) => confirmed < revision),
    ];
    if (lacking.length > 0) return lacking;
    const reason = `nothing has been asked for yet that is newer than revision ${follower.intent.revision}`;
    return [{ who: "intent", confirmed: follower.intent.revision, reason }];
  }

  reading(): Pick<ControllerReading, "portsRealised" | "portsRealising" | "portsNotTimed" | "realisedWaiting"> {
    return { ...this.#timing.reading(), realisedWaiting: this.#waiters.size };
  }

  [Symbol.dispose](): void {
    this.#subscriptions[Symbol.dispose]();
  }

  #verdict(id: Uuid): ReturnType<typeof portStatus> {
    const { intent } = this.#options.follower;
    return portStatus(intent, id, neededBy(intent, id), this.#view);
  }

  /** Whether the hypervisor, or without one every one that counts, has confirmed what the revision asks of it. */
  #has(revision: Revision, hypervisor: string | undefined): boolean {
    const { intent } = this.#options.follower;
    if (hypervisor === undefined) return this.revision() >= revision;
    if (!this.#view.isLive(hypervisor) || this.#view.confirmed(hypervisor) === unknown) return false;
    return (this.#progress.behind.get(hypervisor) ?? intent.revision) >= revision;
  }

  #standing(key: string): Lacking {
    return { who: key, confirmed: this.#view.confirmed(key), reason: this.#view.reason(key) };
  }

  #stepped(step: IntentStep): void {
    this.#timing.step(step);
    for (const key of step.hypervisors.keys()) this.#progress.refresh(key);
    for (const change of step.changes) {
      if (change.resource === "node") this.#progress.refresh(change.id);
      this.#waiters.stir(change.id);
    }
    for (const network of step.networks) this.#waiters.stir(network);
    this.#stirEverywhere();
    this.#timing.look();
  }

  #changed(key: string): void {
    this.#progress.refresh(key);
    this.#stirEverywhere();
    this.#happened(key);
  }

  /** Those who wait for everybody look again only when everybody has come further, or less far. */
  #stirEverywhere(): void {
    const before = this.#told;
    this.#told = this.#waiters.size === 0 ? undefined : this.revision();
    if (this.#told !== undefined && this.#told !== before) this.#waiters.stir(everywhere);
  }

  #happened(topic: Topic): void {
    this.#waiters.stir(topic);
    this.#timing.look();
  }
}
