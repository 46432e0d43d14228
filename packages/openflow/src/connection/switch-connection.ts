import type { Dpid, Listeners, LoomstackError, OfPort } from "@loomstack/core";
import type { Flow } from "../of13/flow.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { FlowRemoved } from "../of13/messages/flow-removed.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import type { PortStatus } from "../of13/messages/port-status.ts";
import type { Message } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import type { Request } from "../of13/requests.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";

/**
 * A switch that has completed the handshake.
 *
 * Every promise that it gives is rejected with a LoomstackError: OPENFLOW__REQUEST_REFUSED or
 * OPENFLOW__UNSUPPORTED_REQUEST with the switch's own error, OPENFLOW__REPLY_TIMEOUT, or OPENFLOW__CONNECTION_CLOSED.
 * Listeners must not throw; one that does closes the connection.
 */
export interface SwitchConnection {
  readonly dpid: Dpid;
  /** Address and port of the switch's end. */
  readonly remoteAddress: string;
  /** Kept up to date; a port is in the map before `portStatus` tells of it. */
  readonly ports: ReadonlyMap<OfPort, PortDescription>;
  readonly packetIns: Listeners<PacketIn>;
  readonly portStatus: Listeners<PortStatus>;
  readonly flowsRemoved: Listeners<FlowRemoved>;
  /** After monitorFlows: changes that somebody else made. */
  readonly flowUpdates: Listeners<readonly FlowUpdate[]>;
  /** Resolves when the connection is over; to the reason, unless we closed it. */
  readonly closed: Promise<LoomstackError | undefined>;

  /**
   * Sends a message that isn't answered.
   *
   * @throws OPENFLOW__CONNECTION_CLOSED, OPENFLOW__SEND_BUFFER_EXCEEDED, WIRE__OUT_OF_RANGE
   */
  send(message: Message): void;
  /** Sends a request, and collects its reply. */
  request<Reply>(request: Request<Reply>): Promise<Reply>;
  dumpFlows(filter?: {
    readonly cookie?: bigint;
    readonly cookieMask?: bigint;
    readonly tableId?: number;
  }): Promise<readonly Flow[]>;
  /**
   * Makes all changes at once, in their order, or none. @throws OPENFLOW__FLOW_REFUSED with the switch's error for the
   * first flow that it didn't take
   */
  applyBundle(mods: readonly FlowMod[]): Promise<void>;
  /** Starts `flowUpdates`, once. What changes after it has resolved is told. @throws OPENFLOW__UNSUPPORTED_REQUEST */
  monitorFlows(): Promise<void>;
  /** @param generationId grows with each change of the primary; a switch refuses an older one */
  setRole(role: "primary" | "secondary" | "equal", generationId: bigint): Promise<void>;
  /** Resolves once the switch has done all that was sent before. */
  barrier(): Promise<void>;
  /** Sends what waits to be sent, and ends the connection. @param reason for the errors of requests that still wait */
  close(reason: string): void;
}
