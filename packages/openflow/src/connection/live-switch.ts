import { type Dpid, Listeners, type Logger, LoomstackError, type OfPort } from "@loomstack/core";
import { errorName } from "../of13/error-names.ts";
import type { Flow } from "../of13/flow.ts";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { FlowRemoved } from "../of13/messages/flow-removed.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import type { PortStatus } from "../of13/messages/port-status.ts";
import type { Envelope, Message, Received } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { barrier, flowMonitor, flowStats, type Request, role } from "../of13/requests.ts";
import type { FlowUpdate } from "../onf/flow-monitor.ts";
import { applyBundle, type BundleChannel } from "./bundle.ts";
import { firstXid } from "./handshake.ts";
import type { ConnectionLimits } from "./limits.ts";
import { Requests } from "./requests.ts";
import type { SwitchConnection } from "./switch-connection.ts";

/** How a switch is reached: what LiveSwitch needs of the socket and the clock. */
export interface Transport extends Pick<BundleChannel, "sendAll"> {
  readonly remoteAddress: string;
  readonly closed: Promise<LoomstackError | undefined>;
  nowMs(): number;
  /** @throws OPENFLOW__CONNECTION_CLOSED, OPENFLOW__SEND_BUFFER_EXCEEDED, WIRE__OUT_OF_RANGE */
  send(message: Message, xid: number): void;
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
  readonly remoteAddress: string;
  readonly closed: Promise<LoomstackError | undefined>;
  readonly packetIns = new Listeners<PacketIn>();
  readonly portStatus = new Listeners<PortStatus>();
  readonly flowsRemoved = new Listeners<FlowRemoved>();
  readonly flowUpdates = new Listeners<readonly FlowUpdate[]>();
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #ports: Map<OfPort, PortDescription>;
  readonly #requests: Requests;
  readonly #watches = new Set<ErrorWatch>();
  #monitoring: Promise<unknown> | undefined;
  #nextXid = firstXid;
  #nextBundle = 1;

  constructor(
    about: { readonly dpid: Dpid; readonly ports: readonly PortDescription[]; readonly limits: ConnectionLimits },
    { transport, logger }: { readonly transport: Transport; readonly logger: Logger },
  ) {
    this.dpid = about.dpid;
    this.remoteAddress = transport.remoteAddress;
    this.closed = transport.closed;
    this.#transport = transport;
    this.#logger = logger;
    this.#ports = new Map(about.ports.map((port) => [port.portNo, port]));
    const { replyTimeoutMs, mostReplyEntries } = about.limits;
    this.#requests = new Requests(transport.remoteAddress, { replyTimeoutMs, mostEntries: mostReplyEntries });
  }

  get ports(): ReadonlyMap<OfPort, PortDescription> {
    return this.#ports;
  }

  send(message: Message): void {
    this.#transport.send(message, this.#reserveXids(1));
  }

  async request<Reply>(request: Request<Reply>): Promise<Reply> {
    const xid = this.#reserveXids(1);
    this.#transport.send(request.message, xid);
    return this.#requests.open(request, xid, this.#transport.nowMs());
  }

  dumpFlows(
    filter: { readonly cookie?: bigint; readonly cookieMask?: bigint; readonly tableId?: number } = {},
  ): Promise<readonly Flow[]> {
    const cookieMask = filter.cookieMask ?? (filter.cookie === undefined ? 0n : 2n ** 64n - 1n);
    return this.request(flowStats({ ...filter, cookieMask }));
  }

  async applyBundle(mods: readonly FlowMod[]): Promise<void> {
    if (mods.length === 0) return;
    const channel: BundleChannel = {
      peer: this.remoteAddress,
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

  /** For the transport: a message has come. */
  receive(envelope: Envelope): void {
    if (this.#requests.receive(envelope, this.#transport.nowMs())) return;
    const { message, xid } = envelope;
    switch (message.kind) {
      case "packetIn":
        return this.packetIns.tell(message);
      case "portStatus":
        return this.#onPortStatus(message);
      case "flowRemoved":
        return this.flowsRemoved.tell(message);
      case "error":
        return this.#onError(xid, message);
      case "multipartReply":
        return this.#onMultipart(message);
      default:
        this.#logger.debug(
          { switch: this.remoteAddress, message: message.kind, xid },
          "a message that nobody waits for",
        );
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
      { switch: this.remoteAddress, xid, refusal: errorName(error) },
      "the switch refused a message that wasn't a request",
    );
  }

  #onMultipart({ body }: Received<"multipartReply">): void {
    if (body.kind !== "flowMonitor") return;
    const changes = body.updates.filter(({ kind }) => kind !== "abbreviated" && kind !== "unknown");
    if (changes.length > 0) this.flowUpdates.tell(changes);
  }
}
