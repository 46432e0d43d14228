/**
 * One hypervisor, kept right. A single loop looks at what its database and its switches hold, computes what they should
 * hold, and sends the difference:
 *
 *     replica of its database ─► bridges that should be ─► one OVSDB transaction
 *     intent + its OpenFlow port numbers ─► flows that should be ─► one bundle for each bridge ─► confirmed revision
 *
 * Whatever may matter triggers the loop: a step of intent that concerns the hypervisor, a change in its database, a
 * switch that connects, a flow that others changed.
 */
import { type Dpid, type Ipv4, type Logger, messageOf, type OfPort, type Revision, type Uuid } from "@loomstack/core";
import { type FlowDescription, type HypervisorStatus, type NodeAddress, nodeKey } from "@loomstack/model";
import { formatFlow, type SwitchConnection } from "@loomstack/openflow";
import { compileFlows } from "./compile/flows.ts";
import { compilePlan, encapsulationsOn, networksOn } from "./compile/compile-plan.ts";
import { desiredBridges, tunnelPortName } from "./compile/desired-bridges.ts";
import { assignLocalVlans } from "./compile/local-vlans.ts";
import type { Encapsulation, HypervisorPlan } from "./compile/plan.ts";
import type { HypervisorOptions, HypervisorState } from "./hypervisor-options.ts";
import { everythingPresent, type Held, heldBy, isMoreThanHeld, vlansOf } from "./inventory/held.ts";
import type { HypervisorTables } from "./inventory/monitored.ts";
import {
  datapathTypeOf,
  dpidOf,
  foreignBridge,
  guestInterfaces,
  localInventory,
  observedBridges,
  type ObservedBridge,
  systemIdOf,
  tunnelEndpointOf,
} from "./inventory/observed-bridges.ts";
import { OvsdbLink } from "./inventory/ovsdb-link.ts";
import type { PlannedFlow } from "./pipeline/planned-flow.ts";
import { type BridgeName, tableOf } from "./pipeline/tables.ts";
import { BridgeTarget } from "./reconcile/bridge-target.ts";
import { FlowTarget } from "./reconcile/flow-target.ts";
import { ReconcileLoop } from "./reconcile/reconcile-loop.ts";

const nothing = 0 as Revision;

export class Hypervisor implements Disposable {
  readonly key: string;
  readonly node: NodeAddress;
  readonly #options: HypervisorOptions;
  readonly #logger: Logger;
  readonly #link: OvsdbLink;
  readonly #bridgeTarget: BridgeTarget;
  readonly #loop: ReconcileLoop;
  readonly #targets = new Map<BridgeName, FlowTarget>();
  #state: HypervisorState = "connecting";
  #reason = "connecting";
  #hasFailed = false;
  #systemId: string | undefined;
  #endpoint: Ipv4;
  #controllerTarget = "";
  #confirmed: Revision = nothing;
  #planned: readonly PlannedFlow[] = [];
  #held: Held | undefined;
  #dpids: ReadonlyMap<Dpid, BridgeName> = new Map();
  #interfaces: ReadonlyMap<Uuid, OfPort | undefined> = new Map();
  readonly #counters = { flowModsSent: 0, driftRepaired: 0, ovsdbTransactions: 0 };

  constructor(options: HypervisorOptions) {
    this.#options = options;
    this.node = options.node;
    this.key = nodeKey(options.node);
    this.#endpoint = options.node.address;
    this.#logger = options.logger.child({ hypervisor: this.key });
    const { clock, random } = options;
    this.#loop = new ReconcileLoop({
      clock,
      random,
      backoff: { firstMs: 100, limitMs: 5_000 },
      work: async () => this.#reconcile(),
      failed: (error) => this.#failed(error),
    });
    this.#link = new OvsdbLink({
      remote: `tcp:${options.node.address}:${options.node.port}`,
      clock,
      random,
      logger: this.#logger,
      listener: {
        up: (local) => this.#up(local),
        changed: () => this.#loop.trigger(),
        down: (reason) => this.#down(reason),
      },
    });
    this.#bridgeTarget = new BridgeTarget(this.#link);
  }

  start(): void {
    this.#link.start();
  }

  /** Looks again: intent that concerns this hypervisor changed. */
  trigger(): void {
    this.#loop.trigger();
  }

  /** Takes over the connection of one of its bridges. */
  adopt(bridge: BridgeName, connection: SwitchConnection): void {
    void this.#adopt(bridge, connection);
  }

  get state(): HypervisorState {
    return this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Whether an attempt to connect has failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get systemId(): string | undefined {
    return this.#systemId;
  }

  get confirmed(): Revision {
    return this.#confirmed;
  }

  /** Whether it can be seen, database and switches. */
  get isLive(): boolean {
    return this.#state === "ready" || this.#state === "preparing";
  }

  hasInterface(port: Uuid): boolean {
    return this.#interfaces.get(port) !== undefined;
  }

  /**
   * The connection of its br-tun and the OpenFlow port of a tunnel there, for a probe; undefined while either is
   * missing.
   */
  tunnelPort(
    encapsulation: Encapsulation,
  ): { readonly connection: SwitchConnection; readonly port: OfPort } | undefined {
    const connection = this.#targets.get("br-tun")?.connection;
    const tables = this.#link.tables;
    if (connection === undefined || tables === undefined) return undefined;
    const row = observedBridges(tables).get("br-tun")?.ports.get(tunnelPortName(encapsulation))?.interfaces[0]?.row;
    const ofport = Number(row?.ofport ?? 0);
    return ofport > 0 ? { connection, port: ofport as OfPort } : undefined;
  }

  status(): HypervisorStatus {
    return {
      key: this.key,
      node: this.node,
      systemId: this.#systemId ?? null,
      state: this.#state,
      reason: this.#reason,
      tunnelEndpoint: this.#systemId === undefined ? null : this.#endpoint,
      realised: this.#confirmed,
      bridges: [...this.#dpids].map(([dpid, name]) => ({
        name,
        dpid: dpid.toString(16).padStart(16, "0"),
        connected: this.#targets.has(name),
        flows: this.#targets.get(name)?.size ?? 0,
      })),
      counters: { ...this.#counters },
    };
  }

  flows(): readonly FlowDescription[] {
    return this.#planned.map(({ bridge, flow, why, owner }) => ({
      bridge,
      flow: formatFlow(flow, { table: (id) => tableOf(bridge, id)?.name ?? String(id) }),
      why,
      owner,
    }));
  }

  [Symbol.dispose](): void {
    this.#loop[Symbol.dispose]();
    this.#link[Symbol.dispose]();
    const targets = [...this.#targets.values()];
    this.#targets.clear();
    for (const target of targets) target.connection.close("the hypervisor is no longer managed");
  }

  #up(localAddress: string | undefined): void {
    this.#controllerTarget = this.#options.controllerTarget(localAddress);
    this.#become("preparing", "its database is read");
    this.#loop.trigger();
  }

  #down(reason: string): void {
    this.#hasFailed = true;
    this.#options.listener.lost();
    this.#become(this.#systemId === undefined ? "connecting" : "lost", reason);
  }

  #failed(error: unknown): void {
    this.#logger.warn({ error: messageOf(error) }, "reconciling failed; trying again");
    if (this.#state === "ready" || this.#state === "preparing") this.#become("preparing", messageOf(error));
  }

  #become(state: HypervisorState, reason: string): void {
    if (state !== this.#state) {
      this.#logger.info({ state, reason }, "hypervisor state");
      const severity = state === "lost" || state === "refused" ? "warning" : "info";
      if (state !== "preparing")
        this.#options.listener.event(severity, `hypervisor-${state}`, `hypervisor ${this.key} is ${state}: ${reason}`);
    }
    this.#state = state;
    this.#reason = reason;
    this.#options.listener.changed();
  }

  async #reconcile(): Promise<void> {
    const tables = this.#link.tables;
    if (tables === undefined) return;
    const refusal = this.#identify(tables);
    if (refusal !== undefined) return this.#become("refused", refusal);
    const { intent } = this.#options;
    const revision = intent.revision;
    await this.#reconcileBridges(tables);
    const bridges = observedBridges(tables);
    this.#announce(bridges);
    const inventory = localInventory(bridges, encapsulationsOn(intent, this.key));
    if (typeof inventory === "string") return this.#become("preparing", inventory);
    if (this.#targets.size < this.#dpids.size || this.#dpids.size < 2)
      return this.#become("preparing", "waiting for its bridges to connect by OpenFlow");
    const plan = compilePlan(intent, this.key, inventory);
    await this.#reconcileFlows(plan);
    // Flows no longer refer to what they referred to: one more round lets go of VLANs and tunnels that nothing needs.
    if (isMoreThanHeld(bridges, heldBy(plan))) this.#loop.trigger();
    this.#confirmed = revision;
    this.#become("ready", "its bridges and flows are what they should be");
  }

  /** Gives the reason why it can't be managed, if there is one. */
  #identify(tables: HypervisorTables): string | undefined {
    const systemId = systemIdOf(tables);
    if (systemId === undefined) return "its database has no Open_vSwitch row: is ovs-vswitchd set up (ovs-vsctl init)?";
    const rival = this.#options.listener.rival(systemId);
    if (rival !== undefined) return `its system-id ${systemId} is that of ${rival}, too: one of them is a clone`;
    this.#systemId = systemId;
    this.#endpoint = tunnelEndpointOf(tables, this.node.address);
    const bridges = observedBridges(tables);
    return foreignBridge(bridges, "br-int") ?? foreignBridge(bridges, "br-tun");
  }

  async #reconcileBridges(tables: HypervisorTables): Promise<void> {
    const { intent } = this.#options;
    const bridges = observedBridges(tables);
    const held = this.#held ?? everythingPresent(bridges);
    const { vlans, unassigned } = assignLocalVlans(vlansOf(bridges), networksOn(intent, this.key), held.networks);
    for (const network of unassigned) this.#logger.error({ network }, "no local VLAN is left for this network");
    const desired = desiredBridges({
      datapathType: datapathTypeOf(tables, bridges),
      controller: this.#controllerTarget,
      vlans,
      encapsulations: encapsulationsOn(intent, this.key).union(held.encapsulations),
    });
    const { sent, repaired } = await this.#bridgeTarget.apply(tables, desired);
    if (sent) this.#counters.ovsdbTransactions += 1;
    if (repaired) this.#repaired(["bridges or ports in its database"]);
  }

  #announce(bridges: ReadonlyMap<string, ObservedBridge>): void {
    const dpids = new Map<Dpid, BridgeName>();
    for (const name of ["br-int", "br-tun"] as const) {
      const dpid = dpidOf(bridges.get(name));
      if (dpid !== undefined) dpids.set(dpid, name);
    }
    this.#dpids = dpids;
    this.#interfaces = guestInterfaces(bridges);
    this.#options.listener.owns(dpids);
    this.#options.listener.seen(new Set(this.#interfaces.keys()), this.#endpoint);
  }

  async #reconcileFlows(plan: HypervisorPlan): Promise<void> {
    const planned = compileFlows(plan);
    for (const [bridge, target] of this.#targets) {
      const { sent, repaired } = await target.apply(planned.filter((flow) => flow.bridge === bridge));
      this.#counters.flowModsSent += sent;
      if (repaired.length > 0) this.#repaired(repaired.map((flow) => `flow of ${bridge}: ${flow}`));
    }
    this.#planned = planned;
    this.#held = heldBy(plan);
    this.#options.listener.applied(plan);
  }

  #repaired(what: readonly string[]): void {
    this.#counters.driftRepaired += what.length;
    for (const thing of what.slice(0, 10)) {
      this.#options.listener.event(
        "warning",
        "drift-repaired",
        `somebody else changed what is ours on hypervisor ${this.key}; put back: ${thing}`,
      );
    }
  }

  async #adopt(bridge: BridgeName, connection: SwitchConnection): Promise<void> {
    try {
      await connection.setRole("primary", this.#options.epoch);
      const target = await FlowTarget.observe(bridge, connection, this.#logger, () => this.#loop.trigger());
      this.#targets.get(bridge)?.connection.close("the bridge connected anew");
      this.#targets.set(bridge, target);
    } catch (error) {
      this.#logger.warn({ bridge, error: messageOf(error) }, "the bridge connected, but could not be observed");
      connection.close(messageOf(error));
      return;
    }
    connection.packetIns.add((packet) => this.#options.listener.packetIn(packet));
    if (bridge === "br-tun") this.#options.listener.reconnected();
    this.#loop.trigger();
    const error = await connection.closed;
    // After disposal, or once the bridge has connected anew, this connection is nobody's.
    if (this.#targets.get(bridge)?.connection !== connection) return;
    this.#targets.delete(bridge);
    if (this.#link.tables !== undefined)
      this.#become("preparing", `${bridge} lost its OpenFlow connection: ${error?.message ?? "closed"}`);
  }
}
