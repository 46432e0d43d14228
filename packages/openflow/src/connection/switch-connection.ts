import type { Dpid, Listeners, LoomstackError, OfPort } from "@loomstack/core";
import type { Flow } from "../of13/flow.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { FlowRemoved } from "../of13/messages/flow-removed.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import type { PortStatus } from "../of13/messages/port-status.ts";
import type { Message, Received, ReceivedMessage } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import type { Request } from "../of13/requests.ts";
import type { UnreadFlow } from "../of13/multipart/unread-flow.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import type { PuntCounters } from "./punted-packets.ts";

/** Which flows of a switch: all of those that each member asks for. */
export interface FlowSelection {
  readonly cookie?: bigint;
  /** Which bits of the cookie count; all of them without. */
  readonly cookieMask?: bigint;
  readonly tableId?: number;
}

/**
 * A switch that has completed the handshake. Whatever version it speaks, the values are the same; what its version can't
 * say is refused with OPENFLOW__UNSUPPORTED_BY_VERSION before anything is sent.
 *
 * A connection is not opened again when it ends: the switch connects anew (or whoever dialled it dials again), and what
 * the old connection had asked for (roles, monitors, what is told unasked, packet formats) has to be asked for again.
 * Auxiliary connections of a switch are refused.
 *
 * Reading never pauses: replies must not wait for packets. Packets for the controller have a bounded queue of their own
 * (`punted`); everything else is either bounded by a limit of the connection or handled at once.
 *
 * Every promise that it gives is rejected with a LoomstackError: OPENFLOW__REQUEST_REFUSED or
 * OPENFLOW__UNSUPPORTED_REQUEST with the switch's own error, OPENFLOW__REPLY_TIMEOUT, or OPENFLOW__CONNECTION_CLOSED.
 * Listeners must not throw; one that does closes the connection.
 */
export interface SwitchConnection {
  readonly dpid: Dpid;
  readonly version: OpenFlowVersion;
  /** What the switch said that it can do when it connected. */
  readonly features: Received<"featuresReply">;
  /** Address and port of the switch's end. */
  readonly remoteAddress: string;
  /** The subject of the switch's certificate; undefined in the clear. */
  readonly peerSubject: string | undefined;
  /**
   * Kept up to date with what the switch tells; a port is in the map before `portStatus` tells of it. A switch doesn't
   * tell what a `portMod` of this connection has changed.
   */
  readonly ports: ReadonlyMap<OfPort, PortDescription>;
  /**
   * Told when everything else that has arrived is done, and only so many at a time. Listeners that need longer than that
   * take a PacketInbox.
   */
  readonly packetIns: Listeners<PacketIn>;
  /** What became of the packets that the switch has sent so far. */
  readonly punted: PuntCounters;
  readonly portStatus: Listeners<PortStatus>;
  readonly flowsRemoved: Listeners<FlowRemoved>;
  /** After monitorFlows: changes that somebody else made. */
  readonly flowUpdates: Listeners<readonly FlowUpdate[]>;
  /** What comes unasked and has no listeners of its own: paused packets, other controllers' changes, unknown kinds. */
  readonly messages: Listeners<ReceivedMessage>;
  /** Resolves when the connection is over; to the reason, unless we closed it. */
  readonly closed: Promise<LoomstackError | undefined>;

  /**
   * Sends a message that isn't answered.
   *
   * @throws OPENFLOW__CONNECTION_CLOSED, OPENFLOW__SEND_BUFFER_EXCEEDED, WIRE__OUT_OF_RANGE
   */
  send(message: Message): void;
  /**
   * Sends messages that aren't answered, at the pace of the switch, and resolves once it has carried them out. Not
   * atomic: the others count, also behind one that is refused.
   *
   * @throws OPENFLOW__MESSAGE_REFUSED with the switch's error for the first message that it didn't take
   */
  apply(messages: readonly Message[]): Promise<void>;
  /** Sends a request, and collects its reply. */
  request<Reply>(request: Request<Reply>): Promise<Reply>;
  /**
   * As dumpFlows, but gives what `each` makes of each flow while it comes in, who may know it by its bytes. OpenFlow 1.3
   * alone.
   *
   * @throws OPENFLOW__UNSUPPORTED_BY_VERSION
   */
  dumpFlowsUnread<Each>(filter: FlowSelection, each: (flow: UnreadFlow) => Each): Promise<readonly Each[]>;
  dumpFlows(filter?: FlowSelection): Promise<readonly Flow[]>;
  /**
   * Makes all changes at once, in their order, or none. OpenFlow 1.0 has no bundles.
   *
   * @throws OPENFLOW__FLOW_REFUSED with the switch's error for the first flow that it didn't take
   */
  applyBundle(mods: readonly FlowMod[]): Promise<void>;
  /**
   * Starts `flowUpdates`, once. What changes after it has resolved is told.
   *
   * @throws OPENFLOW__UNSUPPORTED_REQUEST, and OPENFLOW__UNSUPPORTED_BY_VERSION in OpenFlow 1.0
   */
  monitorFlows(): Promise<void>;
  /**
   * A primary controller makes the one before it a secondary one, which may only watch.
   *
   * @param generationId grows with each change of the primary; a switch refuses an older one with OFPRRFC_STALE. In
   *   OpenFlow 1.0, where the role is Nicira's, it isn't told
   */
  setRole(role: "primary" | "secondary" | "equal", generationId: bigint): Promise<void>;
  /** Resolves once the switch has done all that was sent before. */
  barrier(): Promise<void>;
  /**
   * From now on a loss of the switch is noticed within 5 s rather than 20 s, for as long as it has nothing of ours to do:
   * for switches whose loss matters to others, and that aren't slow to answer.
   */
  watchClosely(): void;
  /** Sends what waits to be sent, and ends the connection. @param reason for the errors of requests that still wait */
  close(reason: string): void;
}
