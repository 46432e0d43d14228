import type { Clock, Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import type { HypervisorState } from "../hypervisor-options.ts";
import type { Placement } from "../intent/placement.ts";

/** A port or a network. */
export interface Subject {
  readonly kind: "port" | "network";
  readonly id: Uuid;
}

/** What a hypervisor is at, as far as states depend on it. */
export interface HypervisorStanding {
  readonly state: HypervisorState;
  readonly confirmed: number;
  /** Whether flows for the port are confirmed where it is now. */
  forwards(port: Uuid): boolean;
  carries(network: Uuid): boolean;
  uplinkObstacle(physicalNetwork: string): string | undefined;
}

export interface StateMarksOptions {
  readonly clock: Clock;
  readonly intent: Intent;
  readonly placement: Placement;
  readonly hypervisor: (key: string) => HypervisorStanding | undefined;
}

/**
 * While it isn't quiet, a look is put off for so long, and for so long for each port that is to be judged: to judge one
 * takes up to a tenth of a millisecond, and while thousands become ACTIVE it would have to be done again and again.
 */
const leastPatienceMs = 5_000;
const patienceOfPortMs = 3;

/**
 * What has to be looked at, because its state may be another. A hypervisor that confirms more, as it does with each
 * change, can only help what isn't ACTIVE; all ports of its networks are concerned only when it falls behind what it
 * was.
 */
export class StateMarks {
  readonly #options: StateMarksOptions;
  #networks = new Set<Uuid>();
  #hypervisors = new Set<string>();
  /** Whether what waits to become ACTIVE may be so now. */
  #isHope = false;
  readonly #standings = new Map<string, { readonly rank: number; readonly confirmed: number }>();
  #firstAtMs: number | undefined;
  #lastAtMs = 0;

  constructor(options: StateMarksOptions) {
    this.#options = options;
  }

  get isAny(): boolean {
    return this.#firstAtMs !== undefined;
  }

  /** How long to wait: until it was quiet, but the less there is to be judged the less long. */
  untilStillMs(quietMs: number): number {
    if (this.#firstAtMs === undefined) return 0;
    const { portsByNetwork } = this.#options.intent;
    const ports = [...this.#networks].reduce((sum, network) => sum + (portsByNetwork.get(network)?.size ?? 0), 0);
    const patienceMs = Math.max(leastPatienceMs, ports * patienceOfPortMs);
    const endMs = Math.min(this.#lastAtMs + quietMs, this.#firstAtMs + patienceMs);
    return Math.min(quietMs, endMs - this.#options.clock.now());
  }

  /** Ports of these networks, and they themselves. */
  networks(ids: Iterable<Uuid>): void {
    for (const id of ids) this.#networks.add(id);
    this.#mark();
  }

  hypervisor(key: string): void {
    const standing = this.#options.hypervisor(key);
    const before = this.#standings.get(key);
    const after = { rank: rankOf(standing?.state), confirmed: standing?.confirmed ?? 0 };
    if (standing === undefined) this.#standings.delete(key);
    else this.#standings.set(key, after);
    const isWorse = before !== undefined && (after.rank < before.rank || after.confirmed < before.confirmed);
    if (isWorse) this.networks(this.#options.placement.networksAt(key));
    else this.#hypervisors.add(key);
    this.#mark();
  }

  path({ from, to }: { readonly from: string; readonly to: string }, isUp: boolean): void {
    this.#isHope = true;
    if (!isUp) for (const key of [from, to]) this.networks(this.#options.placement.networksAt(key));
    this.#mark();
  }

  /**
   * Forgets what is marked, and gives the ports and networks to be judged; undefined for each that is passed over,
   * because it is as it was.
   *
   * @param waiting the ports that wait to become ACTIVE
   */
  take(waiting: ReadonlySet<Uuid>): Iterator<Subject | undefined, undefined> {
    const [networks, hypervisors] = [this.#networks, this.#hypervisors];
    const isHope = this.#isHope || hypervisors.size > 0;
    this.#networks = new Set();
    this.#hypervisors = new Set();
    this.#isHope = false;
    this.#firstAtMs = undefined;
    return this.#marked(networks, hypervisors, new Set(isHope ? waiting : []));
  }

  *#marked(
    networks: ReadonlySet<Uuid>,
    hypervisors: ReadonlySet<string>,
    waiting: ReadonlySet<Uuid>,
  ): Generator<Subject | undefined, undefined> {
    const { intent, placement } = this.#options;
    for (const network of networks) {
      yield { kind: "network", id: network };
      for (const id of intent.portsByNetwork.get(network) ?? []) yield { kind: "port", id };
    }
    const seen = new Set(networks);
    for (const key of hypervisors)
      for (const network of placement.networksAt(key)) {
        if (!networks.has(network))
          for (const port of placement.portsAt(key, network))
            yield waiting.has(port) || this.#isStill(key, port, network) ? undefined : { kind: "port", id: port };
        if (!seen.has(network)) yield { kind: "network", id: network };
        seen.add(network);
      }
    for (const id of waiting) {
      const port = intent.ports.get(id);
      yield port === undefined || networks.has(port.networkId) ? undefined : { kind: "port", id };
    }
    return undefined;
  }

  /** Whether nothing has become worse for a port on its own hypervisor. */
  #isStill(key: string, port: Uuid, network: Uuid): boolean {
    const { intent, hypervisor } = this.#options;
    if (intent.bindings.get(port)?.nodeKey !== key) return true;
    const standing = hypervisor(key);
    const physicalNetwork = intent.networks.get(network)?.physicalNetwork ?? null;
    const isJoined = physicalNetwork === null || standing?.uplinkObstacle(physicalNetwork) === undefined;
    return standing?.forwards(port) === true && standing.carries(network) && isJoined;
  }

  #mark(): void {
    this.#lastAtMs = this.#options.clock.now();
    this.#firstAtMs ??= this.#lastAtMs;
  }
}

/** Of a hypervisor that is ready more is right than of one that is only seen. */
function rankOf(state: HypervisorState | undefined): number {
  return state === "ready" ? 2 : state === "preparing" ? 1 : 0;
}
