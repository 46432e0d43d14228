import { defaultFramingLimits, type FramingLimits } from "./framing.ts";

/** What a peer can make us keep, and how long we wait for it. */
export interface SessionLimits extends FramingLimits {
  /** How long a request waits for its answer unless it says otherwise. */
  readonly requestTimeLimitMs: number;
  /** After this much silence the peer is asked for an echo; after three times as much it is given up. */
  readonly probeIntervalMs: number;
  /** Requests that wait for an answer, those that nobody waits for any more included. */
  readonly maxPendingRequests: number;
  /** Bytes that the peer hasn't taken yet. */
  readonly maxSendBufferBytes: number;
}

export const defaultSessionLimits: SessionLimits = {
  ...defaultFramingLimits,
  requestTimeLimitMs: 30_000,
  probeIntervalMs: 5_000,
  maxPendingRequests: 1_000,
  maxSendBufferBytes: 64 * 1024 * 1024,
};
