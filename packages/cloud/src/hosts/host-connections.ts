/**
 * The connections to hosts' hypervisors: made when a host is first needed or when the cloud starts, made again with
 * growing pauses when they are lost. What a host's state is, is known here and nowhere else.
 */
import {
  backoffDelayMs,
  type Clock,
  Listeners,
  type Logger,
  LoomstackError,
  messageOf,
  type Uuid,
  randomFraction,
  type RandomBytes,
} from "@loomstack/core";
import type { Host } from "@loomstack/model";
import type { DomainEvent, Hypervisor } from "../hypervisor/hypervisor.ts";
import { type HostEvent, type HostState, hostStates } from "../states/host-states.ts";

export type ConnectHypervisor = (uri: string, signal: AbortSignal) => Promise<Hypervisor>;

export interface HostConnectionsOptions {
  readonly connect: ConnectHypervisor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomBytes;
  readonly connectTimeoutMs: number;
  readonly downAfterMs: number;
}

export interface HostStatus {
  readonly state: HostState;
  /** In words. */
  readonly reason: string;
  /** When it was last known to be as it is (ms since the epoch). */
  readonly since: number;
}

interface Connection {
  readonly host: Host;
  status: HostStatus;
  hypervisor: Hypervisor | undefined;
  /** The attempt under way; resolves, whatever comes of it. */
  attempt: Promise<void> | undefined;
  failures: number;
  timer: Disposable | undefined;
  downTimer: Disposable | undefined;
}

const retryPolicy = { firstMs: 500, limitMs: 30_000 };

export class HostConnections implements AsyncDisposable {
  /** A host can be used (again): what it runs may have changed meanwhile. */
  readonly connected = new Listeners<{ readonly host: Host; readonly hypervisor: Hypervisor }>();
  readonly domainEvents = new Listeners<{ readonly host: Host; readonly event: DomainEvent }>();
  readonly changes = new Listeners<{ readonly host: Host; readonly status: HostStatus }>();
  readonly #options: HostConnectionsOptions;
  readonly #connections = new Map<Uuid, Connection>();
  readonly #stop = new AbortController();

  constructor(options: HostConnectionsOptions) {
    this.#options = options;
  }

  /** Makes one attempt, bounded in time, for a host that isn't known yet. @throws CLOUD__HOST_UNAVAILABLE */
  async probe(name: string, uri: string): Promise<Hypervisor> {
    const limit = new AbortController();
    using _timer = this.#options.clock.after(this.#options.connectTimeoutMs, () => limit.abort());
    try {
      return await this.#options.connect(uri, AbortSignal.any([limit.signal, this.#stop.signal]));
    } catch (error) {
      const late = limit.signal.aborted
        ? `${uri} didn't answer within ${this.#options.connectTimeoutMs} ms`
        : messageOf(error);
      throw new LoomstackError("CLOUD__HOST_UNAVAILABLE", { host: name, reason: late }, { cause: error });
    }
  }

  /** Keeps a connection to the host from now on, beginning with `hypervisor` where there is one already. */
  add(host: Host, hypervisor?: Hypervisor): void {
    if (this.#connections.has(host.id)) return;
    const status: HostStatus = {
      state: "Connecting",
      reason: "it is being connected to",
      since: this.#options.clock.now(),
    };
    const connection: Connection = {
      host,
      status,
      hypervisor: undefined,
      attempt: undefined,
      failures: 0,
      timer: undefined,
      downTimer: undefined,
    };
    this.#connections.set(host.id, connection);
    if (hypervisor === undefined) this.#begin(connection);
    else this.#ready(connection, hypervisor);
  }

  async remove(hostId: Uuid): Promise<void> {
    const connection = this.#connections.get(hostId);
    this.#connections.delete(hostId);
    if (connection !== undefined) await release(connection);
  }

  status(hostId: Uuid): HostStatus {
    return (
      this.#connections.get(hostId)?.status ?? {
        state: "Down",
        reason: "it isn't connected to",
        since: this.#options.clock.now(),
      }
    );
  }

  /** The hypervisor of a host, once a connection attempt under way has ended. @throws CLOUD__HOST_UNAVAILABLE */
  async hypervisor(hostId: Uuid): Promise<Hypervisor> {
    const connection = this.#connections.get(hostId);
    await connection?.attempt;
    if (connection?.hypervisor !== undefined) return connection.hypervisor;
    throw new LoomstackError("CLOUD__HOST_UNAVAILABLE", {
      host: connection?.host.name ?? hostId,
      reason: this.status(hostId).reason,
    });
  }

  /** Resolves when no first attempt is under way any more: from then on states say something. */
  async settled(): Promise<void> {
    for (const connection of [...this.#connections.values()])
      if (connection.status.state === "Connecting") await connection.attempt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new LoomstackError("CLOUD__STOPPING"));
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(connections.map(release));
  }

  #begin(connection: Connection): void {
    connection.timer = undefined;
    connection.attempt = this.#attempt(connection).finally(() => (connection.attempt = undefined));
  }

  async #attempt(connection: Connection): Promise<void> {
    try {
      const hypervisor = await this.probe(connection.host.name, connection.host.libvirtUri);
      if (this.#knows(connection)) this.#ready(connection, hypervisor);
      else await hypervisor[Symbol.asyncDispose]();
    } catch (error) {
      if (!this.#knows(connection)) return;
      this.#change(connection, "ConnectFailed", messageOf(error));
      this.#retryLater(connection);
    }
  }

  #knows(connection: Connection): boolean {
    return this.#connections.get(connection.host.id) === connection;
  }

  #ready(connection: Connection, hypervisor: Hypervisor): void {
    const { host } = connection;
    connection.hypervisor = hypervisor;
    connection.failures = 0;
    connection.downTimer?.[Symbol.dispose]();
    hypervisor.events.add((event) => this.domainEvents.tell({ host, event }));
    void hypervisor.closed.then((reason) => this.#lost(connection, hypervisor, reason));
    this.#change(connection, "Ready", "it answers");
    this.connected.tell({ host, hypervisor });
  }

  #lost(connection: Connection, hypervisor: Hypervisor, reason: LoomstackError | undefined): void {
    if (!this.#knows(connection) || connection.hypervisor !== hypervisor) return;
    connection.hypervisor = undefined;
    this.#change(connection, "AgentDisconnected", reason?.message ?? "the connection was closed");
    connection.downTimer = this.#options.clock.after(this.#options.downAfterMs, () => this.#giveUpHope(connection));
    this.#retryLater(connection);
  }

  #giveUpHope(connection: Connection): void {
    if (this.#knows(connection) && hostStates.allows(connection.status.state, "Timeout"))
      this.#change(connection, "Timeout", connection.status.reason);
  }

  #retryLater(connection: Connection): void {
    connection.failures += 1;
    const delayMs = backoffDelayMs(retryPolicy, connection.failures, () => randomFraction(this.#options.random));
    connection.timer = this.#options.clock.after(delayMs, () => this.#begin(connection));
  }

  #change(connection: Connection, event: HostEvent, reason: string): void {
    const { host, status } = connection;
    const state = hostStates.next(status.state, event, host.id);
    connection.status = { state, reason, since: this.#options.clock.now() };
    if (state === status.state) return;
    this.#options.logger.info({ host: host.name, state }, reason);
    this.changes.tell({ host, status: connection.status });
  }
}

async function release(connection: Connection): Promise<void> {
  connection.timer?.[Symbol.dispose]();
  connection.downTimer?.[Symbol.dispose]();
  await connection.hypervisor?.[Symbol.asyncDispose]();
}
