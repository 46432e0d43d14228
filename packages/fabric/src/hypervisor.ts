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
import { type Logger, messageOf, type OfPort, type Revision, type Uuid } from "@loomstack/core";
import type { FlowDescription, HypervisorStatus } from "@loomstack/model";
import { formatFlow, type SwitchConnection } from "@loomstack/openflow";
import type { Encapsulation, PlannedPeer } from "./compile/plan.ts";
import type { DatabaseSession } from "./connecting/database-session.ts";
import { HypervisorDatabase, type Offered } from "./connecting/hypervisor-database.ts";
import { HypervisorCondition } from "./hypervisor-condition.ts";
import type { HypervisorOptions, HypervisorState } from "./hypervisor-options.ts";
import { HypervisorSwitches } from "./hypervisor-switches.ts";
import type { Touched } from "./intent/intent-step.ts";
import { guestTrouble } from "./inventory/interface-trouble.ts";
import { foreignBridge } from "./inventory/observed-bridges.ts";
import { type ObservedHypervisor, observeHypervisor } from "./inventory/observed-hypervisor.ts";
import type { PlannedFlow } from "./pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames, tableOf } from "./pipeline/tables.ts";
import { Confirmation } from "./realised/confirmation.ts";
import { HypervisorTarget } from "./reconcile/hypervisor-target.ts";
import { ReconcileLoop } from "./reconcile/reconcile-loop.ts";

const noCertificate =
  "its switches have no certificate to show (ovs-vsctl set-ssl <key> <certificate> <CA certificate>)";

export class Hypervisor implements Disposable {
  readonly key: string;
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
      logger: this.#logger,
      event: (severity, kind, message) => listener.event(severity, kind, message),
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
      turns: options.turns,
      logger: this.#logger,
      listener: {
        observed: (bridge) => this.#switchObserved(bridge),
        changed: () => this.#loop.trigger(),
        lost: (_bridge, reason) => this.#switchLost(reason),
        rival: (bridge, address) => this.#rivalSwitch(bridge, address),
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
  }

  /** Takes a connection to its database. One that isn't taken is the caller's to close. */
  async attach(session: DatabaseSession): Promise<Offered> {
    return this.#database.offer(session);
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

  get state(): HypervisorState {
    return this.#condition.state;
  }

  get reason(): string {
    return this.#condition.reason;
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

  /** The connection to its database, in words. */
  get reachedBy(): string | undefined {
    return this.#database.session?.words;
  }

  /** The subject of the certificate that it shows. */
  get certificate(): string | undefined {
    return this.#database.session?.certificate;
  }

  /** The revision whose flows its switches hold; 0 while that is not known. */
  get confirmed(): Revision {
    return this.#confirmation.revision;
  }

  /** Whether its database can be seen, and it is ours to manage. */
  get isLive(): boolean {
    return this.#condition.isLive;
  }

  /** Why Open vSwitch has given the port's interface no OpenFlow port, in words; undefined where it has. */
  interfaceTrouble(port: Uuid): string | undefined {
    if (this.#announced?.interfaces.get(port) !== undefined) return undefined;
    const trouble = this.#announced && guestTrouble(this.#announced.bridges, port);
    return `hypervisor ${this.key}: ${trouble ?? "it has no interface with this port's id any more"}`;
  }

  /** Why a tunnel port that it should have can't be made, in words. */
  tunnelTrouble(encapsulation: Encapsulation): string | undefined {
    return this.#target.tunnelTroubles.get(encapsulation);
  }

  /** Whether no local VLAN was left for the network. */
  lacksVlan(network: Uuid): boolean {
    return this.#condition.lacksVlan(network);
  }

  /** The port whose interface has this OpenFlow port on br-int, as its database said last. */
  portAt(ofPort: OfPort): Uuid | undefined {
    return this.#announced?.guests.get(ofPort);
  }

  /** The OpenFlow port where a port is now, once its switches have confirmed flows for it there. */
  confirmedPort(port: Uuid): OfPort | undefined {
    const ofPort = this.#confirmation.ofPortOf(port);
    return ofPort === this.#announced?.interfaces.get(port) ? ofPort : undefined;
  }

  /** Whether its switches have confirmed flows for the port, at the OpenFlow port where it is now. */
  forwards(port: Uuid): boolean {
    return this.confirmedPort(port) !== undefined;
  }

  /** Whether its switches have confirmed flows for the network. */
  carries(network: Uuid): boolean {
    return this.#confirmation.carries(network);
  }

  /** Why no bridge of it leads to a physical network that its ports need; undefined where one does. */
  uplinkObstacle(physicalNetwork: string): string | undefined {
    return this.#condition.uplinkObstacle(physicalNetwork);
  }

  /**
   * The connection of its br-tun and the OpenFlow port of a tunnel there, for a probe; undefined while either is
   * missing.
   */
  tunnelPort(
    encapsulation: Encapsulation,
  ): { readonly connection: SwitchConnection; readonly port: OfPort } | undefined {
    const connection = this.connection("br-tun");
    const port = this.#confirmation.tunnelPort(encapsulation);
    return connection === undefined || port === undefined ? undefined : { connection, port };
  }

  status(): HypervisorStatus {
    return {
      key: this.key,
      ...this.#known(),
      systemId: this.key,
      connection: this.reachedBy ?? null,
      state: this.state,
      reason: this.reason,
      tunnelEndpoint: this.#announced?.endpoint ?? null,
      realised: this.confirmed,
      bridges: [...(this.#announced?.dpids ?? [])].map(([dpid, name]) => ({
        name,
        dpid: dpid.toString(16).padStart(16, "0"),
        connected: this.#switches.target(name) !== undefined,
        flows: this.#switches.target(name)?.size ?? 0,
        desiredFlows: this.#target.plan.desired.of(name).size,
      })),
      counters: { ...this.#condition.counters, ...this.#switches.punts },
      drift: this.#condition.drift,
    };
  }

  flows(): readonly FlowDescription[] {
    return [...this.#target.plan.desired.flows()].map(({ bridge, flow, why, owner }) => ({
      bridge,
      flow: formatFlow(flow, { table: (id) => tableOf(bridge, id)?.name ?? String(id) }),
      why,
      owner,
    }));
  }

  /** The flows that it should hold. */
  planned(): Iterable<PlannedFlow> {
    return this.#target.plan.desired.flows();
  }

  /** Whether it should hold a flow of this identity. */
  plans(bridge: BridgeName, key: string): boolean {
    return this.#target.plan.desired.of(bridge).has(key);
  }

  /** What its database says now; undefined while it can't be seen, and when it isn't ours to manage. */
  get observed(): ObservedHypervisor | undefined {
    return this.isLive ? this.#observe() : undefined;
  }

  /** The connection of a bridge; undefined while it isn't there. */
  connection(bridge: BridgeName): SwitchConnection | undefined {
    return this.#switches.target(bridge)?.connection;
  }

  [Symbol.dispose](): void {
    this.#condition.end();
    this.#loop[Symbol.dispose]();
    this.#database[Symbol.dispose]();
    this.#switches[Symbol.dispose]();
    this.#confirmation.doubt();
  }

  /** What a client has said of it. */
  #known(): Pick<HypervisorStatus, "node" | "certificate"> {
    const { shared, node: unkept } = this.#options;
    const kept = shared.intent.nodes.get(this.key);
    const { type, id, address, port } = kept ?? unkept;
    return { node: { type, id, address, port }, certificate: kept?.certificate ?? null };
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
    if (this.isLive) this.#condition.become("preparing", reason);
  }

  #rivalSwitch(bridge: BridgeName, address: string): void {
    const message = `a switch at ${address} says that it is ${bridge} of hypervisor ${this.key}, which is connected and answers; it is sent away`;
    this.#options.listener.event("warning", "rival-switch", message);
  }

  #roundEnded(durationMs: number): void {
    this.#condition.counters.rounds += 1;
    this.#options.rounds.observe(durationMs);
  }

  #failed(error: unknown): void {
    this.#condition.counters.roundsFailed += 1;
    this.#logger.warn({ error: messageOf(error) }, "reconciling failed; trying again");
    if (this.isLive) this.#condition.become("preparing", messageOf(error));
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
    using _turn = await this.#options.turns.take();
    if (!this.#isCurrent(observed)) return;
    const missing = bridgeNames.filter((bridge) => this.#switches.target(bridge) === undefined);
    const obstacle = this.#target.compile(observed);
    if (obstacle !== undefined) return this.#condition.become("preparing", obstacle);
    if (missing.length > 0) return this.#wait(missing);
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
    if (peers === this.#peers && this.state === "ready") return;
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
