import { flowFingerprint, flowKey } from "@loomstack/openflow";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";

/** A flow that should be there, as it is compared with those that are. */
export interface DesiredFlow extends PlannedFlow {
  /** Its identity in the switch: table, priority and match. */
  readonly key: string;
  /** What counts beside the identity: cookie and instructions. */
  readonly fingerprint: string;
  /** The part of the plan that it belongs to. */
  readonly part: string;
}

interface BridgeFlows {
  readonly flows: Map<string, DesiredFlow>;
  readonly changed: Set<string>;
}

/**
 * The flows that a hypervisor should hold, by the parts of the plan that they belong to. A part is set as a whole; what
 * that changes is remembered until it is taken.
 */
export class DesiredFlows {
  readonly #parts = new Map<string, readonly DesiredFlow[]>();
  readonly #bridges = new Map<BridgeName, BridgeFlows>(
    bridgeNames.map((bridge) => [bridge, { flows: new Map(), changed: new Set() }]),
  );
  /** Where several parts want a flow of one identity: all of them, by bridge and identity. */
  readonly #rivals = new Map<string, readonly DesiredFlow[]>();

  /** Puts `flows` in the place of those that `part` had. */
  set(part: string, flows: readonly PlannedFlow[]): void {
    const before = this.#parts.get(part) ?? [];
    const after = flows.map((planned) => desiredFlow(part, planned));
    const present = [...before, ...after].map((flow) => ({ flow, fingerprint: this.#fingerprintAt(flow) }));
    for (const flow of before) this.#remove(flow);
    for (const flow of after) this.#add(flow);
    if (after.length > 0) this.#parts.set(part, after);
    else this.#parts.delete(part);
    for (const { flow, fingerprint } of present)
      if (this.#fingerprintAt(flow) !== fingerprint) this.#bridge(flow.bridge).changed.add(flow.key);
  }

  /** The flows of a bridge by their identity. */
  of(bridge: BridgeName): ReadonlyMap<string, DesiredFlow> {
    return this.#bridge(bridge).flows;
  }

  /** The identities of `bridge` whose flows may be others than when they were last taken. */
  takeChanged(bridge: BridgeName): ReadonlySet<string> {
    const { changed } = this.#bridge(bridge);
    const taken = new Set(changed);
    changed.clear();
    return taken;
  }

  *[Symbol.iterator](): Iterator<DesiredFlow> {
    for (const { flows } of this.#bridges.values()) yield* flows.values();
  }

  #add(flow: DesiredFlow): void {
    const { flows } = this.#bridge(flow.bridge);
    const present = flows.get(flow.key);
    if (present === undefined) return void flows.set(flow.key, flow);
    const rivals = [...(this.#rivals.get(rivalKey(flow)) ?? [present]), flow];
    this.#rivals.set(rivalKey(flow), rivals);
    flows.set(flow.key, foremost(rivals));
  }

  #remove(flow: DesiredFlow): void {
    const { flows } = this.#bridge(flow.bridge);
    const others = this.#rivals.get(rivalKey(flow))?.filter((rival) => rival !== flow);
    if (others === undefined) return void flows.delete(flow.key);
    if (others.length > 1) this.#rivals.set(rivalKey(flow), others);
    else this.#rivals.delete(rivalKey(flow));
    flows.set(flow.key, foremost(others));
  }

  /** What is there under the identity of `flow`. */
  #fingerprintAt({ bridge, key }: DesiredFlow): string | undefined {
    return this.#bridge(bridge).flows.get(key)?.fingerprint;
  }

  #bridge(name: BridgeName): BridgeFlows {
    const found = this.#bridges.get(name);
    if (found === undefined) throw new TypeError(`there is no bridge ${name}`);
    return found;
  }
}

function desiredFlow(part: string, planned: PlannedFlow): DesiredFlow {
  return { ...planned, part, key: flowKey(planned.flow), fingerprint: flowFingerprint(planned.flow) };
}

function rivalKey({ bridge, key }: DesiredFlow): string {
  return `${bridge} ${key}`;
}

/** Of several flows with one identity the same one counts always, in whatever order they came. */
function foremost(rivals: readonly DesiredFlow[]): DesiredFlow {
  return rivals.reduce((a, b) => (`${b.part} ${b.fingerprint}` < `${a.part} ${a.fingerprint}` ? b : a));
}
