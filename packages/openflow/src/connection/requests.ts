import { LoomstackError } from "@loomstack/core";
import { saysUnsupported } from "../of13/error-names.ts";
import { xidOf } from "../of13/header.ts";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { Envelope, ReceivedMessage } from "../of13/messages.ts";
import type { ReplyPart, Request } from "../of13/requests.ts";
import { errorNameIn } from "../version/error-name.ts";
import type { OpenFlowVersion } from "../version/version.ts";

/** A request that waits for (the rest of) its reply. */
interface Pending {
  readonly request: Request<unknown>;
  readonly entries: unknown[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: LoomstackError) => void;
  deadlineMs: number;
}

export interface RequestLimits {
  /** How long a switch may take for a reply, or for the next part of it. */
  readonly replyTimeoutMs: number;
  /** The most entries of one reply. */
  readonly mostEntries: number;
}

/** Brings replies and errors to the requests that they answer, by transaction id. Does no I/O and knows no timers. */
export class Requests {
  readonly #peer: string;
  readonly #limits: RequestLimits;
  readonly #version: OpenFlowVersion;
  readonly #pending = new Map<number, Pending>();

  /** @param version that the peer's errors are of */
  constructor(peer: string, limits: RequestLimits, version: OpenFlowVersion = "1.3") {
    this.#peer = peer;
    this.#version = version;
    this.#limits = limits;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Registers a request that is being sent with `xid`. */
  open<Reply>(request: Request<Reply>, xid: number, nowMs: number): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(xid, { request, entries: [], resolve, reject, deadlineMs: nowMs + this.#limits.replyTimeoutMs });
    return promise as Promise<Reply>;
  }

  /** @returns whether the message was for one of the requests */
  receive({ xid, message }: Envelope, nowMs: number): boolean {
    const pending = this.#pending.get(xid);
    if (pending === undefined) return false;
    if (message.kind === "error") this.#settle(xid, this.#refusal(pending.request.name, message));
    else return this.#receivePart(xid, pending, message, nowMs);
    return true;
  }

  /**
   * Takes a message that nobody has read, where it is for a request that reads for itself.
   *
   * @returns whether it was
   * @throws WIRE__… for what can't be read
   */
  receiveBytes(message: Uint8Array, nowMs: number): boolean {
    const xid = xidOf(message);
    const pending = this.#pending.get(xid);
    const part = pending?.request.readBytes?.(message);
    if (pending === undefined || part === undefined) return false;
    this.#take(xid, pending, part, nowMs);
    return true;
  }

  /** Rejects the requests whose time is up. */
  expire(nowMs: number): void {
    for (const [xid, { request, deadlineMs }] of this.#pending) {
      if (deadlineMs > nowMs) continue;
      const { replyTimeoutMs } = this.#limits;
      this.#settle(
        xid,
        new LoomstackError("OPENFLOW__REPLY_TIMEOUT", {
          peer: this.#peer,
          request: request.name,
          timeoutMs: replyTimeoutMs,
        }),
      );
    }
  }

  /** Rejects all requests: there will be no more replies. */
  fail(error: LoomstackError): void {
    for (const xid of [...this.#pending.keys()]) this.#settle(xid, error);
  }

  #receivePart(xid: number, pending: Pending, message: ReceivedMessage, nowMs: number): boolean {
    const part = pending.request.readPart(message);
    if (part !== undefined) this.#take(xid, pending, part, nowMs);
    return part !== undefined;
  }

  #take(xid: number, pending: Pending, part: ReplyPart, nowMs: number): void {
    if (pending.entries.length + part.entries.length > this.#limits.mostEntries) {
      const { mostEntries } = this.#limits;
      this.#settle(
        xid,
        new LoomstackError("OPENFLOW__REPLY_EXCEEDED", {
          peer: this.#peer,
          request: pending.request.name,
          limit: mostEntries,
        }),
      );
      return;
    }
    for (const entry of part.entries) pending.entries.push(entry);
    pending.deadlineMs = nowMs + this.#limits.replyTimeoutMs;
    if (part.more) return;
    this.#pending.delete(xid);
    pending.resolve(pending.request.finish(pending.entries));
  }

  /** The error for an OFPT_ERROR that answers a request. */
  #refusal(request: string, error: ErrorBody): LoomstackError {
    const code = saysUnsupported(error) ? "OPENFLOW__UNSUPPORTED_REQUEST" : "OPENFLOW__REQUEST_REFUSED";
    return new LoomstackError(code, { peer: this.#peer, request, error: errorNameIn(this.#version, error) });
  }

  #settle(xid: number, error: LoomstackError): void {
    const pending = this.#pending.get(xid);
    this.#pending.delete(xid);
    pending?.reject(error);
  }
}
