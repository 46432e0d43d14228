/**
 * What the northbounds need to know of switches that connect by OpenFlow, and to want of the plain ones among them. The
 * fabric implements it; tests implement it too. A datapath id is 16 hexadecimal digits in lower case.
 */
import type { Revision, Uuid } from "@loomstack/core";
import type { SwitchTraits } from "./registered-switch.ts";

export interface Switches {
  /** Every switch that is connected or that was added. */
  list(): readonly SwitchStatus[];
  /** @throws MODEL__NOT_FOUND for one that is neither connected nor added */
  get(dpid: string): SwitchDetail;
  /** Asks the switch. @throws MODEL__NOT_FOUND, FABRIC__SWITCH_NOT_CONNECTED, OPENFLOW__… */
  statistics(dpid: string): Promise<SwitchStatistics>;
  /**
   * Adds a switch, connected or not: from now on it may be given flows. Idempotent.
   *
   * @param traits its name, and the certificate that it has to show; default: as they are, or none
   * @throws FABRIC__SWITCH_OF_HYPERVISOR
   */
  register(dpid: string, traits?: SwitchTraits): Promise<SwitchDetail>;
  /** Forgets a switch; its connection ends. @throws MODEL__NOT_FOUND; MODEL__IN_USE while it has static flows */
  unregister(dpid: string): Promise<void>;
  /** The flows that the switch should hold, and whether it does. @throws MODEL__NOT_FOUND */
  flows(dpid: string): readonly StaticFlowStatus[];
  /**
   * Wants one more flow of a switch, which is added if it wasn't yet. Resolves when the switch has taken or refused the
   * flow, at once when it isn't connected, or when `signal` aborts.
   *
   * @throws OPENFLOW__INVALID_TEXT, FABRIC__FLOW_INVALID, FABRIC__FLOW_NOT_EXPRESSIBLE, FABRIC__SWITCH_OF_HYPERVISOR, MODEL__FLOW_EXISTS;
   * nothing was changed then
   */
  addFlow(dpid: string, request: FlowRequest, signal: AbortSignal): Promise<StaticFlowStatus>;
  /**
   * Wants another flow in the place of one that is wanted already, and resolves as `addFlow` does. The switch makes the
   * change at once where it can; until it has taken the new flow it keeps the old one.
   *
   * @throws MODEL__NOT_FOUND, and as `addFlow`; nothing was changed then
   */
  replaceFlow(dpid: string, id: Uuid, request: FlowRequest, signal: AbortSignal): Promise<StaticFlowStatus>;
  /** Resolves as `addFlow` does. @throws MODEL__NOT_FOUND */
  deleteFlow(dpid: string, id: Uuid, signal: AbortSignal): Promise<void>;
  /** What the switch has sent to the controller. @throws MODEL__NOT_FOUND for one that wasn't added */
  packets(dpid: string): PuntedPackets;
}

/** A flow as a client says it: as ovs-ofctl has it, or in its parts. */
export type FlowRequest =
  { readonly flow: string } | (FlowParts & { readonly match: Readonly<Record<string, string | number | boolean>> });

export interface FlowParts {
  readonly table: number;
  readonly priority: number;
  /** As in ovs-actions(7). */
  readonly actions: string | readonly string[];
}

export interface SwitchStatus {
  readonly dpid: string;
  /** What the administrator calls it; null for one that wasn't added. */
  readonly name: string | null;
  /** Whether an administrator has added it. One that wasn't gets no flows. */
  readonly registered: boolean;
  readonly connected: boolean;
  /** Address and port of its end of the connection. */
  readonly address: string | null;
  /**
   * The subject of the certificate that it has to show, the first that it showed or the one that an administrator has
   * named; null for one that has shown none, and of one that wasn't added.
   */
  readonly certificate: string | null;
  /** Of OpenFlow, as spoken with it: "1.3". */
  readonly version: string | null;
  /** The key of the hypervisor that it belongs to: such a switch takes no static flows. */
  readonly hypervisor: string | null;
  readonly state: "discovered" | "hypervisor" | "not-connected" | "preparing" | "ready";
  /** In words: why it is in this state. */
  readonly reason: string;
  /** The revision up to which its flows are settled: taken or refused. */
  readonly realised: Revision;
  readonly flows: { readonly wanted: number; readonly installed: number; readonly refused: number };
  /** Null while it isn't connected or wasn't looked at yet, and for one that wasn't added. */
  readonly puntMeter: PuntMeterStatus | null;
  readonly counters: SwitchCounters;
}

/** Whether the switch itself drops packets to the controller beyond a rate, so that a flood of them isn't even sent. */
export interface PuntMeterStatus {
  readonly metered: boolean;
  /** In words. */
  readonly reason: string;
}

/** Since the controller started. */
export interface SwitchCounters {
  readonly flowModsSent: number;
  readonly driftRepaired: number;
  readonly connections: number;
  readonly packetsPunted: number;
}

export interface SwitchDetail extends SwitchStatus {
  /** Null while it isn't connected, or hasn't told. */
  readonly description: SwitchDescriptionText | null;
  readonly ports: readonly SwitchPort[];
}

/** What its maker says of it. */
export interface SwitchDescriptionText {
  readonly manufacturer: string;
  readonly hardware: string;
  readonly software: string;
  readonly serialNumber: string;
  readonly datapath: string;
}

export interface SwitchPort {
  /** As ovs-ofctl writes it: "1", "LOCAL". */
  readonly port: string;
  readonly name: string;
  readonly mac: string;
  /** What it is set to (portDown, noForward, …). */
  readonly config: readonly string[];
  /** What it is in (linkDown, blocked, live). */
  readonly state: readonly string[];
  readonly speedKbps: number;
}

/** Counters as decimal text, because they have 64 bits; null for one that the switch doesn't count. */
export interface SwitchStatistics {
  readonly ports: readonly PortCounters[];
  /** The tables that hold flows or were looked at. */
  readonly tables: readonly TableCounters[];
  /** How many tables it has. */
  readonly tableCount: number;
}

export interface PortCounters {
  readonly port: string;
  readonly rxPackets: string | null;
  readonly txPackets: string | null;
  readonly rxBytes: string | null;
  readonly txBytes: string | null;
  readonly rxDropped: string | null;
  readonly txDropped: string | null;
  readonly rxErrors: string | null;
  readonly txErrors: string | null;
}

export interface TableCounters {
  readonly table: number;
  /** Flows in it. */
  readonly active: number;
  readonly lookups: string | null;
  readonly matched: string | null;
}

export interface StaticFlowStatus {
  readonly id: Uuid;
  readonly table: number;
  readonly priority: number;
  readonly match: string;
  readonly actions: string;
  readonly revision: Revision;
  /** `refused`: by the switch, with its error as the reason; or left out, because somebody else's flow is there. */
  readonly state: "installed" | "refused" | "pending" | "not-connected";
  /** In words: why it is in this state. */
  readonly reason: string;
  /** What may not be meant so: ports that the switch doesn't have at present. */
  readonly warnings: readonly string[];
}

/** The packets that a switch has sent to the controller since that started, and the last of them. */
export interface PuntedPackets {
  readonly count: number;
  readonly last: readonly PuntedPacket[];
}

export interface PuntedPacket {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly inPort: string;
  readonly table: number | null;
  /** The static flow that has sent it. */
  readonly flow: Uuid | null;
  readonly reason: string;
  /** Bytes of the whole packet. */
  readonly totalBytes: number;
  /** Its first bytes, in hexadecimal. */
  readonly start: string;
}
