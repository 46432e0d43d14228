/**
 * One switch that an administrator has added, kept right: whenever something may matter, its flows are looked at, and
 * what is missing or too much is sent.
 *
 *     connection ─► role ─► flows and meter observed ─┐
 *     static flows of intent ─────────────────────────┴─► difference ─► one step a flow ─► taken or refused, each for itself
 */
import { type Clock, type Logger, messageOf, type Revision, type Uuid } from "@loomstack/core";
import type {
  Intent,
  PuntMeterStatus,
  StaticFlow,
  StaticFlowStatus,
  SwitchCounters,
  SwitchStatus,
} from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { TellEvent } from "../event-throttle.ts";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";
import { RepairPace } from "../reconcile/repair-pace.ts";
import type { Turns } from "../reconcile/turns.ts";
import { ConnectionContest } from "./connection-contest.ts";
import { flowStatus, flowTally, type SwitchView } from "./flow-condition.ts";
import { NextLook } from "./next-look.ts";
import { PlainSwitchEvents } from "./plain-switch-events.ts";
import { PuntedPacketLog } from "./punted-packets.ts";
import { applyToSwitch } from "./switch-round.ts";
import { wrongCertificate } from "./switch-certificate.ts";
import { SwitchSession } from "./switch-session.ts";
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
  /** For what takes much memory while it lasts. */
  readonly turns: Turns;
  readonly event: TellEvent;
  /** It was taken with a certificate of this subject; undefined in the clear. */
  readonly shown: (subject: string | undefined) => void;
}

export class PlainSwitch implements Disposable {
  readonly dpid: string;
  readonly packets: PuntedPacketLog;
  readonly #options: PlainSwitchOptions;
  readonly #logger: Logger;
  readonly #wanted: WantedFlows;
  readonly #loop: ReconcileLoop;
  readonly #pace: RepairPace;
  readonly #nextLook: NextLook;
  readonly #contest: ConnectionContest;
  readonly #events: PlainSwitchEvents;
  readonly #counters = { flowModsSent: 0, driftRepaired: 0, connections: 0 };
  #session: SwitchSession | undefined;
  #reason = "it hasn't connected yet";
  #confirmed = 0 as Revision;
  #needed: Revision;
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
    this.#nextLook = new NextLook(clock);
    this.#contest = new ConnectionContest(clock);
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
    return flowTally(this.#view);
  }

  get state(): "not-connected" | "preparing" | "ready" {
    if (this.#session === undefined) return "not-connected";
    return this.isSettled ? "ready" : "preparing";
  }

  get reason(): string {
    return this.#reason;
  }

  /** Whether the switch itself limits how many packets it sends us; null while that isn't known. */
  get puntMeter(): PuntMeterStatus | null {
    return this.#session?.observed?.metering.status ?? null;
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
    return this.#session?.observed !== undefined && this.#confirmed < this.#needed;
  }

  get counters(): SwitchCounters {
    return { ...this.#counters, packetsPunted: this.packets.count };
  }

  /** Takes changes of its static flows, as of `revision`. */
  flowsChanged(revision: Revision, changes: readonly { readonly id: Uuid; readonly after?: StaticFlow }[]): void {
    for (const { id, after } of changes) this.#wanted.set(id, after);
    this.#needed = revision;
    // There may be room now for what was refused.
    this.#session?.observed?.flows.forgetRefusals();
    if (this.#session !== undefined) this.#become("its flows are being set");
    this.#loop.trigger();
  }

  /** Takes a connection that says it is this switch. */
  adopt(connection: SwitchConnection): void {
    const incumbent = this.#session;
    if (this.#isOver) return connection.close("the switch is no longer managed");
    const wrong = wrongCertificate(this.#requiredCertificate, connection);
    if (wrong !== undefined) return this.#refuse(connection, wrong);
    if (incumbent === undefined) return this.#start(connection);
    this.#contest.enter(incumbent.connection, connection, (winner) => {
      if (winner === "incumbent")
        return this.#events.claimedTwice(connection.remoteAddress, incumbent.connection.remoteAddress);
      if (this.#session === incumbent) {
        this.#leave(incumbent, "it didn't answer, and connected anew");
        incumbent.connection.close("the switch connected anew");
      }
      this.#start(connection);
    });
  }

  /** The certificate that it has to show may be another one now. */
  certificateChanged(): void {
    const session = this.#session;
    const wrong = session && wrongCertificate(this.#requiredCertificate, session.connection);
    if (session === undefined || wrong === undefined) return;
    this.#leave(session, wrong);
    this.#refuse(session.connection, wrong);
  }

  /** Gives its connection away, still open: the switch turns out to be a hypervisor's. */
  yield(): SwitchConnection | undefined {
    const session = this.#session;
    this.#contest.dismiss("the switch belongs to a hypervisor");
    if (session !== undefined) this.#leave(session, "it belongs to a hypervisor");
    return session?.connection;
  }

  flowStatus(flow: StaticFlow): StaticFlowStatus {
    return flowStatus(flow, this.#view);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#loop[Symbol.dispose]();
    this.#contest.dismiss("the switch is no longer managed");
    const session = this.#session;
    if (session === undefined) return;
    this.#leave(session, "it is no longer managed");
    session.connection.close("the switch is no longer managed");
  }

  get #view(): SwitchView {
    return { wanted: this.#wanted, session: this.#session, reason: this.#reason };
  }

  /** The one that it has shown first counts as soon as it is shown. */
  get #requiredCertificate(): string | undefined {
    const { intent, dpid } = this.#options;
    return intent.switches.get(dpid)?.certificate ?? this.#session?.connection.peerSubject;
  }

  #refuse(connection: SwitchConnection, reason: string): void {
    connection.close(reason);
    this.#events.refused(reason);
    if (this.#session === undefined) this.#become(reason);
  }

  #start(connection: SwitchConnection): void {
    const session = new SwitchSession(connection);
    this.#session = session;
    this.#counters.connections += 1;
    this.#become("its flows are looked at");
    void this.#attend(session);
  }

  async #attend(session: SwitchSession): Promise<void> {
    const { connection } = session;
    try {
      await session.observe(this.#options.epoch, this.#options.turns, this.#options.logger, () => this.#loop.trigger());
      if (this.#session !== session) return;
    } catch (error) {
      if (this.#session !== session) return;
      this.#logger.warn({ error: messageOf(error) }, "the switch connected, but could not be observed");
      this.#leave(session, `it connected, but could not be observed: ${messageOf(error)}`);
      return connection.close("it could not be observed");
    }
    session.watch(
      connection.packetIns.add((packet) => this.packets.add(packet, this.#wanted.withCookie(packet.cookie))),
    );
    session.watch(connection.portStatus.add(({ reason }) => this.#portChanged(reason)));
    this.#events.connected(connection.remoteAddress);
    this.#options.shown(connection.peerSubject);
    this.#loop.trigger();
    const error = await connection.closed;
    if (this.#session !== session) return;
    const reason = `it lost its connection: ${error?.message ?? "closed"}`;
    this.#leave(session, reason);
    this.#events.lost(reason);
  }

  #leave(session: SwitchSession, reason: string): void {
    this.#session = undefined;
    this.#nextLook[Symbol.dispose]();
    session[Symbol.dispose]();
    this.#become(reason);
  }

  #portChanged(reason: string | number): void {
    const flows = this.#session?.observed?.flows;
    if (reason === "add" && flows?.hasRefusals === true) {
      flows.forgetRefusals();
      this.#loop.trigger();
    }
    this.#options.changed();
  }

  async #reconcile(): Promise<void> {
    const session = this.#session;
    const observed = session?.observed;
    if (session === undefined || observed === undefined) return;
    // What is sent below is at least as new: a step of intent meanwhile triggers another round.
    const { revision } = this.#options.intent;
    const outcome = await applyToSwitch(observed, this.#wanted.flows, session.isApplied);
    this.#counters.flowModsSent += outcome.sent;
    this.#counters.driftRepaired += outcome.repaired.length;
    if (outcome.repaired.length > 0) this.#pace.repaired();
    this.#events.applied(outcome);
    if (this.#session !== session) return;
    this.#confirmed = revision;
    session.isApplied = true;
    const { flows, metering } = observed;
    const needs = { isBlind: !flows.isWatched || metering.isWorthLooking, hasRefusals: flows.hasRefusals };
    this.#nextLook.plan(needs, (isRetry) => {
      if (isRetry) flows.forgetRefusals();
      this.#loop.trigger();
    });
    this.#become(flows.hasRefusals ? "it has refused some of its flows" : "its flows are what they should be");
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
