import { type Logger, messageOf } from "@loomstack/core";
import { type Flow, flowKey, flowMod, type FlowUpdate, formatFlow, type SwitchConnection } from "@loomstack/openflow";
import { isOurCookie, ourCookies } from "../pipeline/cookies.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import type { BridgeName } from "../pipeline/tables.ts";
import { diffFlows, type FlowChange, type KeyedFlow, keyedFlows } from "./diff-flows.ts";

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
  /** What the last application left behind, by identity. */
  #applied: ReadonlyMap<string, KeyedFlow> | undefined;
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
   * Makes the switch hold exactly `planned`, in one atomic bundle; sends nothing when it does already. @throws
   * OPENFLOW__…
   */
  async apply(planned: readonly PlannedFlow[]): Promise<FlowOutcome> {
    const desired = keyedFlows(planned.map(({ flow }) => flow));
    const changes = diffFlows(desired, this.#observed);
    const repaired = this.#repairs(desired);
    if (changes.length > 0) await this.#send(changes);
    this.#applied = desired;
    return { sent: changes.length, repaired };
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
      if (update.kind === "deleted" || !isOurCookie(update.cookie)) changed = this.#observed.delete(key) || changed;
      else changed = this.#see(key, update) || changed;
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

  /** What was right after the last application, and isn't any more: flows gone or changed, and flows put in. */
  #repairs(desired: ReadonlyMap<string, KeyedFlow>): string[] {
    const applied = this.#applied;
    if (applied === undefined) return [];
    const broken = [...desired].filter(
      ([key, { fingerprint }]) =>
        applied.get(key)?.fingerprint === fingerprint && this.#observed.get(key)?.fingerprint !== fingerprint,
    );
    const added = [...this.#observed].filter(([key]) => !desired.has(key) && !applied.has(key));
    return [
      ...broken.map(([, { flow }]) => `${formatFlow(flow)} was changed or deleted`),
      ...added.map(([, { flow }]) => `${formatFlow(flow)} was added`),
    ];
  }
}
