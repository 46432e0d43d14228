/** What northbounds may ask of why flows are there, and of where packets go. The fabric implements it. */
import type { Ip, Mac, Uuid } from "@loomstack/core";
import type { FlowDescription } from "./controller-port.ts";

export interface Explanations {
  /**
   * Which intent made the flows that have to do with an object, and why.
   *
   * @throws MODEL__NOT_FOUND, FABRIC__OTHER_KIND; OPENFLOW__INVALID_TEXT for a flow that can't be read
   */
  explain(subject: ExplainedSubject): Explanation;
  /**
   * Walks a packet over the flows that the switches hold at this moment.
   *
   * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE
   */
  trace(request: TraceRequest): Promise<Trace>;
  /**
   * Traces a packet as `trace` does, then sends a real one, marked, at the port's place, and tells which tables saw it.
   *
   * @throws MODEL__NOT_FOUND for the port; FABRIC__PACKET_IMPOSSIBLE, FABRIC__LIVE_TRACE_IMPOSSIBLE,
   *   FABRIC__LIVE_TRACE_LIMITED; OPENFLOW__… when a switch doesn't take what watches the packet
   */
  traceLive(request: LiveTraceRequest): Promise<Trace>;
}

export const explainedKinds = ["port", "network", "hypervisor", "flow"] as const;

export interface ExplainedSubject {
  readonly kind: (typeof explainedKinds)[number];
  /** The object's id; a hypervisor's system-id or name ("OVS/host-1"); of a flow its cookie or its text, as a dump has it. */
  readonly id: string;
}

export interface Explanation {
  /** In a sentence. */
  readonly summary: string;
  readonly flows: readonly ExplainedFlow[];
}

export interface ExplainedFlow extends FlowDescription {
  /** Key of the hypervisor that should hold it. */
  readonly hypervisor: string;
  /** The table's name in the pipeline. */
  readonly table: string;
  /** What of the controller made it. */
  readonly feature: string;
  /** Who else asks for a flow with this table, priority and match: a switch holds one of them. */
  readonly alsoFor: readonly string[];
}

export interface TraceRequest {
  /** The port whose guest sends the packet. */
  readonly from: Uuid;
  readonly to: Ip | Mac;
  readonly protocol: TraceProtocol;
  /** Default: the port's own. */
  readonly sourceMac?: Mac | undefined;
  /** Default: the port's own of that version. */
  readonly sourceIp?: Ip | undefined;
  /** Bytes of the IP packet. Default: what a guest would send. */
  readonly size?: number | undefined;
}

/** Over the flows that switches hold, or with a real packet besides. */
export const traceModes = ["held", "live"] as const;

export interface LiveTraceRequest extends TraceRequest {
  /** Whether the guest that it is for gets it; otherwise it is stopped in the last table before. */
  readonly deliver: boolean;
}

/**
 * `arp` asks who has the address, in neighbour discovery where that is an IPv6 one; `rs` is a router solicitation, to all
 * routers (`ff02::2`).
 */
export type TraceProtocol =
  { readonly name: "icmp" | "arp" | "rs" } | { readonly name: "tcp" | "udp"; readonly destinationPort: number };

export interface Trace {
  /** The packet as the guest sends it, in the syntax of ovs-fields(7). */
  readonly packet: string;
  /** Bytes of the IP packet, or of ARP's. */
  readonly bytes: number;
  /** Why it is this packet, where that isn't plain. */
  readonly remark: string | null;
  /** The tables that saw it, in order. */
  readonly steps: readonly TraceStep[];
  /** Where it came to an end; a broadcast has several. */
  readonly ends: readonly TraceEnd[];
  /** Whether it, or its answer, got to whom it is for. */
  readonly reached: boolean;
  /** Where it ended, and why it stopped there, in one sentence. */
  readonly verdict: string;
  /** What was seen of a real packet; null where none was sent. */
  readonly live: LiveSightings | null;
}

export interface LiveSightings {
  /** How many were sent: another one where a table that should have seen the first one didn't. */
  readonly packetsSent: number;
  /** The bridges whose switches didn't take what watches a packet, each with the reason: nothing was seen there. */
  readonly unwatched: readonly UnwatchedBridge[];
  /** The first that each table saw, in time. */
  readonly seen: readonly Sighting[];
  /** Whether an answer came back to where the packet was sent from; null where none could be expected. */
  readonly answered: boolean | null;
}

export interface UnwatchedBridge {
  readonly hypervisor: string;
  readonly bridge: string;
  readonly reason: string;
}

export interface Sighting {
  readonly what: "packet" | "answer";
  readonly hypervisor: string;
  readonly bridge: string;
  /** As in TraceStep. */
  readonly table: string;
  /** Since the first packet was sent, when the controller was told of it; milliseconds. */
  readonly afterMs: number;
}

/** A packet in a table. */
export interface TraceStep {
  /** How many bridges it has passed before, on this way. */
  readonly depth: number;
  readonly hypervisor: string;
  readonly bridge: string;
  /** Its name in the pipeline, or the number of a table that isn't of the pipeline. */
  readonly table: string;
  /** The packet as the table saw it. */
  readonly packet: string;
  /** The flow that took it, in the syntax of ovs-ofctl; null where none did. */
  readonly flow: string | null;
  /** Who made the flow; null where it isn't one of ours. */
  readonly feature: string | null;
  readonly owner: string | null;
  readonly why: string | null;
  /** What else there is to say: where the packet went, and what isn't as it should be. */
  readonly remarks: readonly string[];
}

export const traceEndKinds = ["delivered", "answered", "dropped", "punted", "left", "outside", "unclear"] as const;

export interface TraceEnd {
  /**
   * Delivered to a guest; answered, by the switch to the guest that sent it, or by the controller, which speaks for the
   * network itself; dropped; punted to the controller; left by a port that is no guest's; outside, in a physical network;
   * unclear where we can't see or understand.
   */
  readonly kind: (typeof traceEndKinds)[number];
  readonly hypervisor: string;
  readonly bridge: string;
  /** The guest's port that it was output to; null where it was to none. */
  readonly port: Uuid | null;
  /** In words. */
  readonly text: string;
}
