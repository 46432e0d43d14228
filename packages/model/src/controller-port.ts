/**
 * What the northbounds need of the controller, whose package they never import. The fabric implements it; tests
 * implement it too.
 */
import type { Ipv4, Revision, Uuid } from "@loomstack/core";
import type { DriftCounts } from "./drift.ts";

/** A hypervisor's Open vSwitch as a client names it. */
export interface NodeName {
  /** The kind of node; "OVS". */
  readonly type: string;
  /** The client's own name for it: a host's UUID, or any text. */
  readonly id: string;
}

/** A hypervisor's Open vSwitch as a client names it, and where its ovsdb-server listens. */
export interface NodeAddress extends NodeName {
  readonly address: Ipv4;
  /** TCP port of ovsdb-server. */
  readonly port: number;
}

export interface Hypervisors {
  /**
   * Connects a hypervisor, prepares its bridges and then makes it part of intent. Idempotent: a node that is ready
   * already is answered at once. A new one that doesn't become ready isn't kept.
   *
   * @throws FABRIC__… when it can't be reached, refuses, or isn't ready when `signal` aborts
   */
  connect(node: NodeAddress, signal: AbortSignal): Promise<HypervisorStatus>;
  /** Forgets a hypervisor; one that isn't known is fine. @throws FABRIC__HYPERVISOR_IN_USE while it holds ports */
  disconnect(type: string, id: string): Promise<void>;
  /**
   * Accepts the hypervisor of this identity when it dials in. Idempotent, also for one that was connected by address.
   *
   * @param certificate the subject of the certificate that it has to show from now on; without it that stays as it is: the
   *   first one that it shows
   * @throws FABRIC__INVALID_SYSTEM_ID
   */
  accept(systemId: string, certificate?: string): Promise<HypervisorStatus>;
  /** As `disconnect`, by identity. @throws MODEL__NOT_FOUND, FABRIC__HYPERVISOR_IN_USE */
  forget(systemId: string): Promise<void>;
  list(): readonly HypervisorStatus[];
  /** The flows that the hypervisor `key` should hold, with the reason for each; none for an unknown key. */
  flows(key: string): readonly FlowDescription[];
}

export interface HypervisorStatus {
  /** Its system-id; while that is not known yet, the name of its node: "OVS/host-1". */
  readonly key: string;
  /** What a client calls it, and where it asked us to connect to; null for one that only dials in. */
  readonly node: NodeName & { readonly address: Ipv4 | null; readonly port: number | null };
  /** `external_ids:system-id` of its Open_vSwitch row: its identity, whatever its name and its address. */
  readonly systemId: string | null;
  /** The connection to its database, in words: "dialled tcp:192.0.2.7:6640", "dialled in from tcp:192.0.2.7:41234". */
  readonly connection: string | null;
  /** The subject of the certificate that it has to show. */
  readonly certificate: string | null;
  readonly state: "connecting" | "preparing" | "ready" | "lost" | "refused";
  /** In words: why it is in this state. */
  readonly reason: string;
  readonly tunnelEndpoint: Ipv4 | null;
  /** The highest revision that this hypervisor has confirmed. */
  readonly realised: Revision;
  readonly bridges: readonly BridgeStatus[];
  readonly counters: HypervisorCounters;
  /** Of `driftRepaired`, how many were of each kind. */
  readonly drift: DriftCounts;
}

/** Since the controller has known the hypervisor. */
export interface HypervisorCounters {
  readonly flowModsSent: number;
  /** Things of ours that others had changed. */
  readonly driftRepaired: number;
  readonly ovsdbTransactions: number;
  /** How often its database, and one of its bridges, was connected. */
  readonly ovsdbConnections: number;
  readonly openflowConnections: number;
  /** Rounds of reconciling, those that failed among them. */
  readonly rounds: number;
  readonly roundsFailed: number;
  /** Packets that its bridges have sent to the controller, and those of them that found too many others waiting. */
  readonly packetsPunted: number;
  readonly puntsDropped: number;
}

export interface BridgeStatus {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly dpid: string;
  readonly connected: boolean;
  /** How many of ours it holds; 0 while it isn't connected. */
  readonly flows: number;
  /** How many of ours it should hold. */
  readonly desiredFlows: number;
}

export interface FlowDescription {
  readonly bridge: string;
  /** In the syntax of ovs-ofctl. */
  readonly flow: string;
  readonly why: string;
  /** The object of intent that the flow is for. */
  readonly owner: string;
}

/**
 * How far the hypervisors have confirmed what intent asks for. Whoever waits is answered when what it waits for has come,
 * when `signal` aborts, or at once where too many wait already.
 */
export interface Realised {
  port(id: Uuid): PortStatus;
  network(id: Uuid): NetworkStatus;
  /** Resolves with the status when the port is ACTIVE, and with what it is by then otherwise. Never rejects. */
  portSettled(id: Uuid, signal: AbortSignal): Promise<PortStatus>;
  /** How far the last change of a network or a port, and of what its flows are made of, has come. */
  object(kind: "network" | "port", id: Uuid): ObjectRealised;
  /** Resolves when all that can be seen have confirmed it. Never rejects. */
  objectRealised(kind: "network" | "port", id: Uuid, signal: AbortSignal): Promise<ObjectRealised>;
  /** The highest revision that every hypervisor concerned has confirmed. */
  revision(): Revision;
  /**
   * Whether `revision` was confirmed by then, by the hypervisor of this key, or without one by every hypervisor and
   * switch that can be seen.
   */
  reached(revision: Revision, signal: AbortSignal, hypervisor?: string): Promise<boolean>;
  /** Who has not confirmed `revision`, of those that `reached` waits for; none once it is reached. */
  lacking(revision: Revision, hypervisor?: string): readonly Lacking[];
}

/** Somebody who has not confirmed all that is asked of it. */
export interface Lacking {
  /** The key of a hypervisor, or the datapath id of a plain switch. */
  readonly who: string;
  /** The revision that it has confirmed; 0 while nobody knows. */
  readonly confirmed: Revision;
  /** In words. */
  readonly reason: string;
}

/** How far the hypervisors that an object concerns have confirmed it. */
export interface ObjectRealised {
  /** Of the last change that concerns it. */
  readonly revision: Revision;
  /** Whether all of them that can be seen have confirmed that. */
  readonly realised: boolean;
  /** In words. */
  readonly reason: string;
  readonly hypervisors: readonly HypervisorRealised[];
}

export interface HypervisorRealised extends Lacking {
  readonly realised: boolean;
}

export interface NetworkStatus {
  /**
   * ACTIVE: every hypervisor that holds the network and can be seen has confirmed its last change. BUILD: not yet. DOWN:
   * the network is administratively down, or none of them can be seen.
   */
  readonly status: "ACTIVE" | "BUILD" | "DOWN";
  /** In words. */
  readonly reason: string;
}

export interface PortStatus {
  /** ACTIVE: packets pass. BUILD: under way. DOWN: nothing is, or can be, in place; `reason` says why. */
  readonly status: "ACTIVE" | "BUILD" | "DOWN";
  /** In words. */
  readonly reason: string;
  /** The hypervisor that holds the port's interface, by key. */
  readonly hypervisor: string | null;
}
