import {
  type Clock,
  type Dpid,
  DurationHistogram,
  Listeners,
  type Logger,
  type TlsIdentity,
  type Uuid,
} from "@loomstack/core";
import {
  type ControllerReading,
  type FlowDescription,
  type Hypervisors,
  type HypervisorStatus,
  type NodeAddress,
  nodeName,
  type Store,
} from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import type { OvsdbClient } from "@loomstack/ovsdb";
import type { PlannedPeer } from "./compile/plan.ts";
import { recordEvents } from "./event-record.ts";
import { ConnectCalls } from "./connecting/connect-calls.ts";
import { Connections } from "./connecting/connections.ts";
import { unidentifiedStatus } from "./connecting/unidentified-status.ts";
import { Hypervisor } from "./hypervisor.ts";
import type { HypervisorNode } from "./hypervisor-options.ts";
import type { HypervisorView } from "./hypervisor-view.ts";
import { BindingKeeper } from "./inventory/binding-keeper.ts";
import type { SwitchDirectory } from "./inventory/switch-directory.ts";
import { SharedPlan } from "./compile/shared-plan.ts";
import type { IntentFollower } from "./intent/intent-follower.ts";
import { isWatchCookie } from "./pipeline/cookies.ts";
import type { BridgeName } from "./pipeline/tables.ts";
import { ReadFlows } from "./reconcile/read-flows.ts";
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
/** A packet that a bridge of the hypervisor with this key has shown to the controller. */
export interface ShownPacket {
  readonly key: string;
  readonly bridge: BridgeName;
  readonly packet: PacketIn;
}

export class HypervisorRegistry implements Hypervisors, Disposable {
  readonly #options: HypervisorRegistryOptions;
  readonly #hypervisors = new Map<string, Hypervisor>();
  readonly #bindings: BindingKeeper;
  readonly #shared: SharedPlan;
  readonly #switches: SwitchDirectory;
  readonly #steps: Disposable;
  readonly #turns = new Turns(mostAtATime);
  readonly #readFlows = new ReadFlows();
  readonly #rounds = new DurationHistogram();
  /** Those that were known at the start, until an attempt to connect them has ended. */
  readonly #untried = new Set<string>();
  readonly #connections: Connections;
  readonly #calls: ConnectCalls;
  /** The state or the confirmed revision of the hypervisor with this key may have changed. */
  readonly changed = new Listeners<string>();
  readonly applied = new Listeners<Applied>();
  /** The hypervisor with this key is no longer managed. */
  readonly dropped = new Listeners<string>();
  /** br-tun of the hypervisor with this key was away and is back. */
  readonly reconnected = new Listeners<string>();
  /** What the flows of ours show. */
  readonly packetIns = new Listeners<ShownPacket>();
  /** What the flows of live traces show besides: nobody else's business. */
  readonly sightings = new Listeners<ShownPacket>();

  constructor(options: HypervisorRegistryOptions) {
    this.#options = options;
    const { store, follower, switches, clock, random, logger } = options;
    this.#shared = new SharedPlan(follower.intent, follower.placement);
    this.#bindings = new BindingKeeper({ store, intent: follower.intent, clock, random, logger });
    this.#switches = switches;
    this.#connections = new Connections(options, {
      get: (key) => this.#hypervisors.get(key),
      make: (key, node) => this.#make(key, node),
      drop: (key) => this.#drop(key),
      changed: (keyOrName) => this.changed.tell(keyOrName),
      event: recordEvents(options),
    });
    this.#calls = new ConnectCalls(this.#connections, this.changed);
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
    for (const key of this.#options.follower.intent.nodes.keys()) this.#untried.add(key);
    this.#connections.start();
  }

  /** Of every hypervisor that is managed. */
  get keys(): Iterable<string> {
    return this.#hypervisors.keys();
  }

  get(key: string): HypervisorView | undefined {
    return this.#hypervisors.get(key)?.view;
  }

  async connect(node: NodeAddress, signal: AbortSignal): Promise<HypervisorStatus> {
    return (await this.#calls.connect(node, signal)).view.status();
  }

  async disconnect(type: string, id: string): Promise<void> {
    await this.#connections.disconnect(nodeName({ type, id }));
  }

  async accept(systemId: string, certificate?: string): Promise<HypervisorStatus> {
    return (await this.#connections.accept(systemId, certificate)).view.status();
  }

  async forget(systemId: string): Promise<void> {
    await this.#connections.forget(systemId);
  }

  /** A hypervisor has dialled in. */
  dialledIn(client: OvsdbClient): void {
    this.#connections.dialledIn(client);
  }

  list(): readonly HypervisorStatus[] {
    const known = [...this.#hypervisors.values()].map((hypervisor) => hypervisor.view.status());
    return [...known, ...this.#connections.candidates.map(unidentifiedStatus)];
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
      connectsWaiting: this.#calls.waiting,
    };
  }

  flows(key: string): readonly FlowDescription[] {
    return this.#hypervisors.get(key)?.view.flows() ?? [];
  }

  [Symbol.dispose](): void {
    this.#steps[Symbol.dispose]();
    this.#bindings[Symbol.dispose]();
    this.#connections[Symbol.dispose]();
    for (const key of [...this.#hypervisors.keys()]) this.#drop(key);
  }

  #make(key: string, node: HypervisorNode): Hypervisor {
    const { follower, clock, random, logger, epoch, tls, controllerTarget } = this.#options;
    const hypervisor: Hypervisor = new Hypervisor({
      key,
      node,
      shared: this.#shared,
      clock,
      random,
      logger,
      epoch,
      turns: this.#turns,
      readFlows: this.#readFlows,
      rounds: this.#rounds,
      tls,
      controllerTarget,
      listener: {
        seen: (ports: ReadonlySet<Uuid>, endpoint) => {
          if (follower.intent.nodes.has(key)) this.#bindings.seen(key, ports, endpoint);
        },
        changed: () => {
          if (hypervisor.wasTried) this.#untried.delete(key);
          this.changed.tell(key);
        },
        lost: () => {
          this.#bindings.lost(key);
          // Whoever was refused because of it may be it.
          this.#connections.retry();
        },
        owns: (dpids: ReadonlyMap<Dpid, "br-int" | "br-tun">) => this.#switches.claim(hypervisor, dpids),
        applied: (peers) => this.applied.tell({ key, peers }),
        reconnected: () => this.reconnected.tell(key),
        packetIn: (bridge, packet) =>
          (isWatchCookie(packet.cookie) ? this.sightings : this.packetIns).tell({ key, bridge, packet }),
        event: recordEvents(this.#options, { hypervisor: key }),
      },
    });
    this.#hypervisors.set(key, hypervisor);
    if (node.address === null) hypervisor.notReached("it has not dialled in yet", false);
    return hypervisor;
  }

  #drop(key: string): void {
    const hypervisor = this.#hypervisors.get(key);
    if (hypervisor === undefined) return;
    this.#switches.release(hypervisor);
    hypervisor[Symbol.dispose]();
    this.#hypervisors.delete(key);
    this.#untried.delete(key);
    this.#bindings.lost(key);
    this.dropped.tell(key);
    this.changed.tell(key);
    // Whoever was refused because of this one may be managed now.
    for (const other of this.#hypervisors.values()) if (other.view.state === "refused") other.trigger();
    this.#connections.retry();
  }
}
