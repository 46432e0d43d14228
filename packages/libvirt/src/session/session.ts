import type { Socket } from "node:net";
import { type Clock, isLoomstackError, type Logger, LoomstackError, messageOf } from "@loomstack/core";
import { MessageFramer } from "../protocol/framing.ts";
import { keepaliveProgram } from "../protocol/header.ts";
import {
  callMessage,
  encodeArguments,
  type Incoming,
  keepaliveMessage,
  readAs,
  readMessage,
} from "../protocol/message.ts";
import type { Procedure } from "../protocol/procedure.ts";
import { errorSource, type RemoteError } from "../protocol/remote-error.ts";
import { type Call, type CallLimits, type CallOutcome, CallTable } from "./call-table.ts";
import {
  type KeepaliveInput,
  type KeepalivePolicy,
  type KeepaliveState,
  startKeepalive,
  stepKeepalive,
} from "./keepalive.ts";

export interface SessionOptions {
  readonly uri: string;
  readonly limits: CallLimits;
  readonly keepalive: KeepalivePolicy;
  /** How long a call may take unless it says otherwise, waiting included. */
  readonly timeoutMs: number;
}

export interface SessionDependencies {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Takes event messages. What it throws ends the session, because a peer whose events can't be read can't be trusted.
   */
  readonly onEvent: (event: EventMessage) => void;
}

/** An event message, its payload not yet decoded. */
export interface EventMessage {
  readonly procedure: number;
  readonly payload: Uint8Array;
}

export interface CallOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Keepalive answers are held back while a peer leaves this much of what we sent unread. */
const maxUnreadBytes = 65_536;

/**
 * A conversation with a libvirt daemon over an open socket: the only part of this package that moves bytes and timers.
 * It decides nothing by itself: framing, messages, the call table and keepalive are pure.
 */
export class LibvirtSession {
  readonly uri: string;
  /** Settles once the socket is closed: with the reason, or with nothing when we closed it. Never rejects. */
  readonly closed: Promise<LoomstackError | undefined>;
  readonly #options: SessionOptions;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onEvent: (event: EventMessage) => void;
  readonly #framer: MessageFramer;
  readonly #calls: CallTable;
  #keepalive: KeepaliveState;
  #keepaliveTimer: Disposable;
  /** Why no more calls are taken, once that is so. */
  #ended: { readonly error: LoomstackError; readonly wanted: boolean } | undefined;

  constructor(options: SessionOptions, { socket, clock, logger, onEvent }: SessionDependencies) {
    this.uri = options.uri;
    this.#options = options;
    this.#socket = socket;
    this.#clock = clock;
    this.#logger = logger;
    this.#onEvent = onEvent;
    this.#framer = new MessageFramer(options.uri);
    this.#calls = new CallTable(options.uri, options.limits);
    this.#keepalive = startKeepalive(options.keepalive);
    this.#keepaliveTimer = this.#keepaliveLater();
    const { promise, resolve } = Promise.withResolvers<LoomstackError | undefined>();
    this.closed = promise;
    socket.on("data", (chunk: Uint8Array) => this.#received(chunk));
    socket.on("error", (cause) => this.#end(this.#closedBecause(messageOf(cause)), false));
    socket.on("end", () => this.#end(this.#closedBecause("the daemon closed it"), false));
    socket.on("close", () => {
      this.#end(this.#closedBecause("the socket closed"), false);
      resolve(this.#ended?.wanted === false ? this.#ended.error : undefined);
    });
  }

  /**
   * Makes a call and waits for its answer.
   *
   * @throws LIBVIRT__REFUSED, LIBVIRT__TIMEOUT, LIBVIRT__CLOSED, LIBVIRT__SILENT, LIBVIRT__MALFORMED,
   * LIBVIRT__EXCEEDED, CORE__ABORTED, WIRE__OUT_OF_RANGE. A call that timed out or was aborted may still take effect.
   */
  async call<Input, Result>(
    procedure: Procedure<Input, Result>,
    args: Input,
    options: CallOptions = {},
  ): Promise<Result> {
    const { name, number } = procedure;
    const { signal, timeoutMs = this.#options.timeoutMs } = options;
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
    const call: Call = { name, procedure: number, payload: encodeArguments(procedure, args), settle: resolve };
    const giveUp = (error: LoomstackError): void => {
      this.#calls.giveUp(call);
      resolve({ kind: "failure", error });
    };
    const abort = (): void =>
      giveUp(new LoomstackError("CORE__ABORTED", { what: `${name} at ${this.uri}`, reason: String(signal?.reason) }));
    if (this.#ended) throw this.#ended.error;
    if (signal?.aborted) abort();
    else this.#calls.admit(call);
    this.#sendCalls();
    signal?.addEventListener("abort", abort);
    using _timer = this.#clock.after(timeoutMs, () =>
      giveUp(new LoomstackError("LIBVIRT__TIMEOUT", { uri: this.uri, call: name, timeoutMs })),
    );
    try {
      const outcome = await promise;
      if (outcome.kind === "failure") throw outcome.error;
      return this.#result(procedure, outcome.payload);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Ends the conversation; calls that are out are rejected with LIBVIRT__CLOSED. Resolves once the socket is closed.
   */
  async close(): Promise<void> {
    this.#end(this.#closedBecause("it was closed on our side"), true);
    await this.closed;
  }

  /** A result that can't be read means that nothing else of this peer can be trusted either. */
  #result<Result>(procedure: Procedure<never, Result>, payload: Uint8Array): Result {
    try {
      return readAs(this.uri, procedure.name, procedure.result, payload);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #received(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#stepKeepalive("heard");
    try {
      for (const message of this.#framer.push(chunk)) this.#handle(readMessage(this.uri, message));
    } catch (error) {
      this.#failed(error);
    }
    this.#sendCalls();
  }

  #handle(incoming: Incoming): void {
    // Whoever was told of an earlier message of the same chunk may have closed.
    if (this.#ended) return;
    if (incoming.kind === "event") this.#onEvent(incoming);
    else if (incoming.kind === "keepalive") this.#answerKeepalive(incoming.procedure);
    else {
      const call = this.#calls.answered(incoming.serial, incoming.procedure);
      call.settle(
        incoming.kind === "reply" ? incoming : { kind: "failure", error: this.#refused(call.name, incoming.error) },
      );
    }
  }

  #refused(call: string, error: RemoteError): LoomstackError {
    const { code: number, message = "no reason given" } = error;
    return new LoomstackError("LIBVIRT__REFUSED", { uri: this.uri, call, message, number, source: errorSource(error) });
  }

  #answerKeepalive(procedure: number): void {
    if (procedure === keepaliveProgram.ping && this.#socket.writableLength < maxUnreadBytes)
      this.#socket.write(keepaliveMessage("pong"));
  }

  #sendCalls(): void {
    for (;;) {
      const next = this.#ended ? undefined : this.#calls.next();
      if (!next) return;
      this.#socket.write(callMessage(next.call.procedure, next.serial, next.call.payload));
    }
  }

  #keepaliveLater(): Disposable {
    return this.#clock.after(this.#options.keepalive.intervalMs, () => {
      this.#keepaliveTimer = this.#keepaliveLater();
      this.#stepKeepalive("elapsed");
    });
  }

  #stepKeepalive(input: KeepaliveInput): void {
    const { state, effects } = stepKeepalive(this.#keepalive, input);
    this.#keepalive = state;
    for (const effect of effects) {
      if (effect.kind === "probe") this.#socket.write(keepaliveMessage("ping"));
      else this.#end(new LoomstackError("LIBVIRT__SILENT", { uri: this.uri, silentMs: effect.silentMs }), false);
    }
  }

  #failed(error: unknown): void {
    this.#end(
      isLoomstackError(error)
        ? error
        : new LoomstackError("CORE__UNREACHABLE", { what: messageOf(error) }, { cause: error }),
      false,
    );
  }

  #closedBecause(reason: string): LoomstackError {
    return new LoomstackError("LIBVIRT__CLOSED", { uri: this.uri, reason });
  }

  #end(error: LoomstackError, wanted: boolean): void {
    if (this.#ended) return;
    this.#ended = { error, wanted };
    if (!wanted) this.#logger.warn({ uri: this.uri, error }, "the connection to libvirt is lost");
    this.#keepaliveTimer[Symbol.dispose]();
    this.#socket.destroy();
    for (const call of this.#calls.drain()) call.settle({ kind: "failure", error });
  }
}
