import { hash64, type Logger, messageOf } from "@loomstack/core";
import { type Flow, flowFingerprint, flowKey, type FlowUpdate, type SwitchConnection } from "@loomstack/openflow";
import type { ChangedFlow, DesiredBridge } from "../compile/desired-flows.ts";
import { FlowIndex } from "../compile/flow-index.ts";
import { isOurCookie, ourCookies } from "../pipeline/cookies.ts";
import { type FlowHashes, flowHashes, type PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, tableOf } from "../pipeline/tables.ts";
import { additionOf, additionsFirst, type FlowStep, removalOf, repairText } from "./flow-step.ts";
import { FlowsUnderWay } from "./flows-under-way.ts";
import { ReadFlows } from "./read-flows.ts";

/** A change of more than that is put together in a bundle. */
const fewSteps = 16;

/** What one application of flows did. */
export interface FlowOutcome {
  readonly sent: number;
  /** Flows that had been right and that somebody else had changed, as ovs-ofctl text. */
  readonly repaired: readonly string[];
}

/**
 * The flows of one bridge: what its switch was seen to hold, kept current by its flow monitor, and the one way to
 * change them.
 */
export class FlowTarget {
  readonly bridge: BridgeName;
  readonly connection: SwitchConnection;
  readonly #observed = new FlowIndex();
  /** Whether all that was found here has been held against all that should be here. */
  #isCompared = false;
  /** What has changed of those that should be here, and isn't in place yet. */
  #changed = new Map<string, ChangedFlow>();
  /** What others have changed since flows were last put in place, as it was told. */
  #meddled = new Map<string, Flow>();
  /** While a bundle is under way. */
  #underWay: FlowsUnderWay | undefined;

  private constructor(bridge: BridgeName, connection: SwitchConnection, found: readonly FlowHashes[]) {
    this.bridge = bridge;
    this.connection = connection;
    for (const { identity, fingerprint } of found) this.#observed.set(identity, fingerprint);
  }

  /**
   * Looks at what the switch holds of ours, before anything is sent. From then on `changed` is called when others
   * change it.
   *
   * @param read what is known of the flows of others that are alike
   * @throws OPENFLOW__… when the connection ends or the switch refuses
   */
  static async observe(
    bridge: BridgeName,
    connection: SwitchConnection,
    logger: Logger,
    changed: () => void,
    read = new ReadFlows(),
  ): Promise<FlowTarget> {
    const target = { current: undefined as FlowTarget | undefined };
    const early: (readonly FlowUpdate[])[] = [];
    connection.flowUpdates.add((updates) => {
      if (target.current === undefined) return void early.push(updates);
      if (target.current.take(updates)) changed();
    });
    // Watching starts before the dump: a change in between is told, and one that both show is the same change.
    await connection.monitorFlows().catch((error: unknown) => {
      logger.warn(
        { bridge, error: messageOf(error) },
        "this switch has no flow monitor: what others change is noticed at the next reconnect only",
      );
    });
    const found = await connection.dumpFlowsUnread(ourCookies, (flow) => read.hashesOf(flow));
    target.current = new FlowTarget(bridge, connection, found);
    for (const updates of early) target.current.take(updates);
    return target.current;
  }

  get size(): number {
    return this.#observed.size;
  }

  /** How many flows the next application has in hand at the most; all of them, as long as they weren't compared. */
  sizeInHand(desired: DesiredBridge): number {
    return this.#isCompared ? this.#changed.size + desired.changedSize + this.#meddled.size : desired.size + this.size;
  }

  /**
   * Makes the switch hold exactly `desired`, all at once; sends nothing when it does already. The first time
   * all flows are compared, later those that have changed on either side.
   *
   * @throws OPENFLOW__…
   */
  async apply(desired: DesiredBridge): Promise<FlowOutcome> {
    const changed = desired.takeChanged();
    if (this.#changed.size === 0) this.#changed = changed;
    else for (const [key, change] of changed) this.#changed.set(key, change);
    const meddled = this.#meddled;
    this.#meddled = new Map();
    const repairs = this.#isCompared ? this.#repairs(desired, meddled) : [];
    try {
      const changes = this.#isCompared ? this.#due() : await this.#difference(desired);
      const steps = additionsFirst([...changes, ...repairs]);
      if (steps.length > 0) await this.#send(steps);
      this.#isCompared = true;
      this.#changed.clear();
      return { sent: steps.length, repaired: additionsFirst(repairs).map(repairText) };
    } catch (error) {
      for (const [key, flow] of meddled) if (!this.#meddled.has(key)) this.#meddled.set(key, flow);
      throw error;
    }
  }

  /** Takes what the flow monitor tells. Gives whether what we hold for right may not be right any more. */
  take(updates: readonly FlowUpdate[]): boolean {
    let changed = false;
    for (const update of updates) {
      if (update.kind !== "added" && update.kind !== "modified" && update.kind !== "deleted") continue;
      const key = flowKey(update);
      if (this.#underWay?.dispute(key) === true) {
        this.#meddled.set(key, update);
        changed = true;
      }
      const isGone = update.kind === "deleted" || !isOurCookie(update.cookie);
      if (!(isGone ? this.#observed.delete(hash64(key)) : this.#see(key, update))) continue;
      this.#meddled.set(key, update);
      changed = true;
    }
    return changed;
  }

  /** What turns all that is there into all that should be there. */
  async #difference(desired: DesiredBridge): Promise<FlowStep[]> {
    const steps: FlowStep[] = [];
    let found = 0;
    for (const planned of this.#changedFlows(desired) ?? desired.flows()) {
      if (this.#observed.has(planned.hashes.identity)) found += 1;
      if (!this.#isSeen(planned)) steps.push(additionOf(planned));
    }
    if (found === this.#observed.size) return steps;
    // Which flows are to go, only the switch can say: what it was seen to hold is not kept.
    for (const flow of await this.connection.dumpFlows(ourCookies)) {
      const key = flowKey(flow);
      if (!desired.has(key)) steps.push(removalOf(key, flow));
    }
    return steps;
  }

  /** All that should be there, where all of it has only just been computed; undefined where it has to be again. */
  #changedFlows(desired: DesiredBridge): readonly PlannedFlow[] | undefined {
    const wanted = [...this.#changed.values()].filter(({ isWanted }) => isWanted);
    return wanted.length === desired.size ? wanted.map(({ flow }) => flow) : undefined;
  }

  /** What has changed of those that should be there, and isn't there as it should. */
  #due(): FlowStep[] {
    const steps: FlowStep[] = [];
    for (const [key, { flow, isWanted }] of this.#changed) {
      if (isWanted && !this.#isSeen(flow)) steps.push(additionOf(flow));
      if (!isWanted && this.#observed.has(flow.hashes.identity)) steps.push(removalOf(key, flow.flow));
    }
    return steps;
  }

  /** What puts right what others have changed, and what isn't to change anyway. */
  #repairs(desired: DesiredBridge, meddled: ReadonlyMap<string, Flow>): FlowStep[] {
    const keys = new Set([...meddled.keys()].filter((key) => !this.#changed.has(key)));
    if (keys.size === 0) return [];
    const wanted = new Set([...keys].filter((key) => desired.has(key)));
    const surplus = [...meddled].filter(
      ([key]) => keys.has(key) && !wanted.has(key) && this.#observed.has(hash64(key)),
    );
    const steps: FlowStep[] = surplus.map(([key, flow]) => removalOf(key, flow));
    if (wanted.size === 0) return steps;
    for (const planned of desired.flows())
      if (wanted.has(planned.key) && !this.#isSeen(planned)) steps.push(additionOf(planned));
    return steps;
  }

  async #send(steps: readonly FlowStep[]): Promise<void> {
    const underWay = new FlowsUnderWay(steps);
    this.#underWay = underWay;
    try {
      const mods = steps.map(({ mod }) => mod);
      if (this.#mayComeApart(steps)) await this.connection.apply(mods);
      else await this.connection.applyBundle(mods);
    } finally {
      this.#underWay = undefined;
    }
    for (const { key, hashes } of steps) {
      // Whether somebody else's change came before ours or after it, nobody can say: what the monitor told stays, and
      // where that is not what should be, the next round sends it once more.
      if (underWay.isDisputed(key)) continue;
      if (hashes === undefined) this.#observed.delete(hash64(key));
      else this.#observed.set(hashes.identity, hashes.fingerprint);
    }
  }

  /**
   * Whether a change needs no bundle, and so one round trip instead of two: a single flow is put in place as a whole in
   * any case, and of a few that are new, and that no packet meets before it was let in, any may come first.
   */
  #mayComeApart(steps: readonly FlowStep[]): boolean {
    if (steps.length > fewSteps) return false;
    const isNew = ({ hashes }: FlowStep): boolean => hashes !== undefined && !this.#observed.has(hashes.identity);
    const guards = ({ flow }: FlowStep): boolean => tableOf(this.bridge, flow.tableId)?.guards ?? true;
    return steps.length === 1 || steps.every((step) => isNew(step) && !guards(step));
  }

  /** Gives whether it was otherwise. */
  #see(key: string, flow: Flow): boolean {
    const { identity, fingerprint } = flowHashes({ key, fingerprint: flowFingerprint(flow) });
    if (this.#observed.holds(identity, fingerprint)) return false;
    this.#observed.set(identity, fingerprint);
    return true;
  }

  #isSeen({ hashes }: PlannedFlow): boolean {
    return this.#observed.holds(hashes.identity, hashes.fingerprint);
  }
}
