import { hash64 } from "@loomstack/core";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import { FlowIndex } from "./flow-index.ts";

/** A flow that has come, gone or become another one. */
export interface ChangedFlow {
  /** The flow that should be there; where none should, the one that was. */
  readonly flow: PlannedFlow;
  readonly isWanted: boolean;
}

/** The flow that counts, and all those that ask for one of its identity, its own owner among them. */
export interface ContestedFlow {
  readonly flow: PlannedFlow;
  readonly owners: ReadonlySet<string>;
}

interface BridgeFlows {
  readonly index: FlowIndex;
  changed: Map<string, ChangedFlow>;
  /** The identities that several flows have. */
  readonly contested: Set<string>;
}

/**
 * Which flows a hypervisor should hold. They themselves are not kept, they can be computed again: only what has changed
 * is, until it is taken.
 */
export class DesiredFlows {
  readonly #all: (owner?: string) => Iterable<PlannedFlow>;
  readonly #bridges = new Map<BridgeName, BridgeFlows>(
    bridgeNames.map((bridge) => [bridge, { index: new FlowIndex(), changed: new Map(), contested: new Set() }]),
  );

  /** @param all computes all flows that should be there, or those of one owner */
  constructor(all: (owner?: string) => Iterable<PlannedFlow>) {
    this.#all = all;
  }

  /**
   * Puts flows in the place of others; one may be among both, and more than once. `all` gives what should be there then.
   */
  replace(removed: readonly PlannedFlow[], added: readonly PlannedFlow[]): void {
    const { gone, come } = netOf(removed, added);
    const doubtful = gone.filter((flow) => !this.#remove(flow));
    doubtful.push(...come.filter((flow) => !this.#add(flow)));
    if (doubtful.length > 0) this.#settle(doubtful);
  }

  /** The flows of one bridge, as its switch is held against them. */
  of(bridge: BridgeName): DesiredBridge {
    const flows = this.#bridge(bridge);
    const { index } = flows;
    return {
      has: (key) => index.has(hash64(key)),
      get size() {
        return index.size;
      },
      get changedSize() {
        return flows.changed.size;
      },
      takeChanged: () => {
        const taken = flows.changed;
        flows.changed = new Map();
        return taken;
      },
      flows: () => this.#flowsOf(bridge),
    };
  }

  /** All flows that should be there, or those of one owner, computed anew. */
  *flows(owner?: string): Generator<PlannedFlow> {
    for (const bridge of bridgeNames) yield* this.#flowsOf(bridge, owner);
  }

  /**
   * The flows that more than one owner asks for, of which the switch can hold one, computed anew; where there are none,
   * nothing is.
   */
  contested(): readonly ContestedFlow[] {
    return bridgeNames.flatMap((bridge) => {
      const { index, contested } = this.#bridge(bridge);
      if (contested.size === 0) return [];
      const claimants = [...this.#all()].filter((flow) => flow.bridge === bridge && contested.has(flow.key));
      return [...Map.groupBy(claimants, ({ key }) => key).values()].flatMap((rivals) => {
        const flow = rivals.find(({ hashes }) => index.holds(hashes.identity, hashes.fingerprint));
        const owners = new Set(rivals.map(({ owner }) => owner));
        return flow === undefined ? [] : [{ flow, owners }];
      });
    });
  }

  /** How many flows there should be. */
  get size(): number {
    return [...this.#bridges.values()].reduce((sum, { index }) => sum + index.size, 0);
  }

  /** Gives false where it has to be found out what is to be there now. */
  #remove(flow: PlannedFlow): boolean {
    const { index, changed, contested } = this.#bridge(flow.bridge);
    if (contested.has(flow.key)) return false;
    index.delete(flow.hashes.identity);
    changed.set(flow.key, { flow, isWanted: false });
    return true;
  }

  /** Gives false where another flow has its identity. */
  #add(flow: PlannedFlow): boolean {
    const { index, changed } = this.#bridge(flow.bridge);
    const { identity, fingerprint } = flow.hashes;
    if (!index.add(identity, fingerprint)) return false;
    changed.set(flow.key, { flow, isWanted: true });
    return true;
  }

  /** Of several flows with one identity the same one counts always, in whatever order they came. */
  #settle(doubtful: readonly PlannedFlow[]): void {
    const rivals = new Map(doubtful.map((flow) => [placeOf(flow), [] as PlannedFlow[]]));
    for (const flow of this.#all()) rivals.get(placeOf(flow))?.push(flow);
    for (const gone of doubtful) {
      const claimants = rivals.get(placeOf(gone)) ?? [];
      const { index, changed, contested } = this.#bridge(gone.bridge);
      const [first, ...others] = claimants.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
      if (others.length > 0) contested.add(gone.key);
      else contested.delete(gone.key);
      if (first === undefined) index.delete(gone.hashes.identity);
      else index.set(gone.hashes.identity, first.hashes.fingerprint);
      changed.set(gone.key, { flow: first ?? gone, isWanted: first !== undefined });
    }
  }

  *#flowsOf(bridge: BridgeName, owner?: string): Generator<PlannedFlow> {
    const { index, contested } = this.#bridge(bridge);
    const open = new Set(contested);
    for (const flow of this.#all(owner)) {
      if (flow.bridge !== bridge) continue;
      if (!contested.has(flow.key)) yield flow;
      else if (index.holds(flow.hashes.identity, flow.hashes.fingerprint) && open.delete(flow.key)) yield flow;
    }
  }

  #bridge(name: BridgeName): BridgeFlows {
    const found = this.#bridges.get(name);
    if (found === undefined) throw new TypeError(`there is no bridge ${name}`);
    return found;
  }
}

/** The flows that one bridge should hold. */
export interface DesiredBridge {
  has(key: string): boolean;
  /** How many there should be. */
  readonly size: number;
  /** How many have changed since that was asked last. */
  readonly changedSize: number;
  /** What has changed since this was asked last, by identity; the caller's from now on. */
  takeChanged(): Map<string, ChangedFlow>;
  /** All of them, computed anew: what takes as long as there are many. */
  flows(): Iterable<PlannedFlow>;
}

/** What remains of it where the same flow goes and comes. */
function netOf(
  removed: readonly PlannedFlow[],
  added: readonly PlannedFlow[],
): { readonly gone: readonly PlannedFlow[]; readonly come: readonly PlannedFlow[] } {
  if (removed.length === 0) return { gone: [], come: added };
  const gone = new Map<string, PlannedFlow[]>();
  for (const flow of removed) {
    const rivals = gone.get(flow.key);
    if (rivals === undefined) gone.set(flow.key, [flow]);
    else rivals.push(flow);
  }
  const come = added.filter((flow) => {
    const rivals = gone.get(flow.key) ?? [];
    const same = rivals.findIndex((rival) => isSameFlow(rival, flow));
    if (same >= 0) rivals.splice(same, 1);
    return same < 0;
  });
  return { gone: [...gone.values()].flat(), come };
}

function isSameFlow(one: PlannedFlow, other: PlannedFlow): boolean {
  if (one === other) return true;
  return one.fingerprint === other.fingerprint && one.bridge === other.bridge && one.owner === other.owner;
}

function placeOf({ bridge, key }: PlannedFlow): string {
  return `${bridge} ${key}`;
}

function textOf(flow: PlannedFlow): string {
  return `${placeOf(flow)} ${flow.fingerprint} ${flow.owner}`;
}
