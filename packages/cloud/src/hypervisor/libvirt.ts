import { type Clock, isLoomstackError, Listeners, type Logger, type LoomstackError, type Uuid } from "@loomstack/core";
import {
  connectGetAllDomainStats,
  connectLibvirtDaemon,
  domainCreateXml,
  domainDestroy,
  domainGetState,
  domainLookupByUuid,
  type DomainRef,
  type LibvirtConnection,
  libvirtErrorNumber,
  pausedWhileStarting,
  stateStatistics,
} from "@loomstack/libvirt";
import { stateAfter, stateFromNumber, stateFromStatistics } from "./domain-state.ts";
import { domainXml, type HostNetworking } from "./domain-xml.ts";
import type { DomainEvent, DomainSpec, DomainStatus, Hypervisor } from "./hypervisor.ts";

export interface LibvirtOptions {
  /** `qemu:///system` or `qemu+unix:///system?socket=/path`. */
  readonly uri: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  /** See HostNetworking; to be false where Open vSwitch uses its userspace datapath. True unless given. */
  readonly guestOffloads?: boolean | undefined;
}

/** Starting a domain creates taps and a process on a host that may be busy. */
const startTimeoutMs = 60_000;

/**
 * Connects to the libvirt daemon of a host.
 *
 * @throws LIBVIRT__UNSUPPORTED_URI, LIBVIRT__UNREACHABLE, LIBVIRT__UNSUPPORTED_AUTHENTICATION, LIBVIRT__TIMEOUT,
 * CORE__ABORTED
 */
export async function connectLibvirt({ guestOffloads = true, ...options }: LibvirtOptions): Promise<Hypervisor> {
  return hypervisorOver(await connectLibvirtDaemon(options), options.clock, { guestOffloads });
}

/** The hypervisor at the other end of an open connection, which is closed with it. */
export function hypervisorOver(connection: LibvirtConnection, clock: Clock, host: HostNetworking): Hypervisor {
  return new LibvirtHypervisor(connection, clock, host);
}

class LibvirtHypervisor implements Hypervisor {
  readonly uri: string;
  readonly events = new Listeners<DomainEvent>();
  readonly closed: Promise<LoomstackError | undefined>;
  readonly #connection: LibvirtConnection;
  readonly #clock: Clock;
  readonly #host: HostNetworking;
  readonly #gone = new Listeners<undefined>();

  constructor(connection: LibvirtConnection, clock: Clock, host: HostNetworking) {
    this.uri = connection.uri;
    this.closed = connection.closed;
    this.#connection = connection;
    this.#clock = clock;
    this.#host = host;
    void this.closed.then(() => this.#gone.tell(undefined));
    connection.lifecycle.add((event) => {
      const state = stateAfter(event);
      if (state) this.events.tell({ uuid: event.uuid, state, reason: `${event.event}: ${event.detail}` });
    });
  }

  async startDomain(spec: DomainSpec): Promise<void> {
    const xml = domainXml(spec, this.#host);
    using outcome = this.#nextStartOf(spec.uuid);
    try {
      await this.#connection.call(domainCreateXml, { xml, flags: 0 }, { timeoutMs: startTimeoutMs });
    } catch (error) {
      const active = isLoomstackError(error, "LIBVIRT__REFUSED") ? await this.#activity(spec.uuid) : "none";
      if (active === "none" || (active === "starting" && !(await outcome.started))) throw error;
    }
  }

  async destroyDomain(uuid: Uuid): Promise<void> {
    try {
      const { domain } = await this.#connection.call(domainLookupByUuid, { uuid });
      await this.#connection.call(domainDestroy, { domain });
    } catch (error) {
      if (!isRefusal(error, libvirtErrorNumber.noDomain) && !isRefusal(error, libvirtErrorNumber.operationInvalid))
        throw error;
      // Only "it doesn't run" is fine, and libvirt has no number of its own for that.
      if ((await this.#activity(uuid)) !== "none") throw error;
    }
  }

  async listDomains(): Promise<readonly DomainStatus[]> {
    const { records } = await this.#connection.call(connectGetAllDomainStats, {
      domains: [],
      stats: stateStatistics,
      flags: 0,
    });
    return records.map(({ domain, parameters }) => ({
      uuid: domain.uuid,
      name: domain.name,
      state: stateFromStatistics(parameters),
    }));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#connection[Symbol.asyncDispose]();
  }

  /** Whether a domain runs, or is still being started, perhaps for somebody else. */
  async #activity(uuid: Uuid): Promise<"none" | "starting" | "active"> {
    const domain = await this.#find(uuid);
    if (!domain) return "none";
    const { state, reason } = await this.#connection.call(domainGetState, { domain, flags: 0 });
    const ours = stateFromNumber(state);
    if (ours === "stopped" || ours === "crashed") return "none";
    return ours === "paused" && reason === pausedWhileStarting ? "starting" : "active";
  }

  async #find(uuid: Uuid): Promise<DomainRef | undefined> {
    try {
      return (await this.#connection.call(domainLookupByUuid, { uuid })).domain;
    } catch (error) {
      if (isRefusal(error, libvirtErrorNumber.noDomain)) return undefined;
      throw error;
    }
  }

  /** Listens, from now on, for how a start of the domain ends. */
  #nextStartOf(uuid: Uuid): Disposable & { readonly started: Promise<boolean> } {
    const { promise: started, resolve } = Promise.withResolvers<boolean>();
    const stack = new DisposableStack();
    stack.use(this.#clock.after(startTimeoutMs, () => resolve(false)));
    stack.use(
      this.events.add((event) => {
        if (event.uuid === uuid) resolve(event.state === "running");
      }),
    );
    stack.use(this.#gone.add(() => resolve(false)));
    return { started, [Symbol.dispose]: () => stack.dispose() };
  }
}

function isRefusal(error: unknown, number: number): boolean {
  return isLoomstackError(error, "LIBVIRT__REFUSED") && error.context.number === number;
}
