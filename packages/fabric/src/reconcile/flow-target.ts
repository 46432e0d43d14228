import { type Logger, messageOf } from "@loomstack/core";
import { type Flow, flowKey, flowMod, type FlowUpdate, formatFlow, type SwitchConnection } from "@loomstack/openflow";
import { isOurCookie, ourCookies } from "../pipeline/cookies.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { diffFlows, type FlowChange, type FlowSet, type KeyedFlow, keyedFlows } from "./diff-flows.ts";

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
  readonly #observed: Map<string, KeyedFlow>;
  /** Whether all that was found here at first has been compared with what should be there. */
  #isCompared = false;
  /** The identities of which another flow should be there than when it was last applied. */
  readonly #wanted = new Set<string>();
  /** The identities whose flows others have changed since then. */
  #meddled = new Set<string>();
  /** While a bundle is under way: the identities in it, and whether others changed them meanwhile. */
  #underWay: Map<string, boolean> | undefined;

  private constructor(bridge: BridgeName, connection: SwitchConnection, observed: Map<string, KeyedFlow>) {
    this.bridge = bridge;
    this.connection = connection;
    this.#observed = observed;
  }

  /**
   * Looks at what the switch holds of ours, before anything is sent. From then on `changed` is called when others
   * change it.
   *
   * @throws OPENFLOW__… when the connection ends or the switch refuses
   */
  static async observe(
    bridge: BridgeName,
    connection: SwitchConnection,
    logger: Logger,
    changed: () => void,
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
    const observed = keyedFlows(await connection.dumpFlows(ourCookies));
    target.current = new FlowTarget(bridge, connection, observed);
    for (const updates of early) target.current.take(updates);
    return target.current;
  }

  get size(): number {
    return this.#observed.size;
  }

  /**
   * Makes the switch hold exactly `desired`, in one atomic bundle; sends nothing when it does already.
   *
   * @param changed the identities where `desired` may be another than it was the last time
   * @throws OPENFLOW__…
   */
  async apply(desired: FlowSet, changed: Iterable<string>): Promise<FlowOutcome> {
    for (const key of changed) this.#wanted.add(key);
    const meddled = this.#meddled;
    this.#meddled = new Set();
    const unsettled = this.#isCompared ? this.#wanted.union(meddled) : undefined;
    const changes = diffFlows(desired, this.#observed, unsettled);
    try {
      if (changes.length > 0) await this.#send(changes);
    } catch (error) {
      for (const key of meddled) this.#meddled.add(key);
      throw error;
    }
    const repairs = changes.filter(({ key }) => this.#isCompared && meddled.has(key) && !this.#wanted.has(key));
    this.#isCompared = true;
    this.#wanted.clear();
    return { sent: changes.length, repaired: repairs.map(repairText) };
  }

  /** Takes what the flow monitor tells. Gives whether what we hold for right may not be right any more. */
  take(updates: readonly FlowUpdate[]): boolean {
    let changed = false;
    for (const update of updates) {
      if (update.kind !== "added" && update.kind !== "modified" && update.kind !== "deleted") continue;
      const key = flowKey(update);
      if (this.#underWay?.has(key) === true) {
        this.#underWay.set(key, true);
        this.#meddled.add(key);
        changed = true;
      }
      const isGone = update.kind === "deleted" || !isOurCookie(update.cookie);
      if (!(isGone ? this.#observed.delete(key) : this.#see(key, update))) continue;
      this.#meddled.add(key);
      changed = true;
    }
    return changed;
  }

  async #send(changes: readonly FlowChange[]): Promise<void> {
    const underWay = new Map(changes.map(({ key }) => [key, false]));
    this.#underWay = underWay;
    try {
      await this.connection.applyBundle(changes.map(({ command, flow }) => flowMod(command, flow.flow)));
    } finally {
      this.#underWay = undefined;
    }
    for (const { key, command, flow } of changes) {
      // Whether somebody else's change came before ours or after it, nobody can say: what the monitor told stays, and
      // where that is not what should be, the next round sends it once more.
      if (underWay.get(key) === true) continue;
      if (command === "add") this.#observed.set(key, flow);
      else this.#observed.delete(key);
    }
  }

  #see(key: string, flow: Flow): boolean {
    const [[, keyed] = []] = keyedFlows([flow]);
    if (keyed === undefined || this.#observed.get(key)?.fingerprint === keyed.fingerprint) return false;
    this.#observed.set(key, keyed);
    return true;
  }
}

/** What others did to a flow that had been right, in words. */
function repairText({ command, flow }: FlowChange): string {
  return `${formatFlow(flow.flow)} was ${command === "add" ? "changed or deleted" : "added"}`;
}
