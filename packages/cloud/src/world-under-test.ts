/** What tests of the cloud play of what is outside of it: a controller, and hosts. */
import { Listeners, LoomstackError, type Uuid } from "@loomstack/core";
import type { DomainEvent, DomainSpec, Hypervisor } from "./hypervisor/hypervisor.ts";
import type { NetworkProvider, ProviderNetwork, ProviderPort } from "./provider/network-provider.ts";

/** Told of every step to the outside, before and after it: a test can have it fail or never end. */
export type StepHook = (step: string) => Promise<void>;

/** What exists outside of the process, and stays when the process dies. */
export class World {
  readonly networks = new Map<Uuid, ProviderNetwork>();
  readonly ports = new Map<Uuid, ProviderPort>();
  readonly preparedHosts = new Set<Uuid>();
  readonly domains = new Map<string, Map<Uuid, DomainSpec>>();
  readonly events = new Map<string, Listeners<DomainEvent>>();
  /** What was asked of the controller and of hypervisors, in order. */
  readonly calls: string[] = [];
  /** By step: the error that it fails with. */
  readonly failures = new Map<string, LoomstackError>();
  /** Hosts that can't be connected to. */
  readonly unreachable = new Set<string>();
  readonly #open = new Map<string, (reason: LoomstackError) => void>();

  addHost(uri: string): void {
    this.domains.set(uri, new Map());
    this.events.set(uri, new Listeners());
  }

  /** Another world in which everything is the same. */
  clone(): World {
    const other = new World();
    for (const [id, network] of this.networks) other.networks.set(id, network);
    for (const [id, port] of this.ports) other.ports.set(id, port);
    for (const [uri, domains] of this.domains) {
      other.addHost(uri);
      other.domains.set(uri, new Map(domains));
    }
    return other;
  }

  /** The domain ends without anybody having asked for it. */
  guestDies(uri: string, uuid: Uuid): void {
    this.domains.get(uri)?.delete(uuid);
    this.events.get(uri)?.tell({ uuid, state: "crashed", reason: "its guest panicked" });
  }

  loseConnection(uri: string): void {
    this.#open.get(uri)?.(
      new LoomstackError("CLOUD__HYPERVISOR_LOST", { uri, operation: "anything", reason: "it was cut" }),
    );
  }

  connect(uri: string, hook: StepHook): Hypervisor {
    const domains = this.domains.get(uri);
    const events = this.events.get(uri);
    if (domains === undefined || events === undefined || this.unreachable.has(uri)) {
      throw new LoomstackError("CLOUD__HYPERVISOR_LOST", { uri, operation: "connect", reason: "nobody answers" });
    }
    const { promise: closed, resolve } = Promise.withResolvers<LoomstackError | undefined>();
    this.#open.set(uri, resolve);
    return {
      uri,
      events,
      closed,
      startDomain: (spec) => this.step(hook, "startDomain", () => void domains.set(spec.uuid, spec)),
      destroyDomain: (uuid) => this.step(hook, "destroyDomain", () => void domains.delete(uuid)),
      listDomains: () =>
        Promise.resolve([...domains.values()].map(({ uuid, name }) => ({ uuid, name, state: "running" }))),
      [Symbol.asyncDispose]: () => Promise.resolve(resolve(undefined)),
    };
  }

  provider(hook: StepHook): NetworkProvider {
    return {
      check: () => this.step(hook, "check", () => {}),
      implementNetwork: (network) =>
        this.step(hook, "implementNetwork", () => void this.networks.set(network.id, network)),
      prepareHost: ({ id }) => this.step(hook, "prepareHost", () => void this.preparedHosts.add(id)),
      createPort: (port) =>
        this.step(hook, "createPort", () => {
          if (!this.networks.has(port.networkId))
            throw new TypeError("a port of a network that the controller doesn't know");
          this.ports.set(port.id, port);
        }),
      portActive: (portId) =>
        this.step(hook, "portActive", () => {
          if (!this.ports.has(portId)) throw new TypeError("a port that the controller doesn't know");
        }),
      deletePort: (portId) => this.step(hook, "deletePort", () => void this.ports.delete(portId)),
      shutdownNetwork: ({ id }) =>
        this.step(hook, "shutdownNetwork", () => {
          if ([...this.ports.values()].some((port) => port.networkId === id))
            throw new TypeError("a network that has ports");
          this.networks.delete(id);
        }),
    };
  }

  async step(hook: StepHook, name: string, effect: () => void): Promise<void> {
    await hook(`before ${name}`);
    this.calls.push(name);
    const failure = this.failures.get(name);
    if (failure !== undefined) throw failure;
    effect();
    await hook(`after ${name}`);
  }
}
