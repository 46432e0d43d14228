import type { OfPort, Revision, Uuid } from "@loomstack/core";
import type { FlowDescription, HypervisorStatus } from "@loomstack/model";
import { formatFlow, type SwitchConnection } from "@loomstack/openflow";
import type { ContestedFlow } from "./compile/desired-flows.ts";
import type { Encapsulation } from "./compile/plan.ts";
import type { SharedPlan } from "./compile/shared-plan.ts";
import type { HypervisorDatabase } from "./connecting/hypervisor-database.ts";
import type { HypervisorCondition } from "./hypervisor-condition.ts";
import type { HypervisorNode, HypervisorState } from "./hypervisor-options.ts";
import type { HypervisorSwitches } from "./hypervisor-switches.ts";
import { guestTrouble } from "./inventory/interface-trouble.ts";
import type { ObservedHypervisor } from "./inventory/observed-hypervisor.ts";
import type { PlannedFlow } from "./pipeline/planned-flow.ts";
import { type BridgeName, tableOf } from "./pipeline/tables.ts";
import type { Confirmation } from "./realised/confirmation.ts";
import type { HypervisorTarget } from "./reconcile/hypervisor-target.ts";

/** The parts of a hypervisor that know something of it. */
export interface HypervisorParts {
  readonly key: string;
  /** For as long as intent doesn't say it. */
  readonly node: HypervisorNode;
  readonly shared: SharedPlan;
  readonly database: HypervisorDatabase;
  readonly switches: HypervisorSwitches;
  readonly target: HypervisorTarget;
  readonly condition: HypervisorCondition;
  readonly confirmation: Confirmation;
  /** What its database says now; undefined while it can't be seen. */
  readonly observe: () => ObservedHypervisor | undefined;
  /** What its database said in the last round. */
  readonly announced: () => ObservedHypervisor | undefined;
}

/** What others may ask of a hypervisor. Asking changes nothing. */
export class HypervisorView {
  readonly key: string;
  readonly #parts: HypervisorParts;

  constructor(parts: HypervisorParts) {
    this.key = parts.key;
    this.#parts = parts;
  }

  get state(): HypervisorState {
    return this.#parts.condition.state;
  }

  get reason(): string {
    return this.#parts.condition.reason;
  }

  /** The connection to its database, in words. */
  get reachedBy(): string | undefined {
    return this.#parts.database.session?.words;
  }

  /** The subject of the certificate that it shows. */
  get certificate(): string | undefined {
    return this.#parts.database.session?.certificate;
  }

  /** The revision whose flows its switches hold; 0 while that is not known. */
  get confirmed(): Revision {
    return this.#parts.confirmation.revision;
  }

  /** Whether its database can be seen, and it is ours to manage. */
  get isLive(): boolean {
    return this.#parts.condition.isLive;
  }

  /** Why Open vSwitch has given the port's interface no OpenFlow port, in words; undefined where it has. */
  interfaceTrouble(port: Uuid): string | undefined {
    const announced = this.#announced;
    if (announced?.interfaces.get(port) !== undefined) return undefined;
    const trouble = announced && guestTrouble(announced.bridges, port);
    return `hypervisor ${this.key}: ${trouble ?? "it has no interface with this port's id any more"}`;
  }

  /** Why a tunnel port that it should have can't be made, in words. */
  tunnelTrouble(encapsulation: Encapsulation): string | undefined {
    return this.#parts.target.tunnelTroubles.get(encapsulation);
  }

  /** Whether no local VLAN was left for the network. */
  lacksVlan(network: Uuid): boolean {
    return this.#parts.condition.lacksVlan(network);
  }

  /** The port whose interface has this OpenFlow port on br-int, as its database said last. */
  portAt(ofPort: OfPort): Uuid | undefined {
    return this.#announced?.guests.get(ofPort);
  }

  /** The OpenFlow port where a port is now, once its switches have confirmed flows for it there. */
  confirmedPort(port: Uuid): OfPort | undefined {
    const ofPort = this.#parts.confirmation.ofPortOf(port);
    return ofPort === this.#announced?.interfaces.get(port) ? ofPort : undefined;
  }

  /** Whether its switches have confirmed flows for the port, at the OpenFlow port where it is now. */
  forwards(port: Uuid): boolean {
    return this.confirmedPort(port) !== undefined;
  }

  /** Whether its switches have confirmed flows for the network. */
  carries(network: Uuid): boolean {
    return this.#parts.confirmation.carries(network);
  }

  /** Why no bridge of it leads to a physical network that its ports need; undefined where one does. */
  uplinkObstacle(physicalNetwork: string): string | undefined {
    return this.#parts.condition.uplinkObstacle(physicalNetwork);
  }

  /**
   * The connection of its br-tun and the OpenFlow port of a tunnel there, for a probe; undefined while either is
   * missing.
   */
  tunnelPort(
    encapsulation: Encapsulation,
  ): { readonly connection: SwitchConnection; readonly port: OfPort } | undefined {
    const connection = this.connection("br-tun");
    const port = this.#parts.confirmation.tunnelPort(encapsulation);
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
        connected: this.#parts.switches.target(name) !== undefined,
        flows: this.#parts.switches.target(name)?.size ?? 0,
        desiredFlows: this.#parts.target.plan.desired.of(name).size,
      })),
      counters: { ...this.#parts.condition.counters, ...this.#parts.switches.punts },
      drift: this.#parts.condition.drift,
    };
  }

  flows(): readonly FlowDescription[] {
    return [...this.#parts.target.plan.desired.flows()].map(({ bridge, flow, why, owner }) => ({
      bridge,
      flow: formatFlow(flow, { table: (id) => tableOf(bridge, id)?.name ?? String(id) }),
      why,
      owner,
    }));
  }

  /** The flows that it should hold, or those of one owner. */
  planned(owner?: string): Iterable<PlannedFlow> {
    return this.#parts.target.plan.desired.flows(owner);
  }

  /** The flows that more than one owner asks for. */
  contested(): readonly ContestedFlow[] {
    return this.#parts.target.plan.desired.contested();
  }

  /** Whether it should hold a flow of this identity. */
  plans(bridge: BridgeName, key: string): boolean {
    return this.#parts.target.plan.desired.of(bridge).has(key);
  }

  /** What its database says now; undefined while it can't be seen, and when it isn't ours to manage. */
  get observed(): ObservedHypervisor | undefined {
    return this.isLive ? this.#parts.observe() : undefined;
  }

  /** The connection of a bridge; undefined while it isn't there. */
  connection(bridge: BridgeName): SwitchConnection | undefined {
    return this.#parts.switches.target(bridge)?.connection;
  }

  get #announced(): ObservedHypervisor | undefined {
    return this.#parts.announced();
  }

  /** What a client has said of it. */
  #known(): Pick<HypervisorStatus, "node" | "certificate"> {
    const { shared, node: unkept } = this.#parts;
    const kept = shared.intent.nodes.get(this.key);
    const { type, id, address, port } = kept ?? unkept;
    return { node: { type, id, address, port }, certificate: kept?.certificate ?? null };
  }
}
