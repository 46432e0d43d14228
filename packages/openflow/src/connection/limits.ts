/** Bounds of one connection. Each has a default that suits a switch with hundreds of thousands of flows. */
export interface ConnectionLimits {
  readonly handshakeTimeoutMs: number;
  /** How long a switch may take for a reply, or for the next part of it. */
  readonly replyTimeoutMs: number;
  /** The most entries of one reply, such as flows of one dump. */
  readonly mostReplyEntries: number;
  /**
   * Bytes that may wait to be sent before the peer is given up. Bulk transfers go at the peer's pace, and never come
   * near.
   */
  readonly mostSendBytes: number;
  /**
   * Packets from the switch that may wait for their listeners; more are dropped and counted. They wait until everything
   * else that has arrived is done.
   */
  readonly mostWaitingPackets: number;
  /** Bytes of those packets. */
  readonly mostWaitingPacketBytes: number;
}

export const defaultLimits: ConnectionLimits = {
  handshakeTimeoutMs: 10_000,
  replyTimeoutMs: 30_000,
  mostReplyEntries: 2_000_000,
  mostSendBytes: 16 << 20,
  mostWaitingPackets: 4096,
  mostWaitingPacketBytes: 4 << 20,
};

/** How often a connection looks at its clock: one that is to be given up soon more often. */
export const tickMs = { patient: 1000, prompt: 500 } as const;
