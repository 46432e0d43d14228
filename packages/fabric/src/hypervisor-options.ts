import type { Clock, Dpid, DurationHistogram, Ipv4, Logger, TlsIdentity, Uuid } from "@loomstack/core";
import type { HypervisorStatus } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import type { PlannedPeer } from "./compile/plan.ts";
import type { SharedPlan } from "./compile/shared-plan.ts";
import type { TellEvent } from "./event-throttle.ts";
import type { BridgeName } from "./pipeline/tables.ts";
import type { ReadFlows } from "./reconcile/read-flows.ts";
import type { Turns } from "./reconcile/turns.ts";

export type HypervisorState = HypervisorStatus["state"];
/** What a client calls it, and where it is dialled. */
export type HypervisorNode = HypervisorStatus["node"];

/** What a hypervisor tells the controller. */
export interface HypervisorListener {
  /** Its database was read: these ports' interfaces are there, tunnels end there. */
  seen(ports: ReadonlySet<Uuid>, endpoint: Ipv4): void;
  /** Its state, its reason or its confirmed revision may have changed. */
  changed(): void;
  /** Its database can't be seen any more. */
  lost(): void;
  /** Bridges of these datapath ids are its own. Gives the key of another hypervisor that has one of them already. */
  owns(dpids: ReadonlyMap<Dpid, BridgeName>): string | undefined;
  /**
   * Flows are in place that let these hypervisors be reached; the same array for as long as nothing changes. Told when
   * they are others, and when the hypervisor has become ready.
   */
  applied(peers: readonly PlannedPeer[]): void;
  /** Its switch was away and is back. */
  reconnected(): void;
  /** `bridge` has shown us a packet. */
  packetIn(bridge: BridgeName, packet: PacketIn): void;
  readonly event: TellEvent;
}

export interface HypervisorOptions {
  /** Its system-id. */
  readonly key: string;
  /** For as long as intent doesn't say it. */
  readonly node: HypervisorNode;
  readonly shared: SharedPlan;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The generation id of this controller's role requests. */
  readonly epoch: bigint;
  /** For what takes much memory while it lasts; the same for all hypervisors. */
  readonly turns: Turns;
  /** What is known of flows that switches tell; the same for all hypervisors. */
  readonly readFlows: ReadFlows;
  /** How long rounds of reconciling take; the same for all hypervisors. */
  readonly rounds: DurationHistogram;
  /** Who we are to its switches; undefined for OpenFlow in the clear. */
  readonly tls: TlsIdentity | undefined;
  /** The OpenFlow target for a bridge, from our end of the OVSDB connection: `tcp:192.0.2.1:6653`. */
  readonly controllerTarget: (localAddress: string | undefined) => string;
  readonly listener: HypervisorListener;
}
