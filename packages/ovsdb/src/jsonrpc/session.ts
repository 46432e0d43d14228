import type { Socket } from "node:net";
import { type Clock, isLoomstackError, type Logger, LoomstackError, messageOf } from "@loomstack/core";
import { type Json, stringifyJson } from "../notation/json.ts";
import { Call, onAbort } from "./call.ts";
import { MessageFraming } from "./framing.ts";
import { initialLiveness, type LivenessInput, silentIntervalsAllowed, stepLiveness } from "./liveness.ts";
import { formatMessage, type Message, readMessage } from "./message.ts";
import { refusalOf } from "./refusal.ts";
import type { SessionLimits } from "./session-limits.ts";

export interface RequestOptions {
  /** Infinity: none. */
  readonly timeLimitMs?: number;
  readonly signal?: AbortSignal;
  /** Told when the caller waits no more although the peer hasn't answered. */
  readonly onAbandon?: (id: number) => void;
}

export interface SessionOptions {
  readonly remote: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: SessionLimits;
  /**
   * Told in the order of arrival; says whether the notification meant something to it. What it throws ends the
   * connection.
   */
  readonly onNotification: (method: string, params: readonly Json[]) => boolean;
}

/** The longest that a timer of Node.js runs, 24 days: one that should run longer ends at once. */
const longestTimeLimitMs = 2 ** 31 - 1;

/** A call whose result only its caller knows the type of. */
type PendingCall = Pick<Call<unknown>, "method" | "succeed" | "fail" | "guard">;

/** The id of our echo requests; those of other requests are numbers. */
const echoId = "echo";

/** How long a closed connection may take to hand over what was sent before. */
const lingerMs = 1_000;

/**
 * JSON-RPC over one connected socket (RFC 7047, 4): moves messages, matches answers with requests, answers echoes and
 * asks for them. Several requests may be on their way at once. It decides little itself: framing, message and liveness
 * are pure.
 */
export class Session implements AsyncDisposable {
  /**
   * Resolves when the connection has ended: with what went wrong, or with undefined when we closed it. Never rejects.
   */
  readonly closed: Promise<LoomstackError | undefined>;
  readonly #closing = Promise.withResolvers<LoomstackError | undefined>();
  readonly #socketClosed = Promise.withResolvers<undefined>();
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #framing: MessageFraming;
  readonly #calls = new Map<number, PendingCall>();
  #nextId = 1;
  #liveness = initialLiveness;
  #probeTimer: Disposable;
  #isOpen = true;
  #isSurpriseLogged = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.closed = this.#closing.promise;
    this.#socket = socket;
    this.#options = options;
    this.#framing = new MessageFraming(options.limits);
    this.#probeTimer = this.#startProbeTimer();
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (error) => this.#end(this.#lost(error.message)));
    socket.on("close", () => this.#onClose());
    // One that has closed already doesn't tell it again, and whoever waits for its end would wait for ever.
    if (socket.closed) this.#onClose();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Asks the peer, and reads its result with `receive` as soon as it arrives.
   *
   * @throws what `receive` throws; a RefusalCode; OVSDB__REQUEST_TIMEOUT; CORE__ABORTED; OVSDB__CLOSED;
   * OVSDB__PENDING_EXCEEDED; OVSDB__SEND_BUFFER_EXCEEDED; what ended the connection
   */
  request<Result>(
    method: string,
    params: readonly Json[],
    receive: (result: Json) => Result,
    options: RequestOptions = {},
  ): Promise<Result> {
    const call = new Call(method, receive);
    const refusal = this.#refusal(method, options.signal);
    if (refusal !== undefined) {
      call.fail(refusal);
      return call.answer;
    }
    const id = this.#nextId++;
    this.#calls.set(id, call);
    this.#watch(call, id, options);
    this.#send({ kind: "request", id, method, params });
    return call.answer;
  }

  /** Sends what isn't answered. Does nothing once the connection is closed. */
  notify(method: string, params: readonly Json[]): void {
    if (this.#isOpen) this.#send({ kind: "notification", method, params });
  }

  /**
   * Tells the peer to give up a request of ours that nobody waits for any more, and makes room for another once it has
   * heard of that: ovsdb-server doesn't answer what it has cancelled, although RFC 7047 (4.1.4) says so.
   */
  cancel(id: number): void {
    if (!this.#isOpen) return;
    this.notify("cancel", [id]);
    const heard = new Call("echo", () => this.#calls.delete(id));
    heard.answer.catch(() => undefined);
    const echo = this.#nextId++;
    this.#calls.set(echo, heard);
    this.#send({ kind: "request", id: echo, method: "echo", params: [] });
  }

  close(): void {
    this.#end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#socketClosed.promise;
  }

  #refusal(method: string, signal: AbortSignal | undefined): LoomstackError | undefined {
    const { remote, limits } = this.#options;
    if (!this.#isOpen) return new LoomstackError("OVSDB__CLOSED", { remote, what: method });
    if (signal?.aborted === true) {
      return new LoomstackError("CORE__ABORTED", { what: method, reason: messageOf(signal.reason) });
    }
    if (this.#calls.size >= limits.maxPendingRequests) {
      return new LoomstackError("OVSDB__PENDING_EXCEEDED", { remote, limit: limits.maxPendingRequests, method });
    }
    return this.#socket.writableLength > limits.maxSendBufferBytes ? this.#notReading() : undefined;
  }

  /** An abandoned call keeps its place until it is answered: a peer that answers nothing can't be asked without end. */
  #watch(
    call: PendingCall,
    id: number,
    { timeLimitMs = this.#options.limits.requestTimeLimitMs, signal, onAbandon }: RequestOptions,
  ): void {
    const { remote, clock } = this.#options;
    const abandon = (error: LoomstackError): void => {
      call.fail(error);
      onAbandon?.(id);
    };
    const { method } = call;
    if (timeLimitMs <= longestTimeLimitMs) {
      call.guard(
        clock.after(timeLimitMs, () =>
          abandon(new LoomstackError("OVSDB__REQUEST_TIMEOUT", { remote, method, limitMs: timeLimitMs })),
        ),
      );
    }
    if (signal === undefined) return;
    call.guard(
      onAbort(signal, () =>
        abandon(new LoomstackError("CORE__ABORTED", { what: method, reason: messageOf(signal.reason) })),
      ),
    );
  }

  #send(message: Message): void {
    this.#socket.write(stringifyJson(formatMessage(message)));
  }

  #onData(chunk: Buffer): void {
    if (!this.#isOpen) return;
    this.#stepLiveness("heard");
    try {
      for (const json of this.#framing.push(chunk)) this.#onMessage(readMessage(json));
    } catch (error) {
      const what = `handling a message of ${this.#options.remote} failed: ${messageOf(error)}`;
      this.#end(isLoomstackError(error) ? error : new LoomstackError("CORE__UNREACHABLE", { what }, { cause: error }));
    }
  }

  #onClose(): void {
    this.#end(this.#lost(this.#framing.heldBytes > 0 ? "it ended in the middle of a message" : "the server closed it"));
    this.#socketClosed.resolve(undefined);
  }

  #onMessage(message: Message): void {
    if (!this.#isOpen) return;
    if (message.kind === "notification") {
      if (!this.#options.onNotification(message.method, message.params)) {
        this.#ignore("a notification that nobody waits for");
      }
    } else if (message.kind === "request") {
      this.#answer(message.id, message.method, message.params);
    } else if (message.id !== echoId) {
      this.#settle(message);
    }
  }

  #answer(id: Json, method: string, params: readonly Json[]): void {
    // A peer that asks and doesn't read our answers would make us keep them without end.
    if (this.#socket.writableLength > this.#options.limits.maxSendBufferBytes) throw this.#notReading();
    this.#send(
      method === "echo" ? { kind: "result", id, result: params } : { kind: "error", id, error: "unknown method" },
    );
  }

  #settle(message: Message & { readonly kind: "result" | "error" }): void {
    const id = typeof message.id === "number" ? message.id : 0;
    const call = this.#calls.get(id);
    if (call === undefined) return this.#ignore("an answer to a request that isn't waiting");
    this.#calls.delete(id);
    if (message.kind === "result") return call.succeed(message.result);
    call.fail(refusalOf(this.#options.remote, call.method, message.error));
  }

  /** Says once for each connection that the peer does something odd but harmless. */
  #ignore(what: string): void {
    if (this.#isSurpriseLogged) return;
    this.#isSurpriseLogged = true;
    this.#options.logger.warn(
      { remote: this.#options.remote, what },
      "ignored what the OVSDB server sent; further cases aren't logged",
    );
  }

  #startProbeTimer(): Disposable {
    return this.#options.clock.after(this.#options.limits.probeIntervalMs, () => {
      this.#probeTimer = this.#startProbeTimer();
      this.#stepLiveness("tick");
    });
  }

  #stepLiveness(input: LivenessInput): void {
    const { state, effects } = stepLiveness(this.#liveness, input);
    this.#liveness = state;
    for (const effect of effects) {
      if (effect === "probe") this.#send({ kind: "request", id: echoId, method: "echo", params: [] });
      else this.#end(this.#silent());
    }
  }

  #end(error: LoomstackError | undefined): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#probeTimer[Symbol.dispose]();
    const { remote, clock } = this.#options;
    for (const call of this.#calls.values()) {
      call.fail(error ?? new LoomstackError("OVSDB__CLOSED", { remote, what: call.method }));
    }
    this.#calls.clear();
    if (error === undefined) {
      const linger = clock.after(lingerMs, () => this.#socket.destroy());
      void this.#socketClosed.promise.then(() => linger[Symbol.dispose]());
      this.#socket.destroySoon();
    } else {
      this.#socket.destroy();
    }
    this.#closing.resolve(error);
  }

  #lost(reason: string): LoomstackError {
    return new LoomstackError("OVSDB__CONNECTION_LOST", { remote: this.#options.remote, reason });
  }

  #silent(): LoomstackError {
    const { remote, limits } = this.#options;
    return new LoomstackError("OVSDB__PEER_SILENT", {
      remote,
      silentMs: silentIntervalsAllowed * limits.probeIntervalMs,
    });
  }

  #notReading(): LoomstackError {
    const { remote, limits } = this.#options;
    return new LoomstackError("OVSDB__SEND_BUFFER_EXCEEDED", { remote, limitBytes: limits.maxSendBufferBytes });
  }
}
