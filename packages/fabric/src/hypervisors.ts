import {
  type Clock,
  type Dpid,
  DurationHistogram,
  isLoomstackError,
  Listeners,
  type Logger,
  LoomstackError,
  messageOf,
  type TlsIdentity,
  type Uuid,
} from "@loomstack/core";
import {
  appendEvent,
  type ControllerReading,
  deleteNode,
  type FlowDescription,
  type Hypervisors,
  type HypervisorStatus,
  type NodeAddress,
  nodeKey,
  setTunnelEndpoint,
  type Store,
  upsertNode,
} from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import type { PlannedPeer } from "./compile/plan.ts";
import { Hypervisor } from "./hypervisor.ts";
import { BindingKeeper } from "./inventory/binding-keeper.ts";
import type { SwitchDirectory } from "./inventory/switch-directory.ts";
import { SharedPlan } from "./compile/shared-plan.ts";
import type { IntentFollower } from "./intent/intent-follower.ts";
import type { BridgeName } from "./pipeline/tables.ts";
import { Turns } from "./reconcile/turns.ts";

export interface HypervisorRegistryOptions {
  readonly store: Store;
  readonly follower: IntentFollower;
  readonly switches: SwitchDirectory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly epoch: bigint;
  /** Undefined for OVSDB in the clear. */
  readonly tls: TlsIdentity | undefined;
  readonly controllerTarget: (localAddress: string | undefined) => string;
}

/** A hypervisor's flows are in place, those to these peers among them. */
export interface Applied {
  readonly key: string;
  readonly peers: readonly PlannedPeer[];
}

/** How many bridges are read, and hypervisors computed, at a time: each may have tens of thousands of flows in hand. */
const mostAtATime = 8;

/** Every hypervisor that clients asked for: makes them from intent at the start, and lets clients connect more. */
export class HypervisorRegistry implements Hypervisors, Disposable {
  readonly #options: HypervisorRegistryOptions;
  readonly #hypervisors = new Map<string, Hypervisor>();
  readonly #bindings: BindingKeeper;
  readonly #shared: SharedPlan;
  readonly #switches: SwitchDirectory;
  readonly #steps: Disposable;
  readonly #turns = new Turns(mostAtATime);
  readonly #rounds = new DurationHistogram();
  /** Those that were known at the start, until an attempt to connect them has ended. */
  readonly #untried = new Set<string>();
  /** Calls to connect that haven't been answered. */
  #connecting = 0;
  /** How many calls wait for a hypervisor to become ready. */
  readonly #callers = new WeakMap<Hypervisor, number>();
  /** The state or the confirmed revision of the hypervisor with this key may have changed. */
  readonly changed = new Listeners<string>();
  readonly applied = new Listeners<Applied>();
  /** The hypervisor with this key is no longer managed. */
  readonly dropped = new Listeners<string>();
  /** br-tun of the hypervisor with this key was away and is back. */
  readonly reconnected = new Listeners<string>();
  readonly packetIns = new Listeners<{
    readonly key: string;
    readonly bridge: BridgeName;
    readonly packet: PacketIn;
  }>();

  constructor(options: HypervisorRegistryOptions) {
    this.#options = options;
    const { store, follower, switches, clock, random, logger } = options;
    this.#shared = new SharedPlan(follower.intent, follower.placement);
    this.#bindings = new BindingKeeper({ store, intent: follower.intent, clock, random, logger });
    this.#switches = switches;
    this.#steps = follower.steps.add((step) => {
      this.#bindings.made(
        step.changes.flatMap((change) =>
          change.resource === "port" && change.before === undefined ? [change.id] : [],
        ),
      );
      for (const [key, touched] of step.hypervisors) this.#hypervisors.get(key)?.touch(touched);
    });
  }

  /** Starts with the hypervisors that intent knows. */
  start(): void {
    for (const node of this.#options.follower.intent.nodes.values()) {
      this.#untried.add(nodeKey(node));
      this.#make(node).start();
    }
  }

  /** Of every hypervisor that is managed. */
  get keys(): Iterable<string> {
    return this.#hypervisors.keys();
  }

  get(key: string): Hypervisor | undefined {
    return this.#hypervisors.get(key);
  }

  async connect(node: NodeAddress, signal: AbortSignal): Promise<HypervisorStatus> {
    const known = this.#hypervisors.get(nodeKey(node));
    const isSame = known?.node.address === node.address && known.node.port === node.port;
    const hypervisor = known !== undefined && isSame ? known : this.#replace(known, node);
    if (hypervisor.state === "connecting" || hypervisor.state === "lost") hypervisor.redial();
    this.#callers.set(hypervisor, (this.#callers.get(hypervisor) ?? 0) + 1);
    this.#connecting += 1;
    try {
      await this.#ready(hypervisor, signal);
      await this.#keep(hypervisor);
      return hypervisor.status();
    } catch (error) {
      if (this.#callers.get(hypervisor) === 1) this.#giveUp(hypervisor);
      throw error;
    } finally {
      this.#connecting -= 1;
      this.#callers.set(hypervisor, (this.#callers.get(hypervisor) ?? 1) - 1);
    }
  }

  async disconnect(type: string, id: string): Promise<void> {
    const key = nodeKey({ type, id });
    const { store, follower } = this.#options;
    await store.transact(async (tx) => {
      // Here intent is as of the revision before this one: no port is bound unseen.
      const bound = [...follower.intent.bindings.values()].filter(
        ({ nodeKey: home, arrivingAt }) => home === key || arrivingAt === key,
      );
      if (bound.length > 0)
        throw new LoomstackError("FABRIC__HYPERVISOR_IN_USE", { hypervisor: key, ports: bound.length });
      if (!follower.intent.nodes.has(key)) return;
      await setTunnelEndpoint(tx, key, undefined);
      await deleteNode(tx, type, id);
    });
    const hypervisor = this.#hypervisors.get(key);
    if (hypervisor !== undefined) this.#drop(hypervisor);
  }

  list(): readonly HypervisorStatus[] {
    return [...this.#hypervisors.values()].map((hypervisor) => hypervisor.status());
  }

  /** What it is at, and has done, over all hypervisors. */
  reading(): Pick<
    ControllerReading,
    "hypervisorsUntried" | "rounds" | "turnsWaiting" | "bindingsPending" | "connectsWaiting"
  > {
    return {
      hypervisorsUntried: this.#untried.size,
      rounds: this.#rounds.read(),
      turnsWaiting: this.#turns.waiting,
      bindingsPending: this.#bindings.pending,
      connectsWaiting: this.#connecting,
    };
  }

  flows(key: string): readonly FlowDescription[] {
    return this.#hypervisors.get(key)?.flows() ?? [];
  }

  [Symbol.dispose](): void {
    this.#steps[Symbol.dispose]();
    this.#bindings[Symbol.dispose]();
    for (const hypervisor of [...this.#hypervisors.values()]) this.#drop(hypervisor);
  }

  #make(node: NodeAddress): Hypervisor {
    const { follower, clock, random, logger, epoch, tls, controllerTarget } = this.#options;
    const key = nodeKey(node);
    const hypervisor: Hypervisor = new Hypervisor({
      node,
      shared: this.#shared,
      clock,
      random,
      logger,
      epoch,
      turns: this.#turns,
      rounds: this.#rounds,
      tls,
      controllerTarget,
      listener: {
        seen: (ports: ReadonlySet<Uuid>, endpoint) => {
          if (follower.intent.nodes.has(key)) this.#bindings.seen(key, ports, endpoint);
        },
        changed: () => {
          if (hypervisor.state !== "connecting" || hypervisor.hasFailed) this.#untried.delete(key);
          this.changed.tell(key);
        },
        lost: () => this.#bindings.lost(key),
        owns: (dpids: ReadonlyMap<Dpid, "br-int" | "br-tun">) => this.#switches.claim(hypervisor, dpids),
        applied: (peers) => this.applied.tell({ key, peers }),
        reconnected: () => this.reconnected.tell(key),
        packetIn: (bridge, packet) => this.packetIns.tell({ key, bridge, packet }),
        event: (severity, kind, message) => this.#event(severity, kind, key, message),
        rival: (systemId) =>
          [...this.#hypervisors.values()].find((other) => other.key !== key && other.systemId === systemId)?.key,
      },
    });
    this.#hypervisors.set(key, hypervisor);
    return hypervisor;
  }

  #replace(known: Hypervisor | undefined, node: NodeAddress): Hypervisor {
    if (known !== undefined) this.#drop(known);
    const fresh = this.#make(node);
    fresh.start();
    return fresh;
  }

  /** Makes a hypervisor that is ready part of intent: from now on its ports are bound, its tunnel endpoint is known. */
  async #keep(hypervisor: Hypervisor): Promise<void> {
    const { node, key } = hypervisor;
    const isKept = (): boolean => {
      const stored = this.#options.follower.intent.nodes.get(key);
      return stored?.address === node.address && stored.port === node.port && stored.systemId === hypervisor.systemId;
    };
    if (isKept()) return;
    await this.#options.store.transact(async (tx) => {
      if (hypervisor.isDisposed) throw this.#notReady(hypervisor);
      await upsertNode(tx, { ...node, systemId: hypervisor.systemId ?? null });
    });
    hypervisor.trigger();
  }

  /**
   * A hypervisor that never became ready is not kept; one that clients asked for before stays intent, at its old
   * address.
   */
  #giveUp(hypervisor: Hypervisor): void {
    const { key, node } = hypervisor;
    const stored = this.#options.follower.intent.nodes.get(key);
    if (this.#hypervisors.get(key) !== hypervisor) return;
    if (stored?.address === node.address && stored.port === node.port) return;
    this.#drop(hypervisor);
    if (stored !== undefined) this.#make(stored).start();
  }

  #drop(hypervisor: Hypervisor): void {
    const { key } = hypervisor;
    this.#switches.release(hypervisor);
    hypervisor[Symbol.dispose]();
    if (this.#hypervisors.get(key) !== hypervisor) return;
    this.#hypervisors.delete(key);
    this.#untried.delete(key);
    this.#bindings.lost(key);
    this.dropped.tell(key);
    this.changed.tell(key);
    // Whoever was refused because of this one may be managed now.
    for (const other of this.#hypervisors.values()) if (other.state === "refused") other.trigger();
  }

  #event(severity: "info" | "warning" | "error", kind: string, hypervisor: string, message: string): void {
    const { store, clock, logger } = this.#options;
    appendEvent(store, { at: clock.now(), severity, kind, hypervisor, message }).catch((error: unknown) => {
      // A store that is being closed takes no more events; the log has them all the same.
      const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
      logger[level]({ hypervisor, kind, error: messageOf(error) }, "an event could not be recorded");
    });
  }

  /** Resolves when `hypervisor` is ready. */
  async #ready(hypervisor: Hypervisor, signal: AbortSignal): Promise<void> {
    const settled = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (["ready", "refused"].includes(hypervisor.state) || hypervisor.isDisposed) settled.resolve(undefined);
      // The first failure to connect is answered at once: the caller knows best whether to try again.
      if (hypervisor.state === "connecting" && hypervisor.hasFailed) settled.resolve(undefined);
    };
    using _watch = this.changed.add((key) => {
      if (key === hypervisor.key) look();
    });
    const abort = (): void => settled.resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    look();
    if (signal.aborted) abort();
    await settled.promise;
    signal.removeEventListener("abort", abort);
    if (hypervisor.state !== "ready") throw this.#notReady(hypervisor);
  }

  #notReady(hypervisor: Hypervisor): LoomstackError {
    const { address, port } = hypervisor.node;
    const context = { hypervisor: hypervisor.key, address, port, reason: hypervisor.reason };
    if (hypervisor.state === "refused") return new LoomstackError("FABRIC__HYPERVISOR_REFUSED", context);
    if (hypervisor.systemId === undefined) return new LoomstackError("FABRIC__HYPERVISOR_UNREACHABLE", context);
    return new LoomstackError("FABRIC__HYPERVISOR_NOT_READY", context);
  }
}
