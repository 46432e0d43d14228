import type { Socket } from "node:net";
import { type Clock, isLoomstackError, type Logger, LoomstackError, messageOf, peerSubject } from "@loomstack/core";
import type { Envelope, Message } from "../of13/messages.ts";
import { type OpenFlowVersion, versionNumber } from "../version/version.ts";
import { MessageFramer } from "./framing.ts";
import {
  handshake,
  type HandshakeInput,
  type HandshakeState,
  newHandshake,
  type SwitchFacts,
  xids,
} from "./handshake.ts";
import { keepalive, type KeepaliveState, patient, prompt } from "./keepalive.ts";
import { type ConnectionLimits, tickMs } from "./limits.ts";
import { LiveSwitch, type Transport } from "./live-switch.ts";
import { isPunted, type PuntCounters, PuntedPackets } from "./punted-packets.ts";
import { SendQueue } from "./send-queue.ts";
import type { SwitchConnection } from "./switch-connection.ts";

export interface SwitchSocketOptions {
  /** How logs and errors call the peer. */
  readonly name: string;
  /** Those that we are willing to speak; at least one. */
  readonly versions: readonly OpenFlowVersion[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ConnectionLimits;
  /** The handshake is complete. */
  readonly onLive: (connection: SwitchConnection) => void;
}

/** How long a closed connection may take to send what was written before. */
const lingerMs = 1000;

/** The I/O of one connection: moves bytes and timers between a socket and the state machines, and decides nothing. */
export class SwitchSocket implements Transport {
  readonly remoteAddress: string;
  readonly peerSubject: string | undefined;
  readonly closed: Promise<LoomstackError | undefined>;
  readonly #socket: Socket;
  readonly #options: SwitchSocketOptions;
  readonly #queue: SendQueue;
  readonly #framer = new MessageFramer((version, type) => this.#checkVersion(version, type));
  readonly #packets: PuntedPackets;
  readonly #openedAtMs: number;
  readonly #resolveClosed: (error: LoomstackError | undefined) => void;
  #timer: Disposable;
  #heardAtMs: number;
  #handshake: HandshakeState;
  /** The version byte of all messages, once it is agreed upon. */
  #agreed: number | undefined;
  #keepalive: KeepaliveState = { probes: 0, probedAtMs: 0 };
  #live: LiveSwitch | undefined;
  #isWatchedClosely = false;
  #over = false;

  constructor(socket: Socket, options: SwitchSocketOptions) {
    const { name, versions, clock, limits } = options;
    this.remoteAddress = name;
    this.peerSubject = peerSubject(socket);
    this.#socket = socket;
    this.#options = options;
    this.#queue = new SendQueue(socket, (message, xid) => this.#handshake.dialect.encode(message, xid));
    this.#packets = new PuntedPackets(limits, clock, (bytes) => this.#guarded(() => this.#receive(bytes)));
    this.#openedAtMs = this.#heardAtMs = clock.now();
    this.#handshake = newHandshake(name, versions);
    const { promise, resolve } = Promise.withResolvers<LoomstackError | undefined>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#timer = clock.after(tickMs.patient, () => this.#tick());
    socket.setNoDelay(true);
    // Takes away sockets whose other end has vanished; whether a switch still works, the echo probes tell.
    socket.setKeepAlive(true, 60_000);
    socket.on("data", (chunk: Buffer) => this.#guarded(() => this.#onData(chunk)));
    socket.on("error", (error) => this.#end(this.#lost(messageOf(error))));
    socket.on("close", () => {
      this.#end(
        this.#lost(
          this.#framer.pendingSize > 0 ? "the switch closed it in the middle of a message" : "the switch closed it",
        ),
      );
      this.#timer[Symbol.dispose]();
    });
    this.#guarded(() => this.#shake({ kind: "opened" }));
  }

  get punted(): PuntCounters {
    return this.#packets.counters;
  }

  nowMs(): number {
    return this.#options.clock.now();
  }

  send(message: Message, xid: number): void {
    if (this.#over) throw this.#lost("it was closed before");
    this.#queue.send(message, xid);
    const bytes = this.#queue.waitingSize;
    if (bytes <= this.#options.limits.mostSendBytes) return;
    const error = new LoomstackError("OPENFLOW__SEND_BUFFER_EXCEEDED", { peer: this.remoteAddress, bytes });
    this.#end(error);
    throw error;
  }

  sendAll(messages: Iterable<Uint8Array>, wanted: () => boolean): Promise<void> {
    return this.#queue.sendAll(messages, () => wanted() && !this.#over);
  }

  watchClosely(): void {
    if (this.#isWatchedClosely || this.#over) return;
    this.#isWatchedClosely = true;
    this.#timer[Symbol.dispose]();
    this.#startTicking();
  }

  close(reason: string): void {
    this.#end(undefined, reason);
  }

  #onData(chunk: Uint8Array): void {
    this.#heardAtMs = this.nowMs();
    for (const bytes of this.#framer.push(chunk)) {
      if (this.#over) return;
      if (isPunted(bytes)) this.#packets.offer(bytes);
      else this.#receive(bytes);
    }
    this.#packets.turn();
  }

  /**
   * Any of our versions until one is agreed upon, then that one. Only hello (0) and error (1) may come with others: they
   * look the same in all.
   */
  #checkVersion(version: number, type: number): void {
    if (version === this.#agreed) return;
    const { dialect, versions } = this.#handshake;
    const spoken = this.#agreed === undefined ? versions : [dialect.version];
    if (type <= 1 || spoken.some((ours) => versionNumber(ours) === version)) return;
    const numbers = spoken.map((ours) => `${versionNumber(ours)} (OpenFlow ${ours})`).join(" or ");
    const context = {
      peer: this.remoteAddress,
      found: `OpenFlow version ${version}`,
      expected: `version ${numbers}`,
    };
    throw new LoomstackError("OPENFLOW__UNEXPECTED_MESSAGE", context);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    // Again: the version may have been agreed upon by a message of the same chunk.
    this.#checkVersion(bytes[0] ?? 0, bytes[1] ?? 0);
    if (this.#live?.receiveBytes(bytes) === true) return;
    const envelope: Envelope = this.#handshake.dialect.decode(bytes);
    const { message, xid } = envelope;
    if (message.kind === "echoRequest") this.send({ kind: "echoReply", data: message.data }, xid);
    else if (this.#live === undefined) this.#shake({ kind: "received", envelope });
    else this.#live.receive(envelope);
  }

  #shake(input: HandshakeInput): void {
    const { state, effects } = handshake(this.#handshake, input);
    this.#handshake = state;
    const isAgreed = state.phase !== "new" && state.phase !== "hello";
    this.#agreed = isAgreed ? versionNumber(state.dialect.version) : undefined;
    for (const effect of effects) {
      if (effect.kind === "send") this.send(effect.message, effect.xid);
      else if (effect.kind === "fail") this.#end(effect.error);
      else this.#goLive(effect.facts);
    }
  }

  #goLive(facts: SwitchFacts): void {
    const { limits, logger, onLive } = this.#options;
    const { dialect } = this.#handshake;
    this.#live = new LiveSwitch({ facts, dialect, limits }, { transport: this, logger });
    onLive(this.#live);
  }

  /** Whether the switch has something of ours to take or to answer. */
  #isBusy(): boolean {
    return this.#live?.isAsking === true || this.#queue.waitingSize > 0;
  }

  #startTicking(): void {
    const delayMs = this.#isWatchedClosely ? tickMs.prompt : tickMs.patient;
    this.#timer = this.#options.clock.after(delayMs, () => this.#tick());
  }

  #tick(): void {
    this.#startTicking();
    const nowMs = this.nowMs();
    const { handshakeTimeoutMs } = this.#options.limits;
    if (this.#live === undefined && nowMs - this.#openedAtMs >= handshakeTimeoutMs) {
      return this.#end(
        new LoomstackError("OPENFLOW__HANDSHAKE_TIMEOUT", { peer: this.remoteAddress, timeoutMs: handshakeTimeoutMs }),
      );
    }
    this.#live?.tick();
    const { state, effects } = keepalive(this.#keepalive, {
      nowMs,
      heardAtMs: this.#heardAtMs,
      // One that works for us may take its time: a large bundle keeps Open vSwitch from answering.
      policy: this.#isWatchedClosely && !this.#isBusy() ? prompt : patient,
    });
    this.#keepalive = state;
    for (const effect of effects) {
      if (effect.kind === "giveUp")
        this.#end(new LoomstackError("OPENFLOW__PEER_SILENT", { peer: this.remoteAddress, probes: effect.probes }));
      else this.#guarded(() => this.send({ kind: "echoRequest", data: new Uint8Array() }, xids.echo));
    }
  }

  /** Whatever goes wrong with what a peer sends ends its connection, and nothing else. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end(this.#reasonFor(error));
    }
  }

  #reasonFor(error: unknown): LoomstackError {
    const context = { peer: this.remoteAddress, reason: messageOf(error) };
    if (!isLoomstackError(error)) return new LoomstackError("OPENFLOW__LISTENER_FAILED", context, { cause: error });
    return error.code.startsWith("WIRE__")
      ? new LoomstackError("OPENFLOW__MALFORMED_MESSAGE", context, { cause: error })
      : error;
  }

  #lost(reason: string): LoomstackError {
    return new LoomstackError("OPENFLOW__CONNECTION_CLOSED", { peer: this.remoteAddress, reason });
  }

  #end(error: LoomstackError | undefined, reason = ""): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer[Symbol.dispose]();
    this.#packets[Symbol.dispose]();
    // Lets what was written go out first, such as the error that tells a switch why; but not for ever.
    this.#timer = this.#options.clock.after(lingerMs, () => this.#socket.destroy());
    this.#queue.flush();
    this.#socket.destroySoon();
    this.#live?.end(error ?? this.#lost(reason));
    this.#resolveClosed(error);
  }
}
