/**
 * The flows of one plain switch: what it was seen to hold, and the one way to change that.
 *
 * Static flows are independent of each other, and a switch may refuse any of them, so that each is sent by itself: not
 * in a bundle, which OpenFlow 1.0 doesn't have and where one refusal takes all. Of what isn't ours nothing is touched: a
 * flow of ours isn't even sent to the place where somebody else's was before.
 */
import { isLoomstackError, type Logger, type LoomstackError, messageOf } from "@loomstack/core";
import { type Flow, flowKey, flowMod, type FlowUpdate, formatFlow, type SwitchConnection } from "@loomstack/openflow";
import { isOurCookie } from "../pipeline/cookies.ts";
import { diffFlows, type FlowChange, type FlowSet, type KeyedFlow, keyedFlows } from "../reconcile/diff-flows.ts";
import { isAboutTheFlow, type ToldFlow, toldFlow } from "./told-flow.ts";

/** What one application of flows did. */
export interface StaticFlowOutcome {
  readonly sent: number;
  /** Flows that had been right and that somebody else had changed, as ovs-ofctl text. */
  readonly repaired: readonly string[];
  /** The flows that were refused now, and not before. */
  readonly refused: readonly string[];
}

interface Refusal {
  readonly command: FlowChange["command"];
  readonly fingerprint: string;
  readonly reason: string;
}

/** How many changes are under way at a time. */
const mostAtOnce = 8;

export class StaticFlowTarget implements Disposable {
  readonly connection: SwitchConnection;
  /** Whether the switch tells of changes by others; where it doesn't, `refresh` has to look. */
  readonly isWatched: boolean;
  /** What it holds of ours, by identity. */
  #ours: Map<string, KeyedFlow>;
  /** The cookies of flows that others have put in, by identity. */
  readonly #others: Map<string, bigint>;
  readonly #refusals = new Map<string, Refusal>();
  readonly #watch: Disposable;
  #isOver = false;
  #applied: FlowSet = new Map();
  readonly #toldFlows = new WeakMap<Flow, ToldFlow>();
  /** While changes are under way: their identities, and whether others changed them meanwhile. */
  #underWay: Map<string, boolean> | undefined;

  private constructor(connection: SwitchConnection, isWatched: boolean, flows: readonly Flow[], watch: Disposable) {
    this.connection = connection;
    this.#watch = watch;
    this.isWatched = isWatched;
    this.#ours = keyedFlows(flows.filter(({ cookie }) => isOurCookie(cookie)));
    this.#others = othersOf(flows);
  }

  /**
   * Looks at what the switch holds, before anything is sent. From then on `changed` is called when others change it, if
   * the switch can tell.
   *
   * @throws OPENFLOW__… when the connection ends or the switch refuses
   */
  static async observe(connection: SwitchConnection, logger: Logger, changed: () => void): Promise<StaticFlowTarget> {
    const target = { current: undefined as StaticFlowTarget | undefined };
    const early: (readonly FlowUpdate[])[] = [];
    const watch = connection.flowUpdates.add((updates) => {
      if (target.current === undefined) return void early.push(updates);
      if (target.current.take(updates)) changed();
    });
    // Watching starts before the dump: a change in between is told, and one that both show is the same change.
    const isWatched = await connection.monitorFlows().then(
      () => true,
      (error: unknown) => {
        logger.info(
          { error: messageOf(error) },
          "this switch has no flow monitor: its flows are looked at now and then",
        );
        return false;
      },
    );
    target.current = new StaticFlowTarget(connection, isWatched, await connection.dumpFlows(), watch);
    for (const updates of early) target.current.take(updates);
    return target.current;
  }

  /** Looks at what the switch holds once more. Not to be called while `apply` is under way. */
  async refresh(): Promise<void> {
    const flows = await this.connection.dumpFlows();
    this.#ours = keyedFlows(flows.filter(({ cookie }) => isOurCookie(cookie)));
    this.#others.clear();
    for (const [key, cookie] of othersOf(flows)) this.#others.set(key, cookie);
  }

  /** Whether the switch holds the flow. */
  holds(flow: Flow): boolean {
    const told = this.#told(flow);
    return "key" in told && this.#has(told.key, told.keyed);
  }

  /** Why the flow isn't in place, and won't be for now; undefined where nothing speaks against it. */
  obstacle(flow: Flow): string | undefined {
    const told = this.#told(flow);
    if ("problem" in told) return told.problem;
    const { key, keyed } = told;
    const cookie = this.#conflict(key);
    if (cookie !== undefined)
      return `the switch has somebody else's flow (cookie 0x${cookie.toString(16)}) with the same table, priority and match`;
    const refusal = this.#refusals.get(key);
    return refusal?.command === "add" && refusal.fingerprint === keyed.fingerprint ? refusal.reason : undefined;
  }

  get hasRefusals(): boolean {
    return this.#refusals.size > 0;
  }

  /** What was refused is tried again: the reason may be gone. */
  forgetRefusals(): void {
    this.#refusals.clear();
  }

  /**
   * Makes the switch hold `flows` as far as it lets us; sends nothing that is right or was refused before. @throws
   * OPENFLOW__…
   */
  async apply(flows: readonly Flow[]): Promise<StaticFlowOutcome> {
    const told = flows.map((flow) => this.#told(flow)).filter((one) => "key" in one);
    const desired: FlowSet = new Map(told.map(({ key, keyed }) => [key, keyed]));
    const changes = diffFlows(desired, this.#ours).filter((change) => this.#isWorthSending(change));
    const repaired = this.#repairs(desired);
    const refused: string[] = [];
    for (let start = 0; start < changes.length && !this.#isOver; start += mostAtOnce)
      refused.push(...(await this.#send(changes.slice(start, start + mostAtOnce))));
    if (!this.isWatched && changes.length > 0) await this.#lookAtForms(flows, new Set(changes.map(({ key }) => key)));
    this.#applied = new Map(
      flows.flatMap((flow) => {
        const one = this.#told(flow);
        return "key" in one && this.#has(one.key, one.keyed) ? [[one.key, one.keyed]] : [];
      }),
    );
    return { sent: changes.length, repaired, refused };
  }

  /** Sends nothing more: the connection may be somebody else's now. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watch[Symbol.dispose]();
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
      if (update.kind === "deleted") changed = this.#remove(key) || changed;
      else if (isOurCookie(update.cookie)) changed = this.#see(key, update) || changed;
      else changed = this.#seeOther(key, update.cookie) || changed;
    }
    return changed;
  }

  #has(key: string, flow: KeyedFlow): boolean {
    return this.#ours.get(key)?.fingerprint === flow.fingerprint;
  }

  #told(flow: Flow): ToldFlow {
    const known = this.#toldFlows.get(flow);
    if (known !== undefined) return known;
    const told = toldFlow(flow, this.connection.version);
    this.#toldFlows.set(flow, told);
    return told;
  }

  /**
   * A switch may keep a flow in a form of its own: in another table, or with other words for the same actions. Where it
   * shows a flow in another form right after it has taken it, that form is the flow from now on. (Open vSwitch's forms
   * are known beforehand: see flowFingerprint.)
   */
  async #lookAtForms(flows: readonly Flow[], sent: ReadonlySet<string>): Promise<void> {
    await this.refresh();
    const byCookie = new Map([...this.#ours].map(([key, keyed]) => [keyed.flow.cookie, { key, keyed }]));
    for (const flow of flows) {
      const told = this.#told(flow);
      if (!("key" in told) || !sent.has(told.key) || this.#has(told.key, told.keyed)) continue;
      if (this.#refusals.has(told.key)) continue;
      const shown = byCookie.get(flow.cookie);
      if (shown === undefined) continue;
      const keyed = { flow: told.keyed.flow, fingerprint: shown.keyed.fingerprint };
      this.#toldFlows.set(flow, { key: shown.key, keyed });
    }
  }

  #remove(key: string): boolean {
    const wasThere = this.#ours.delete(key);
    // Where one of ours waited for the place, it is free now.
    return this.#others.delete(key) || wasThere;
  }

  #see(key: string, flow: Flow): boolean {
    this.#others.delete(key);
    const [[, keyed] = []] = keyedFlows([flow]);
    if (keyed === undefined || this.#ours.get(key)?.fingerprint === keyed.fingerprint) return false;
    this.#ours.set(key, keyed);
    return true;
  }

  #seeOther(key: string, cookie: bigint): boolean {
    this.#others.set(key, cookie);
    return this.#ours.delete(key);
  }

  /** The cookie of somebody else's flow in the place; one that has taken the place of ours counts as drift instead. */
  #conflict(key: string): bigint | undefined {
    return this.#applied.has(key) ? undefined : this.#others.get(key);
  }

  #isWorthSending({ key, command, flow }: FlowChange): boolean {
    if (command === "add" && this.#conflict(key) !== undefined) return false;
    const refusal = this.#refusals.get(key);
    return refusal?.command !== command || refusal.fingerprint !== flow.fingerprint;
  }

  /** Gives those that were refused, in words. */
  async #send(changes: readonly FlowChange[]): Promise<string[]> {
    const underWay = new Map(changes.map(({ key }) => [key, false]));
    this.#underWay = underWay;
    const outcomes = await Promise.allSettled(
      changes.map(async ({ command, flow }) => this.connection.apply([flowMod(command, flow.flow)])),
    );
    this.#underWay = undefined;
    const refused: string[] = [];
    const failures: unknown[] = [];
    for (const [index, change] of changes.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status !== "rejected") this.#settle(change, underWay.get(change.key) === true);
      else if (isAboutTheFlow(outcome.reason)) refused.push(this.#refuse(change, outcome.reason));
      else failures.push(outcome.reason);
    }
    if (failures.length > 0) throw failures[0];
    return refused;
  }

  #settle({ key, command, flow }: FlowChange, isDisputed: boolean): void {
    this.#refusals.delete(key);
    // Whether somebody else's change came before ours or after it, nobody can say: what the monitor told stays, and
    // where that is not what should be, the next round sends it once more.
    if (isDisputed) return;
    this.#others.delete(key);
    if (command === "add") this.#ours.set(key, flow);
    else this.#ours.delete(key);
  }

  #refuse({ key, command, flow }: FlowChange, error: LoomstackError): string {
    const reason = isLoomstackError(error, "OPENFLOW__MESSAGE_REFUSED")
      ? `the switch refused it: ${error.context.error}`
      : messageOf(error);
    this.#refusals.set(key, { command, fingerprint: flow.fingerprint, reason });
    return `${command === "add" ? "" : "deleting "}${formatFlow(flow.flow)}: ${reason}`;
  }

  /** What was right after the last application, and isn't any more: flows gone or changed, and flows put in. */
  #repairs(desired: FlowSet): string[] {
    const broken = [...desired].filter(
      ([key, flow]) => this.#applied.get(key)?.fingerprint === flow.fingerprint && !this.#has(key, flow),
    );
    const known = this.#applied;
    const added = known.size === 0 ? [] : [...this.#ours].filter(([key]) => !desired.has(key) && !known.has(key));
    return [
      ...broken.map(([, { flow }]) => `${formatFlow(flow)} was changed or deleted`),
      ...added.map(([, { flow }]) => `${formatFlow(flow)} was added`),
    ];
  }
}

function othersOf(flows: readonly Flow[]): Map<string, bigint> {
  return new Map(
    flows.filter(({ cookie }) => !isOurCookie(cookie)).map((flow) => [flowKey(flow), flow.cookie] as const),
  );
}
