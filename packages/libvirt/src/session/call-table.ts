import { LoomstackError } from "@loomstack/core";

/** A call on its way: what to send, and whom to tell. */
export interface Call {
  readonly name: string;
  readonly procedure: number;
  readonly payload: Uint8Array;
  settle(outcome: CallOutcome): void;
}

export type CallOutcome =
  | { readonly kind: "reply"; readonly payload: Uint8Array }
  | { readonly kind: "failure"; readonly error: LoomstackError };

export interface CallLimits {
  /**
   * Calls sent and not yet answered. A daemon stops reading from a client that has more than its `max_client_requests`
   * (5 unless configured) of them, keepalive probes included, and would then look dead.
   */
  readonly inFlight: number;
  /** Calls waiting to be sent. */
  readonly queued: number;
}

export const defaultCallLimits: CallLimits = { inFlight: 4, queued: 256 };

/** Which calls wait and which are out, by serial; pure bookkeeping, bounded. */
export class CallTable {
  readonly #uri: string;
  readonly #limits: CallLimits;
  readonly #queue = new Set<Call>();
  readonly #inFlight = new Map<number, Call>();
  #lastSerial = 0;

  /** @param uri names the daemon in errors */
  constructor(uri: string, limits: CallLimits) {
    this.#uri = uri;
    this.#limits = limits;
  }

  /** @throws LIBVIRT__EXCEEDED when too many are waiting already */
  admit(call: Call): void {
    const limit = this.#limits.queued;
    if (this.#queue.size >= limit)
      throw new LoomstackError("LIBVIRT__EXCEEDED", { uri: this.#uri, call: call.name, limit });
    this.#queue.add(call);
  }

  /** The next call to send, with its serial, if one waits and may be sent now. */
  next(): { readonly call: Call; readonly serial: number } | undefined {
    const [call] = this.#queue;
    if (!call || this.#inFlight.size >= this.#limits.inFlight) return undefined;
    this.#queue.delete(call);
    this.#lastSerial = (this.#lastSerial % 0xffff_ffff) + 1;
    this.#inFlight.set(this.#lastSerial, call);
    return { call, serial: this.#lastSerial };
  }

  /** The call that a reply answers. @throws LIBVIRT__MALFORMED when there is none */
  answered(serial: number, procedure: number): Call {
    const call = this.#inFlight.get(serial);
    if (call?.procedure !== procedure) {
      const reason = `a reply to procedure ${procedure} with serial ${serial} answers no call`;
      throw new LoomstackError("LIBVIRT__MALFORMED", { uri: this.#uri, reason });
    }
    this.#inFlight.delete(serial);
    return call;
  }

  /**
   * Forgets a call that waits. One that is out keeps its place until it is answered, because the daemon is still at
   * work on it.
   */
  giveUp(call: Call): void {
    this.#queue.delete(call);
  }

  /** All calls, which nobody will answer any more. */
  drain(): readonly Call[] {
    const calls = [...this.#inFlight.values(), ...this.#queue];
    this.#inFlight.clear();
    this.#queue.clear();
    return calls;
  }
}
