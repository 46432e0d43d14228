import { type Dpid, Listeners, type Logger, LoomstackError, type OfPort } from "@loomstack/core";
import type { Flow } from "../of13/flow.ts";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { FlowRemoved } from "../of13/messages/flow-removed.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import type { PortStatus } from "../of13/messages/port-status.ts";
import type { Envelope, Message, Received, ReceivedMessage } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { barrier, flowMonitor, flowStats, type Request, role, unreadFlowStats } from "../of13/requests.ts";
import { isMultipartReply, type UnreadFlow } from "../of13/multipart/unread-flow.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import type { Dialect } from "../version/dialect.ts";
import { errorNameIn } from "../version/error-name.ts";
import { type OpenFlowVersion, unsayable } from "../version/version.ts";
import { applyBundle, type BundleChannel, flowModMessage } from "./bundle.ts";
import { firstXid, type SwitchFacts } from "./handshake.ts";
import type { ConnectionLimits } from "./limits.ts";
import type { PuntCounters } from "./punted-packets.ts";
import { Requests } from "./requests.ts";
import type { FlowSelection, SwitchConnection } from "./switch-connection.ts";

/** How a switch is reached: what LiveSwitch needs of the socket and the clock. */
export interface Transport extends Pick<BundleChannel, "sendAll"> {
  readonly remoteAddress: string;
  readonly peerSubject: string | undefined;
  readonly closed: Promise<LoomstackError | undefined>;
  readonly punted: PuntCounters;
  nowMs(): number;
  /** @throws OPENFLOW__CONNECTION_CLOSED, OPENFLOW__SEND_BUFFER_EXCEEDED, WIRE__OUT_OF_RANGE */
  send(message: Message, xid: number): void;
  watchClosely(): void;
  close(reason: string): void;
}

interface ErrorWatch {
  readonly first: number;
  readonly last: number;
  readonly tell: (xid: number, error: ErrorBody) => void;
}

const monitorId = 1;
const lastXid = 0xffff_ffff;

/** A switch behind the handshake. Decides what received messages mean; does no I/O of its own. */
export class LiveSwitch implements SwitchConnection {
  readonly dpid: Dpid;
  readonly version: OpenFlowVersion;
  readonly features: SwitchFacts["features"];
  readonly remoteAddress: string;
  readonly peerSubject: string | undefined;
  readonly closed: Promise<LoomstackError | undefined>;
  readonly packetIns = new Listeners<PacketIn>();
  readonly portStatus = new Listeners<PortStatus>();
  readonly flowsRemoved = new Listeners<FlowRemoved>();
  readonly flowUpdates = new Listeners<readonly FlowUpdate[]>();
  readonly messages = new Listeners<ReceivedMessage>();
  readonly #transport: Transport;
  readonly #dialect: Dialect;
  readonly #logger: Logger;
  readonly #ports: Map<OfPort, PortDescription>;
  readonly #requests: Requests;
  readonly #watches = new Set<ErrorWatch>();
  #monitoring: Promise<unknown> | undefined;
  #nextXid = firstXid;
  #nextBundle = 1;

  constructor(
    about: { readonly facts: SwitchFacts; readonly dialect: Dialect; readonly limits: ConnectionLimits },
    { transport, logger }: { readonly transport: Transport; readonly logger: Logger },
  ) {
    this.dpid = about.facts.dpid;
    this.features = about.facts.features;
    this.version = about.dialect.version;
    this.#dialect = about.dialect;
    this.remoteAddress = transport.remoteAddress;
    this.peerSubject = transport.peerSubject;
    this.closed = transport.closed;
    this.#transport = transport;
    this.#logger = logger;
    this.#ports = new Map(about.facts.ports.map((port) => [port.portNo, port]));
    const { replyTimeoutMs, mostReplyEntries } = about.limits;
    const limits = { replyTimeoutMs, mostEntries: mostReplyEntries };
    this.#requests = new Requests(transport.remoteAddress, limits, this.version);
  }

  get ports(): ReadonlyMap<OfPort, PortDescription> {
    return this.#ports;
  }

  get punted(): PuntCounters {
    return this.#transport.punted;
  }

  /** Whether a request waits for its reply. */
  get isAsking(): boolean {
    return this.#requests.size > 0;
  }

  watchClosely(): void {
    this.#transport.watchClosely();
  }

  send(message: Message): void {
    this.#transport.send(message, this.#reserveXids(1));
  }

  async apply(messages: readonly Message[]): Promise<void> {
    this.#checkSayable(messages);
    const first = this.#reserveXids(messages.length);
    const refusals: LoomstackError[] = [];
    using _watch = this.#watchErrors({
      first,
      last: first + messages.length - 1,
      tell: (xid, error) => refusals.push(this.#messageRefused(messages, xid - first, error)),
    });
    await this.#transport.sendAll(encoded(this.#dialect, messages, first), () => true);
    await this.barrier();
    if (refusals[0] !== undefined) throw refusals[0];
  }

  async request<Reply>(request: Request<Reply>): Promise<Reply> {
    const xid = this.#reserveXids(1);
    this.#transport.send(request.message, xid);
    return this.#requests.open(request, xid, this.#transport.nowMs());
  }

  async dumpFlows(filter: FlowSelection = {}): Promise<readonly Flow[]> {
    const cookieMask = filter.cookieMask ?? (filter.cookie === undefined ? 0n : 2n ** 64n - 1n);
    if (this.version !== "1.0") return this.request(flowStats({ ...filter, cookieMask }));
    // Such a switch can't be asked for cookies.
    const { cookie = 0n, ...rest } = filter;
    const flows = await this.request(flowStats(rest.tableId === undefined ? {} : { tableId: rest.tableId }));
    return flows.filter((flow) => (flow.cookie & cookieMask) === (cookie & cookieMask));
  }

  async dumpFlowsUnread<Each>(
    { cookie = 0n, ...rest }: FlowSelection,
    each: (flow: UnreadFlow) => Each,
  ): Promise<readonly Each[]> {
    if (this.version !== "1.3") throw unsayable(this.version, "a dump that is read flow by flow");
    const cookieMask = rest.cookieMask ?? (cookie === 0n ? 0n : 2n ** 64n - 1n);
    return this.request(unreadFlowStats({ ...rest, cookie, cookieMask }, each));
  }

  async applyBundle(mods: readonly FlowMod[]): Promise<void> {
    if (mods.length === 0) return;
    if (this.version === "1.0") throw unsayable(this.version, "a bundle");
    this.#checkSayable(mods);
    const channel: BundleChannel = {
      peer: this.remoteAddress,
      dialect: this.#dialect,
      reserveXids: (count) => this.#reserveXids(count),
      sendAll: (messages, wanted) => this.#transport.sendAll(messages, wanted),
      request: (request) => this.request(request),
      watchErrors: (first, last, tell) => this.#watchErrors({ first, last, tell }),
    };
    await applyBundle(channel, this.#nextBundle++, mods);
  }

  async monitorFlows(): Promise<void> {
    // A second monitor with the same number isn't asked for: Open vSwitch 3.1 refuses it with an error whose
    // transaction id is wrong.
    this.#monitoring ??= this.request(flowMonitor(monitorId, false));
    try {
      await this.#monitoring;
    } catch (error) {
      this.#monitoring = undefined;
      throw error;
    }
  }

  async setRole(wanted: "primary" | "secondary" | "equal", generationId: bigint): Promise<void> {
    await this.request(role(wanted, generationId));
  }

  barrier(): Promise<void> {
    return this.request(barrier());
  }

  close(reason: string): void {
    this.#transport.close(reason);
  }

  /**
   * For the transport: a message has come, and nobody has read it.
   *
   * @returns whether nobody needs to
   */
  receiveBytes(message: Uint8Array): boolean {
    return isMultipartReply(message) && this.#requests.receiveBytes(message, this.#transport.nowMs());
  }

  /** For the transport: a message has come. */
  receive(envelope: Envelope): void {
    const { message, xid } = envelope;
    // Before anything else is asked: it answers no request, and there may be a million of them a second.
    if (message.kind === "packetIn") return this.packetIns.tell(message);
    if (this.#requests.receive(envelope, this.#transport.nowMs())) return;
    switch (message.kind) {
      case "portStatus":
        return this.#onPortStatus(message);
      case "flowRemoved":
        return this.flowsRemoved.tell(message);
      case "error":
        return this.#onError(xid, message);
      case "multipartReply":
        return this.#onMultipart(message);
      default:
        return this.messages.tell(message);
    }
  }

  /** For the transport: time has gone by. */
  tick(): void {
    this.#requests.expire(this.#transport.nowMs());
  }

  /** For the transport: there will be no more messages. */
  end(error: LoomstackError): void {
    this.#requests.fail(error);
  }

  /** The vocabulary is that of OpenFlow 1.3; other versions find out only by writing it down. */
  #checkSayable(messages: readonly Message[]): void {
    if (this.version !== "1.3") for (const message of messages) this.#dialect.encode(message, firstXid);
  }

  #reserveXids(count: number): number {
    if (this.#nextXid + count - 1 > lastXid) this.#nextXid = firstXid;
    const first = this.#nextXid;
    this.#nextXid += count;
    return first;
  }

  #watchErrors(watch: ErrorWatch): Disposable {
    this.#watches.add(watch);
    return { [Symbol.dispose]: () => void this.#watches.delete(watch) };
  }

  #onPortStatus(status: PortStatus): void {
    if (status.reason === "delete") this.#ports.delete(status.port.portNo);
    else this.#ports.set(status.port.portNo, status.port);
    this.portStatus.tell(status);
  }

  #onError(xid: number, error: ErrorBody): void {
    for (const { first, last, tell } of this.#watches) {
      if (xid >= first && xid <= last) return tell(xid, error);
    }
    this.#logger.debug(
      {
        switch: this.dpid.toString(16).padStart(16, "0"),
        remote: this.remoteAddress,
        xid,
        refusal: errorNameIn(this.version, error),
      },
      "the switch refused a message that wasn't a request",
    );
  }

  #onMultipart({ body }: Received<"multipartReply">): void {
    if (body.kind !== "flowMonitor") return;
    const changes = body.updates.filter(({ kind }) => kind !== "abbreviated" && kind !== "unknown");
    if (changes.length > 0) this.flowUpdates.tell(changes);
  }

  #messageRefused(messages: readonly Message[], index: number, error: ErrorBody): LoomstackError {
    const message = messages[index]?.kind ?? "?";
    const context = { peer: this.remoteAddress, index, count: messages.length, message };
    return new LoomstackError("OPENFLOW__MESSAGE_REFUSED", { ...context, error: errorNameIn(this.version, error) });
  }
}

function* encoded(dialect: Dialect, messages: readonly Message[], firstXid: number): Generator<Uint8Array> {
  for (const [index, message] of messages.entries())
    yield message.kind === "flowMod"
      ? flowModMessage(dialect, message, firstXid + index)
      : dialect.encode(message, firstXid + index);
}
