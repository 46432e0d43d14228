/**
 * One hypervisor, kept right. A single loop looks at what its database and its switches hold, computes what they should
 * hold, and sends the difference:
 *
 *     replica of its database ─► bridges that should be ─► one OVSDB transaction
 *     intent + its OpenFlow port numbers ─► flows that should be ─► one bundle for each bridge ─► confirmed revision
 *
 * Whatever may matter triggers the loop: a step of intent that concerns the hypervisor, a change in its database, a
 * switch that connects, a flow that others changed. A round costs what changed since the last one.
 */
import { type Logger, messageOf, type Revision } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { PlannedPeer } from "./compile/plan.ts";
import type { DatabaseSession } from "./connecting/database-session.ts";
import { HypervisorDatabase, type Offered } from "./connecting/hypervisor-database.ts";
import { HypervisorCondition } from "./hypervisor-condition.ts";
import type { HypervisorOptions } from "./hypervisor-options.ts";
import { HypervisorSwitches } from "./hypervisor-switches.ts";
import { HypervisorView } from "./hypervisor-view.ts";
import type { Touched } from "./intent/intent-step.ts";
import { foreignBridge } from "./inventory/observed-bridges.ts";
import { type ObservedHypervisor, observeHypervisor } from "./inventory/observed-hypervisor.ts";
import { type BridgeName, bridgeNames } from "./pipeline/tables.ts";
import { Confirmation } from "./realised/confirmation.ts";
import { HypervisorTarget } from "./reconcile/hypervisor-target.ts";
import { ReconcileLoop } from "./reconcile/reconcile-loop.ts";

/** So many flows of every hypervisor may be in hand at once. */
const fewFlows = 100;
const noCertificate =
  "its switches have no certificate to show (ovs-vsctl set-ssl <key> <certificate> <CA certificate>)";

export class Hypervisor implements Disposable {
  readonly key: string;
  /** What others may ask of it. */
  readonly view: HypervisorView;
  readonly #options: HypervisorOptions;
  readonly #logger: Logger;
  readonly #database: HypervisorDatabase;
  readonly #switches: HypervisorSwitches;
  readonly #target: HypervisorTarget;
  readonly #loop: ReconcileLoop;
  readonly #condition: HypervisorCondition;
  #hasConnected = false;
  #wasTried = false;
  #controllerTarget = "";
  /** Why a switch was lost, until one is observed again. */
  #switchTrouble: string | undefined;
  readonly #confirmation: Confirmation;
  /** What its database says; undefined when it has to be read again. */
  #observed: ObservedHypervisor | undefined;
  /** What the others were told of it last. */
  #announced: ObservedHypervisor | undefined;
  /** The peers that were told last. */
  #peers: readonly PlannedPeer[] | undefined;

  constructor(options: HypervisorOptions) {
    const { clock, random, epoch, listener } = options;
    this.#options = options;
    this.key = options.key;
    this.#logger = options.logger.child({ hypervisor: this.key });
    this.#condition = new HypervisorCondition({
      key: this.key,
      clock,
      logger: options.logger,
      event: listener.event,
      changed: () => listener.changed(),
    });
    this.#loop = new ReconcileLoop({
      clock,
      random,
      backoff: { firstMs: 100, limitMs: 5_000 },
      work: async () => this.#reconcile(),
      failed: (error) => this.#failed(error),
      ended: (durationMs) => this.#roundEnded(durationMs),
      pauseMs: () => this.#condition.pauseMs(),
    });
    this.#database = new HypervisorDatabase({
      up: (session) => this.#up(session),
      changed: () => this.#databaseChanged(),
      down: (reason) => this.#down(reason),
    });
    this.#switches = new HypervisorSwitches({
      epoch,
      clock,
      certificate: () =>
        this.#database.session?.certificate ?? options.shared.intent.nodes.get(this.key)?.certificate ?? undefined,
      turns: options.turns,
      readFlows: options.readFlows,
      logger: this.#logger,
      listener: {
        observed: (bridge) => this.#switchObserved(bridge),
        changed: () => this.#loop.trigger(),
        lost: (_bridge, reason) => this.#switchLost(reason),
        rival: (bridge, address) => this.#rivalSwitch(bridge, address),
        impostor: (bridge, reason) => this.#impostorSwitch(bridge, reason),
        event: (...event) => this.#condition.event(...event),
        repaired: (drift) => this.#condition.repaired([drift]),
        packetIn: (bridge, packet) => listener.packetIn(bridge, packet),
      },
    });
    this.#target = new HypervisorTarget({
      shared: options.shared,
      key: this.key,
      database: this.#database,
    });
    this.#confirmation = new Confirmation(this.#target.plan);
    this.view = new HypervisorView({
      ...{ key: this.key, node: options.node, shared: options.shared, condition: this.#condition },
      ...{ database: this.#database, switches: this.#switches, target: this.#target, confirmation: this.#confirmation },
      observe: () => this.#observe(),
      announced: () => this.#announced,
    });
  }

  /** Takes a connection to its database. One that isn't taken is the caller's to close. */
  async attach(session: DatabaseSession): Promise<Offered> {
    return this.#database.offer(session);
  }

  /** Whoever is connected as it, and shows a certificate of another subject, is sent away. */
  requireCertificate(subject: string): void {
    this.#database.requireCertificate(subject);
    this.#switches.requireCertificate(subject);
  }

  /** Tells why it can't be connected, for as long as it isn't. */
  notReached(reason: string, isRefused: boolean): void {
    if (this.isConnected) return;
    this.#wasTried = true;
    this.#condition.become(isRefused ? "refused" : this.#hasConnected ? "lost" : "connecting", reason);
  }

  /** Something of what concerns this hypervisor changed in intent. */
  touch(touched: Touched): void {
    this.#target.touch(touched);
    this.#loop.trigger();
  }

  /** Looks again. */
  trigger(): void {
    this.#loop.trigger();
  }

  /** Takes over the connection of one of its bridges. */
  adopt(bridge: BridgeName, connection: SwitchConnection): void {
    this.#switches.adopt(bridge, connection);
  }

  /** Whether it is no longer managed. */
  get isDisposed(): boolean {
    return this.#condition.isOver;
  }

  /** Whether an attempt to connect it has ended, well or not. */
  get wasTried(): boolean {
    return this.#wasTried;
  }

  /** Whether there is a connection to its database. */
  get isConnected(): boolean {
    return this.#database.session !== undefined;
  }

  [Symbol.dispose](): void {
    this.#condition.end();
    this.#loop[Symbol.dispose]();
    this.#database[Symbol.dispose]();
    this.#switches[Symbol.dispose]();
    this.#confirmation.doubt();
  }

  #up({ localAddress }: DatabaseSession): void {
    this.#condition.counters.ovsdbConnections += 1;
    this.#hasConnected = true;
    this.#wasTried = true;
    this.#controllerTarget = this.#options.controllerTarget(localAddress);
    this.#observed = undefined;
    // Its interfaces may have moved while it could not be seen.
    this.#confirmation.doubt();
    this.#condition.become("preparing", "its database is read");
    this.#loop.trigger();
  }

  #databaseChanged(): void {
    this.#observed = undefined;
    this.#loop.trigger();
  }

  #down(reason: string): void {
    this.#options.listener.lost();
    this.#condition.become("lost", reason);
  }

  #switchObserved(bridge: BridgeName): void {
    this.#condition.counters.openflowConnections += 1;
    this.#switchTrouble = undefined;
    if (bridge === "br-tun") this.#options.listener.reconnected();
    this.#loop.trigger();
  }

  #switchLost(reason: string): void {
    this.#switchTrouble = reason;
    this.#confirmation.doubt();
    if (this.#condition.isLive) this.#condition.become("preparing", reason);
  }

  #rivalSwitch(bridge: BridgeName, address: string): void {
    const message = `a switch at ${address} says that it is ${bridge} of hypervisor ${this.key}, which is connected and answers; it is sent away`;
    this.#condition.event("warning", "rival-switch", message);
  }

  #impostorSwitch(bridge: BridgeName, reason: string): void {
    const message = `a switch that says it is ${bridge} of hypervisor ${this.key} is sent away: ${reason}`;
    this.#condition.event("warning", "switch-refused", message);
  }

  #roundEnded(durationMs: number): void {
    this.#condition.counters.rounds += 1;
    this.#options.rounds.observe(durationMs);
  }

  #failed(error: unknown): void {
    this.#condition.counters.roundsFailed += 1;
    this.#logger.warn({ error: messageOf(error) }, "reconciling failed; trying again");
    if (this.#condition.isLive) this.#condition.become("preparing", messageOf(error));
  }

  #refuse(reason: string): void {
    this.#options.listener.lost();
    this.#confirmation.doubt();
    this.#condition.become("refused", reason);
  }

  async #reconcile(): Promise<void> {
    const observed = this.#observe();
    if (observed === undefined) return;
    const refusal = this.#identify(observed);
    if (refusal !== undefined) return this.#refuse(refusal);
    // What is computed below is at least as new: a step of intent meanwhile triggers another round.
    const { revision } = this.#options.shared.intent;
    const { sent, repaired, unassigned, obstacles } = await this.#target.applyBridges(observed, this.#controllerTarget);
    if (sent) this.#condition.counters.ovsdbTransactions += 1;
    this.#condition.repaired(repaired);
    this.#condition.unassigned(unassigned);
    this.#condition.unjoined(obstacles);
    const applied = this.#isCurrent(observed) ? this.#observe() : undefined;
    if (applied === undefined) return;
    const rival = this.#announce(applied);
    if (rival !== undefined) return this.#refuse(`the datapath id of one of its bridges is that of one of ${rival}`);
    await this.#applyFlows(applied, revision);
  }

  async #applyFlows(observed: ObservedHypervisor, revision: Revision): Promise<void> {
    using turn = await this.#options.turns.take();
    if (!this.#isCurrent(observed)) return;
    const missing = bridgeNames.filter((bridge) => this.#switches.target(bridge) === undefined);
    const obstacle = this.#target.compile(observed);
    if (obstacle !== undefined) return this.#condition.become("preparing", obstacle);
    if (missing.length > 0) return this.#wait(missing);
    // Turns are for the memory that many flows take: with few in hand, nobody has to wait until switches have answered.
    if (this.#target.sizeInHand(this.#switches) <= fewFlows) turn[Symbol.dispose]();
    const outcome = await this.#target.applyFlows(this.#switches, observed);
    this.#condition.counters.flowModsSent += outcome.sent;
    this.#condition.repaired(outcome.repaired);
    if (!outcome.isDone || !this.#isCurrent(observed)) return;
    // One more round lets go of VLANs and tunnels that no flow needs any more.
    if (outcome.letsGo) this.#loop.trigger();
    this.#confirmation.confirm(revision);
    this.#tellPeers();
    const [trouble] = this.#target.tunnelTroubles.values();
    if (trouble !== undefined) return this.#condition.become("preparing", trouble);
    this.#condition.become("ready", "its bridges and flows are what they should be");
  }

  #tellPeers(): void {
    const { peers } = this.#target.plan;
    // That it is ready again tells, too, that what comes through tunnels is taken from now on.
    if (peers === this.#peers && this.#condition.state === "ready") return;
    this.#peers = peers;
    this.#options.listener.applied(peers);
  }

  /** Whether a round that began with `observed` may go on: what was read then is kept current only until the database is lost. */
  #isCurrent({ tables }: ObservedHypervisor): boolean {
    return !this.isDisposed && this.#database.tables === tables;
  }

  /** What its database says now; undefined while it can't be seen, and when it is no longer managed. */
  #observe(): ObservedHypervisor | undefined {
    const { session } = this.#database;
    if (session === undefined || this.isDisposed) return undefined;
    this.#observed ??= observeHypervisor(session.tables, session.address);
    return this.#observed;
  }

  #wait(missing: readonly BridgeName[]): void {
    const waiting = `waiting for ${missing.join(" and ")} to connect by OpenFlow to ${this.#controllerTarget}`;
    const trouble = this.#lacksCertificate() ? noCertificate : this.#switchTrouble;
    this.#condition.become("preparing", trouble === undefined ? waiting : `${waiting}: ${trouble}`);
  }

  #lacksCertificate(): boolean {
    return this.#options.tls !== undefined && this.#database.tables?.SSL.size === 0;
  }

  /** Gives the reason why it can't be managed, if there is one. */
  #identify({ systemId, bridges }: ObservedHypervisor): string | undefined {
    if (systemId !== this.key) {
      const reason = `its system-id is ${systemId ?? "not there"} now, and was ${this.key}`;
      // Whoever it is now is asked when it connects again.
      this.#database.session?.close(reason);
      return reason;
    }
    // The mark of a bridge that we have managed already is put back when somebody takes it away.
    return bridgeNames
      .filter((name) => bridges.get(name)?.uuid !== this.#announced?.rows.get(name))
      .map((name) => foreignBridge(bridges, name))
      .find((reason) => reason !== undefined);
  }

  /** Tells what is new of it. Gives the key of another hypervisor that has one of its bridges already. */
  #announce(observed: ObservedHypervisor): string | undefined {
    const { dpids, rows, ports, endpoint } = observed;
    this.#announced = observed;
    this.#switches.setRows(rows);
    const rival = this.#options.listener.owns(dpids);
    if (rival === undefined) this.#options.listener.seen(ports, endpoint);
    return rival;
  }
}
