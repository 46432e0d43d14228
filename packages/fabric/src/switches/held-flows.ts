import { type Flow, flowKey, type FlowUpdate } from "@loomstack/openflow";
import { isOurCookie } from "../pipeline/cookies.ts";
import { type FlowSet, type KeyedFlow, keyedFlows } from "../reconcile/diff-flows.ts";

/** What a switch was seen to hold: the flows that are ours, and the places that others have taken. */
export class HeldFlows {
  #ours = new Map<string, KeyedFlow>();
  /** The cookies of flows that others have put in, by identity. */
  #others = new Map<string, bigint>();
  /** While changes of ours are under way: their identities, and whether others changed them meanwhile. */
  #underWay: Map<string, boolean> | undefined;

  /** Takes all that the switch holds. */
  see(flows: readonly Flow[]): void {
    this.#ours = keyedFlows(flows.filter(({ cookie }) => isOurCookie(cookie)));
    this.#others = new Map(
      flows.filter(({ cookie }) => !isOurCookie(cookie)).map((flow) => [flowKey(flow), flow.cookie]),
    );
  }

  get ours(): FlowSet {
    return this.#ours;
  }

  has(key: string, flow: KeyedFlow): boolean {
    return this.#ours.get(key)?.fingerprint === flow.fingerprint;
  }

  /** The cookie of somebody else's flow with this identity. */
  othersCookie(key: string): bigint | undefined {
    return this.#others.get(key);
  }

  put(key: string, flow: KeyedFlow): void {
    this.#others.delete(key);
    this.#ours.set(key, flow);
  }

  /** Gives whether there was one. */
  remove(key: string): boolean {
    const wasThere = this.#ours.delete(key);
    // Where one of ours waited for the place, it is free now.
    return this.#others.delete(key) || wasThere;
  }

  /** Does `work`, which changes flows of these identities and doesn't throw; tells which of them others changed meanwhile. */
  async during<Result>(
    keys: readonly string[],
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly disputed: ReadonlySet<string> }> {
    const underWay = new Map(keys.map((key) => [key, false]));
    this.#underWay = underWay;
    const result = await work();
    this.#underWay = undefined;
    return { result, disputed: new Set(keys.filter((key) => underWay.get(key))) };
  }

  /** Takes what the flow monitor tells. Gives whether what we hold for right may not be right any more. */
  take(updates: readonly FlowUpdate[]): boolean {
    let changed = false;
    for (const update of updates) {
      if (update.kind !== "added" && update.kind !== "modified" && update.kind !== "deleted") continue;
      const key = flowKey(update);
      if (this.#underWay?.has(key) === true) {
        this.#underWay.set(key, true);
        changed = true;
      }
      if (update.kind === "deleted") changed = this.remove(key) || changed;
      else changed = this.#appear(key, update) || changed;
    }
    return changed;
  }

  #appear(key: string, flow: Flow): boolean {
    if (!isOurCookie(flow.cookie)) {
      this.#others.set(key, flow.cookie);
      return this.#ours.delete(key);
    }
    this.#others.delete(key);
    const [[, keyed] = []] = keyedFlows([flow]);
    if (keyed === undefined || this.has(key, keyed)) return false;
    this.#ours.set(key, keyed);
    return true;
  }
}
