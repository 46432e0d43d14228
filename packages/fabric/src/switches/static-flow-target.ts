/**
 * The flows of one plain switch: what it was seen to hold, and the one way to change that. Of what isn't ours nothing is
 * touched: a flow of ours isn't even sent to the place where somebody else's was before.
 */
import { type Logger, messageOf } from "@loomstack/core";
import type { Flow, FlowUpdate, SwitchConnection } from "@loomstack/openflow";
import { diffFlows, type FlowChange, type FlowSet } from "../reconcile/diff-flows.ts";
import { FlowRefusals } from "./flow-refusals.ts";
import { FlowSender } from "./flow-sender.ts";
import { dpidText } from "./datapath-id.ts";
import { type FlowStep, flowSteps, foreignChanges } from "./flow-steps.ts";
import { HeldFlows } from "./held-flows.ts";
import { type ToldFlow, ToldFlows } from "./told-flow.ts";

/** What one application of flows did. */
export interface StaticFlowOutcome {
  /** Flow mods. */
  readonly sent: number;
  /** Flows that had been right and that somebody else had changed, as ovs-ofctl text. */
  readonly repaired: readonly string[];
  /** The flows that were refused now, and not before. */
  readonly refused: readonly string[];
}

/** How many steps are under way at a time. */
const mostAtOnce = 8;

export class StaticFlowTarget implements Disposable {
  readonly connection: SwitchConnection;
  /** Whether the switch tells of changes by others; where it doesn't, `refresh` has to look. */
  readonly isWatched: boolean;
  readonly #held: HeldFlows;
  readonly #refusals = new FlowRefusals();
  readonly #sender: FlowSender;
  readonly #told: ToldFlows;
  readonly #watch: Disposable;
  #isOver = false;
  /** What the last application has left: flows that are right, and those of ours that couldn't be taken away yet. */
  #applied: FlowSet = new Map();
  /** The cookies of flows that are still there as they were before. */
  #outdated: ReadonlySet<bigint> = new Set();

  private constructor(connection: SwitchConnection, isWatched: boolean, held: HeldFlows, watch: Disposable) {
    this.connection = connection;
    this.isWatched = isWatched;
    this.#held = held;
    this.#watch = watch;
    this.#sender = new FlowSender(connection);
    this.#told = new ToldFlows(connection.version);
  }

  /**
   * Looks at what the switch holds, before anything is sent. From then on `changed` is called when others change it, if
   * the switch can tell.
   *
   * @throws OPENFLOW__… when the connection ends or the switch refuses
   */
  static async observe(connection: SwitchConnection, logger: Logger, changed: () => void): Promise<StaticFlowTarget> {
    const held = new HeldFlows();
    let early: (readonly FlowUpdate[])[] | undefined = [];
    const watch = connection.flowUpdates.add((updates) => {
      if (early !== undefined) early.push(updates);
      else if (held.take(updates)) changed();
    });
    // Watching starts before the dump: a change in between is told, and one that both show is the same change.
    const isWatched = await startWatching(connection, logger);
    held.see(await connection.dumpFlows());
    for (const updates of early) held.take(updates);
    early = undefined;
    return new StaticFlowTarget(connection, isWatched, held, watch);
  }

  /** Looks at what the switch holds once more. Not to be called while `apply` is under way. */
  async refresh(): Promise<void> {
    this.#held.see(await this.connection.dumpFlows());
  }

  /** Whether the switch holds the flow. */
  holds(flow: Flow): boolean {
    const told = this.#told.get(flow);
    return "key" in told && this.#held.has(told.key, told.keyed);
  }

  /** Why the flow isn't in place, and won't be for now; undefined where nothing speaks against it. */
  obstacle(flow: Flow): string | undefined {
    const reason = this.#obstacleOf(this.#told.get(flow));
    const isOutdated = reason !== undefined && this.#outdated.has(flow.cookie);
    return isOutdated ? `${reason}; the flow as it was before stays until then` : reason;
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
    const desired = this.#told.setOf(flows);
    const repaired = foreignChanges(desired, this.#held.ours, this.#applied);
    const refused: string[] = [];
    let sent = await this.#sendAll(this.#stepsTo(desired), refused);
    if (!this.isWatched && sent > 0) sent += await this.#settleForms(flows, refused);
    this.#remember(flows);
    return { sent, repaired, refused };
  }

  /** Sends nothing more: the connection may be somebody else's now. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watch[Symbol.dispose]();
  }

  /** What is to be sent. Of a switch that doesn't tell what becomes of its flows, what is replaced goes later. */
  #stepsTo(desired: FlowSet): FlowStep[] {
    const worthwhile = flowSteps(diffFlows(desired, this.#held.ours)).filter(([first]) => this.#isWorthSending(first));
    return this.isWatched ? worthwhile : worthwhile.map(([first]) => [first]);
  }

  /**
   * A switch may keep a flow in a form of its own: in another table, or with other words for the same actions. Where it
   * shows a flow in another form right after it has taken it, that form is the flow from now on. (Open vSwitch's forms
   * are known beforehand: see flowFingerprint.) Gives how many flow mods took away what was replaced.
   */
  async #settleForms(flows: readonly Flow[], refused: string[]): Promise<number> {
    const before = new Set(this.#held.ours.keys());
    await this.refresh();
    const shown = Map.groupBy(this.#held.ours, ([, { flow }]) => flow.cookie);
    for (const flow of flows) {
      const told = this.#told.get(flow);
      if (!("key" in told) || this.#held.has(told.key, told.keyed) || this.#refusals.holds(told.key)) continue;
      if (this.#conflict(told.key) !== undefined) continue;
      const forms = shown.get(flow.cookie) ?? [];
      const form = forms.find(([key]) => !before.has(key)) ?? forms[0];
      if (form !== undefined) this.#told.keepAs(flow, form[0], form[1].fingerprint);
    }
    const removals = this.#stepsTo(this.#told.setOf(flows)).filter(([{ command }]) => command === "delete-strict");
    return this.#sendAll(removals, refused);
  }

  #remember(flows: readonly Flow[]): void {
    const desired = this.#told.setOf(flows);
    const left = flowSteps(diffFlows(desired, this.#held.ours));
    const outdated = left.flatMap(([, ...replaced]) => replaced);
    const stuck = left.flat().filter((change) => change.command === "delete-strict" && this.#refusals.has(change));
    this.#applied = new Map([
      ...[...desired].filter(([key, keyed]) => this.#held.has(key, keyed)),
      ...[...outdated, ...stuck].map(({ key, flow }) => [key, flow] as const),
    ]);
    this.#outdated = new Set(outdated.map(({ flow }) => flow.flow.cookie));
  }

  #obstacleOf(told: ToldFlow): string | undefined {
    if ("problem" in told) return told.problem;
    const cookie = this.#conflict(told.key);
    if (cookie !== undefined)
      return `the switch has somebody else's flow (cookie 0x${cookie.toString(16)}) with the same table, priority and match`;
    return this.#refusals.reasonOf(told.key, told.keyed.fingerprint);
  }

  /** The cookie of somebody else's flow in the place; one that has taken the place of ours counts as drift instead. */
  #conflict(key: string): bigint | undefined {
    return this.#applied.has(key) ? undefined : this.#held.othersCookie(key);
  }

  #isWorthSending(change: FlowChange): boolean {
    if (change.command === "add" && this.#conflict(change.key) !== undefined) return false;
    return !this.#refusals.has(change);
  }

  /** Gives how many flow mods were sent; adds to `refused` those that were refused, in words. */
  async #sendAll(steps: readonly FlowStep[], refused: string[]): Promise<number> {
    let sent = 0;
    for (let start = 0; start < steps.length && !this.#isOver; start += mostAtOnce) {
      const some = steps.slice(start, start + mostAtOnce);
      await this.#send(some, refused);
      sent += some.flat().length;
    }
    return sent;
  }

  async #send(steps: readonly FlowStep[], refused: string[]): Promise<void> {
    const keys = steps.flat().map(({ key }) => key);
    const { result, disputed } = await this.#held.during(keys, async () => this.#sender.send(steps));
    for (const { change, refusal } of result.sent) {
      if (refusal === undefined) this.#settle(change, disputed.has(change.key));
      else refused.push(this.#refusals.add(change, refusal));
    }
    if (result.failures.length > 0) throw result.failures[0];
  }

  #settle({ key, command, flow }: FlowChange, isDisputed: boolean): void {
    this.#refusals.settle(key);
    // Whether somebody else's change came before ours or after it, nobody can say: what the monitor told stays, and
    // where that is not what should be, the next round sends it once more.
    if (isDisputed) return;
    if (command === "add") this.#held.put(key, flow);
    else this.#held.remove(key);
  }
}

async function startWatching(connection: SwitchConnection, logger: Logger): Promise<boolean> {
  try {
    await connection.monitorFlows();
    return true;
  } catch (error) {
    logger.info(
      { switch: dpidText(connection.dpid), error: messageOf(error) },
      "this switch has no flow monitor: its flows are looked at now and then",
    );
    return false;
  }
}
