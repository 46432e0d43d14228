import type { Clock, Revision, Uuid } from "@loomstack/core";
import type { ControllerReading, PortStatus, Realised } from "@loomstack/model";
import type { HypervisorRegistry } from "../hypervisors.ts";
import type { IntentFollower } from "../intent/intent-follower.ts";
import type { PlainSwitches } from "../switches/plain-switches.ts";
import type { PathProber } from "../paths/path-prober.ts";
import { portStatus, type RealisedView } from "./port-status.ts";
import { PortTiming } from "./port-timing.ts";

export interface RealisedStateOptions {
  readonly follower: IntentFollower;
  readonly registry: HypervisorRegistry;
  readonly switches: PlainSwitches;
  readonly prober: PathProber;
  readonly clock: Clock;
}

/** Answers what is realised, and lets callers wait for it. */
export class RealisedState implements Realised, Disposable {
  readonly #options: RealisedStateOptions;
  readonly #view: RealisedView;
  /** Looked at again whenever something that they may wait for happened. */
  readonly #waiting = new Set<() => void>();
  readonly #subscriptions = new DisposableStack();
  readonly #timing: PortTiming;
  #isLooking = false;

  constructor(options: RealisedStateOptions) {
    this.#options = options;
    const { registry, switches, prober, follower } = options;
    this.#view = {
      homes: (network) => follower.placement.homes(network),
      isLive: (key) => registry.get(key)?.isLive ?? false,
      reason: (key) => {
        const hypervisor = registry.get(key);
        // What it waits for is another thing than what it is.
        return hypervisor?.state === "ready"
          ? "its switches are being asked"
          : (hypervisor?.reason ?? "it is not managed");
      },
      confirmed: (key) => registry.get(key)?.confirmed ?? (0 as Revision),
      hasInterface: (key, port) => registry.get(key)?.hasInterface(port) ?? false,
      forwards: (key, port) => registry.get(key)?.forwards(port) ?? false,
      carries: (key, network) => registry.get(key)?.carries(network) ?? false,
      isUp: (path) => prober.isUp(path),
    };
    this.#timing = this.#subscriptions.use(
      new PortTiming({ clock: options.clock, isActive: (id) => this.port(id).status === "ACTIVE" }),
    );
    const look = (): void => this.#look();
    this.#subscriptions.use(follower.steps.add((step) => this.#timing.step(step)));
    this.#subscriptions.use(registry.changed.add(look));
    this.#subscriptions.use(switches.changed.add(look));
    this.#subscriptions.use(prober.confirmed.add(look));
    this.#subscriptions.use(follower.steps.add(look));
  }

  port(id: Uuid): PortStatus {
    const { follower } = this.#options;
    const network = follower.intent.ports.get(id)?.networkId;
    const needed = network === undefined ? (0 as Revision) : follower.revisionOf(network);
    return portStatus(follower.intent, id, needed, this.#view);
  }

  async portSettled(id: Uuid, signal: AbortSignal): Promise<PortStatus> {
    await this.#until(() => this.port(id).status === "ACTIVE", signal);
    return this.port(id);
  }

  /**
   * What every live hypervisor has confirmed, of what concerns it, and what every connected plain switch has taken or
   * refused. One that nothing new concerns holds nobody up, and neither does a hypervisor that is not part of intent
   * yet.
   */
  revision(): Revision {
    const { follower, switches } = this.#options;
    const behind = [...follower.intent.nodes.keys()]
      .filter((key) => this.#view.isLive(key) && this.#view.confirmed(key) < follower.revisionFor(key))
      .map((key) => this.#view.confirmed(key));
    return Math.min(follower.intent.revision, ...behind, ...switches.behind) as Revision;
  }

  async reached(revision: Revision, signal: AbortSignal): Promise<boolean> {
    return this.#until(() => this.revision() >= revision, signal);
  }

  reading(): Pick<ControllerReading, "portsRealised" | "portsRealising" | "portsNotTimed" | "realisedWaiting"> {
    return { ...this.#timing.reading(), realisedWaiting: this.#waiting.size };
  }

  [Symbol.dispose](): void {
    this.#subscriptions[Symbol.dispose]();
    for (const waiter of [...this.#waiting]) waiter();
    this.#waiting.clear();
  }

  /** Lets those who wait look again, once for all that happens in one go. */
  #look(): void {
    this.#timing.look();
    if (this.#isLooking || this.#waiting.size === 0) return;
    this.#isLooking = true;
    queueMicrotask(() => {
      this.#isLooking = false;
      for (const waiter of [...this.#waiting]) waiter();
    });
  }

  /** Resolves true once `holds`, false when `signal` aborts before. */
  async #until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    if (holds()) return true;
    if (signal.aborted || this.#subscriptions.disposed) return false;
    return new Promise<boolean>((resolve) => {
      const end = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener("abort", end);
        resolve(holds());
      };
      const look = (): void => {
        if (holds() || this.#subscriptions.disposed) end();
      };
      this.#waiting.add(look);
      signal.addEventListener("abort", end, { once: true });
    });
  }
}
