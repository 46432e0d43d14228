/**
 * One switch that an administrator has added, kept right: whenever something may matter, its flows are looked at, and
 * what is missing or too much is sent.
 *
 *     connection ─► role ─► flows observed ─┐
 *     static flows of intent ───────────────┴─► difference ─► one message a flow ─► taken or refused, each for itself
 */
import { type Clock, type Logger, messageOf, type Revision, type Uuid } from "@loomstack/core";
import type { Intent, StaticFlow, StaticFlowStatus, SwitchCounters, SwitchStatus } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { TellEvent } from "../event-throttle.ts";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";
import { RepairPace } from "../reconcile/repair-pace.ts";
import { answersInTime } from "./answers-in-time.ts";
import { type FlowCondition, flowCondition } from "./flow-condition.ts";
import { missingPorts } from "./flow-ports.ts";
import { PlainSwitchEvents } from "./plain-switch-events.ts";
import { PuntedPacketLog } from "./punted-packets.ts";
import { StaticFlowTarget } from "./static-flow-target.ts";
import { takeRole } from "./take-role.ts";
import { WantedFlows } from "./wanted-flows.ts";

export interface PlainSwitchOptions {
  readonly dpid: string;
  readonly intent: Intent;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The generation id of this controller's role requests. */
  readonly epoch: bigint;
  /** Its state may have changed. */
  readonly changed: () => void;
  readonly event: TellEvent;
}

interface Session {
  readonly connection: SwitchConnection;
  readonly watches: DisposableStack;
  target: StaticFlowTarget | undefined;
  /** Whether what should be has been held against what the target was seen to hold. */
  isApplied: boolean;
}

/** How often the flows of a switch are looked at that can't tell when others change them. */
const lookMs = 5_000;
/** After how long a flow that was refused is tried again. */
const retryMs = 30_000;

export class PlainSwitch implements Disposable {
  readonly dpid: string;
  readonly packets: PuntedPacketLog;
  readonly #options: PlainSwitchOptions;
  readonly #logger: Logger;
  readonly #wanted: WantedFlows;
  readonly #loop: ReconcileLoop;
  readonly #pace: RepairPace;
  readonly #events: PlainSwitchEvents;
  readonly #counters = { flowModsSent: 0, driftRepaired: 0, connections: 0 };
  #session: Session | undefined;
  #challenger: SwitchConnection | undefined;
  #nextLook: Disposable | undefined;
  #reason = "it hasn't connected yet";
  #confirmed = 0 as Revision;
  #needed: Revision;
  #triedAtMs = -Infinity;
  #isOver = false;

  constructor(options: PlainSwitchOptions) {
    const { dpid, intent, clock, random } = options;
    this.#options = options;
    this.dpid = dpid;
    this.#logger = options.logger.child({ switch: dpid });
    this.#wanted = new WantedFlows(intent, dpid);
    this.#needed = intent.revision;
    this.packets = new PuntedPacketLog(clock);
    this.#pace = new RepairPace(clock);
    this.#events = new PlainSwitchEvents(dpid, clock, (...event) => {
      if (!this.#isOver) options.event(...event);
    });
    this.#loop = new ReconcileLoop({
      clock,
      random,
      backoff: { firstMs: 100, limitMs: 5_000 },
      work: async () => this.#reconcile(),
      failed: (error) => this.#failed(error),
      pauseMs: () => this.#pace.pauseMs(),
    });
  }

  get connection(): SwitchConnection | undefined {
    return this.#session?.connection;
  }

  /** How many flows it should hold, and of them holds or has refused. */
  get tally(): SwitchStatus["flows"] {
    const states = this.#wanted.ids.map((id) => this.#condition(id).state);
    const count = (state: StaticFlowStatus["state"]): number => states.filter((one) => one === state).length;
    return { wanted: states.length, installed: count("installed"), refused: count("refused") };
  }

  get state(): "not-connected" | "preparing" | "ready" {
    if (this.#session === undefined) return "not-connected";
    return this.isSettled ? "ready" : "preparing";
  }

  get reason(): string {
    return this.#reason;
  }

  /** The revision up to which it has taken or refused what intent asked of it. */
  get confirmed(): Revision {
    return this.#confirmed;
  }

  /** Whether it has taken or refused all that intent asks of it; never while it isn't connected. */
  get isSettled(): boolean {
    return this.#session?.isApplied === true && this.#confirmed >= this.#needed;
  }

  /** Whether it is connected and still has to take or refuse something. */
  get isBehind(): boolean {
    return this.#session?.target !== undefined && this.#confirmed < this.#needed;
  }

  get counters(): SwitchCounters {
    return { ...this.#counters, packetsPunted: this.packets.count };
  }

  /** Takes changes of its static flows, as of `revision`. */
  flowsChanged(revision: Revision, changes: readonly { readonly id: Uuid; readonly after?: StaticFlow }[]): void {
    for (const { id, after } of changes) this.#wanted.set(id, after);
    this.#needed = revision;
    // There may be room now for what was refused.
    this.#session?.target?.forgetRefusals();
    if (this.#session !== undefined) this.#become("its flows are being set");
    this.#loop.trigger();
  }

  /**
   * Takes a connection that says it is this switch. The one that is there stays as long as it answers: nobody takes a
   * switch over by claiming to be it.
   */
  adopt(connection: SwitchConnection): void {
    if (this.#isOver) return connection.close("the switch is no longer managed");
    if (this.#challenger !== undefined)
      return connection.close("another connection of the same datapath id is being looked at");
    if (this.#session === undefined) return this.#start(connection);
    this.#challenger = connection;
    void this.#contest(this.#session, connection);
  }

  /** Gives its connection away, still open: the switch turns out to be a hypervisor's. */
  yield(): SwitchConnection | undefined {
    const session = this.#session;
    this.#dismissChallenger("the switch belongs to a hypervisor");
    if (session !== undefined) this.#leave(session, "it belongs to a hypervisor");
    return session?.connection;
  }

  flowStatus(flow: StaticFlow): StaticFlowStatus {
    const { id, tableId: table, priority, match, actions, revision } = flow;
    return { id, table, priority, match, actions, revision, ...this.#condition(id), warnings: this.#warnings(id) };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#loop[Symbol.dispose]();
    this.#dismissChallenger("the switch is no longer managed");
    const session = this.#session;
    if (session === undefined) return;
    this.#leave(session, "it is no longer managed");
    session.connection.close("the switch is no longer managed");
  }

  async #contest(incumbent: Session, challenger: SwitchConnection): Promise<void> {
    const isAlive = await answersInTime(incumbent.connection, this.#options.clock);
    if (this.#challenger !== challenger) return;
    this.#challenger = undefined;
    if (isAlive) {
      const { remoteAddress } = incumbent.connection;
      challenger.close(`the switch is connected from ${remoteAddress} already`);
      return this.#events.claimedTwice(challenger.remoteAddress, remoteAddress);
    }
    if (this.#session === incumbent) {
      this.#leave(incumbent, "it didn't answer, and connected anew");
      incumbent.connection.close("the switch connected anew");
    }
    this.#start(challenger);
  }

  #dismissChallenger(reason: string): void {
    this.#challenger?.close(reason);
    this.#challenger = undefined;
  }

  #start(connection: SwitchConnection): void {
    const session: Session = { connection, watches: new DisposableStack(), target: undefined, isApplied: false };
    this.#session = session;
    this.#counters.connections += 1;
    this.#become("its flows are looked at");
    void this.#attend(session);
  }

  async #attend(session: Session): Promise<void> {
    const { connection, watches } = session;
    try {
      await takeRole(connection, this.#options.epoch);
      const target = await StaticFlowTarget.observe(connection, this.#logger, () => {
        if (this.#session === session) this.#loop.trigger();
      });
      if (this.#session !== session) return target[Symbol.dispose]();
      session.target = watches.use(target);
    } catch (error) {
      if (this.#session !== session) return;
      this.#logger.warn({ error: messageOf(error) }, "the switch connected, but could not be observed");
      this.#leave(session, `it connected, but could not be observed: ${messageOf(error)}`);
      return connection.close("it could not be observed");
    }
    watches.use(connection.packetIns.add((packet) => this.packets.add(packet, this.#wanted.withCookie(packet.cookie))));
    watches.use(connection.portStatus.add(({ reason }) => this.#portChanged(reason)));
    this.#events.connected(connection.remoteAddress);
    this.#loop.trigger();
    const error = await connection.closed;
    if (this.#session !== session) return;
    const reason = `it lost its connection: ${error?.message ?? "closed"}`;
    this.#leave(session, reason);
    this.#events.lost(reason);
  }

  #leave(session: Session, reason: string): void {
    this.#session = undefined;
    this.#nextLook?.[Symbol.dispose]();
    session.watches.dispose();
    this.#become(reason);
  }

  #portChanged(reason: string | number): void {
    if (reason === "add" && this.#session?.target?.hasRefusals === true) {
      this.#session.target.forgetRefusals();
      this.#loop.trigger();
    }
    this.#options.changed();
  }

  async #reconcile(): Promise<void> {
    const session = this.#session;
    const target = session?.target;
    if (session === undefined || target === undefined) return;
    // What is sent below is at least as new: a step of intent meanwhile triggers another round.
    const { revision } = this.#options.intent;
    if (!target.isWatched && session.isApplied) await target.refresh();
    const outcome = await target.apply(this.#wanted.flows);
    this.#counters.flowModsSent += outcome.sent;
    this.#counters.driftRepaired += outcome.repaired.length;
    if (outcome.repaired.length > 0) this.#pace.repaired();
    this.#events.repaired(outcome.repaired);
    this.#events.refused(outcome.refused);
    if (this.#session !== session) return;
    this.#confirmed = revision;
    session.isApplied = true;
    this.#lookAgain(target);
    this.#become(target.hasRefusals ? "it has refused some of its flows" : "its flows are what they should be");
  }

  /** A switch that tells nothing is asked; what was refused is tried again after a while. */
  #lookAgain(target: StaticFlowTarget): void {
    this.#nextLook?.[Symbol.dispose]();
    this.#nextLook = undefined;
    if (target.isWatched && !target.hasRefusals) return;
    const { clock } = this.#options;
    if (this.#triedAtMs === -Infinity) this.#triedAtMs = clock.now();
    this.#nextLook = clock.after(target.isWatched ? retryMs : lookMs, () => {
      if (clock.now() - this.#triedAtMs >= retryMs) {
        this.#triedAtMs = clock.now();
        target.forgetRefusals();
      }
      this.#loop.trigger();
    });
  }

  #condition(id: Uuid): FlowCondition {
    const session = this.#session;
    const view = { isConnected: session !== undefined, target: session?.target, reason: this.#reason };
    return flowCondition(this.#wanted.get(id), view);
  }

  #warnings(id: Uuid): string[] {
    const wanted = this.#wanted.get(id);
    const connection = this.#session?.connection;
    if (wanted === undefined || "problem" in wanted || connection === undefined) return [];
    return missingPorts(wanted.flow, connection.ports).map((port) => `the switch has no port ${port} at present`);
  }

  #failed(error: unknown): void {
    this.#logger.warn({ error: messageOf(error) }, "the flows of a switch could not be set; trying again");
    if (this.#session !== undefined) this.#become(messageOf(error));
  }

  #become(reason: string): void {
    this.#reason = reason;
    if (!this.#isOver) this.#options.changed();
  }
}
