/** What the tests of this package share: a cloud over a real store, with a controller and hosts that are played. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import {
  type Clock,
  isLoomstackError,
  Listeners,
  type Logger,
  LoomstackError,
  silentLogger,
  type Uuid,
} from "@loomstack/core";
import {
  type GuestNetwork,
  type Instance,
  instances,
  type Job,
  jobs,
  networkOfferings,
  networkServiceProviders,
  nics,
  openSqliteStore,
  physicalNetworks,
  type Store,
  type Template,
  type Zone,
  type ServiceOffering,
  type Host,
  guestNetworks,
} from "@loomstack/model";
import { type Cloud, createCloud } from "./cloud.ts";
import type { Caller, CloudSettings } from "./context.ts";
import type { DomainEvent, DomainSpec, Hypervisor } from "./hypervisor/hypervisor.ts";
import type { NetworkProvider, ProviderNetwork, ProviderPort } from "./provider/network-provider.ts";

/** Told of every step to the outside, before and after it: a test can have it fail or never end. */
export type StepHook = (step: string) => Promise<void>;

export const caller: Caller = {
  userId: "00000000-0000-4000-8000-0000000000aa" as Uuid,
  account: "admin",
  isAdmin: true,
};

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

/** A store in a folder of its own, which goes with it; a copy of the one in `original`, where that is given. */
export async function temporaryStore(original?: string): Promise<Store & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-cloud-"));
  const file = join(folder, "store.db");
  if (original !== undefined) for (const part of ["", "-wal"]) copyFileSync(original + part, file + part);
  const store = await openSqliteStore(file);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    file,
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  });
}

export interface CloudUnderTest extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly world: World;
}

export interface UnderTestOptions {
  readonly store: Store;
  readonly world: World;
  readonly clock: Clock;
  readonly hook?: StepHook;
  readonly settings?: Partial<CloudSettings>;
  readonly logger?: Logger;
}

let counter = 0;

/** Bytes that don't repeat, and are no surprise. */
export function countingRandom(size: number): Uint8Array {
  counter += 1;
  return Uint8Array.from({ length: size }, (_, index) => (counter >> (8 * (size - 1 - index))) & 0xff);
}

export function cloudUnderTest({
  store,
  world,
  clock,
  hook = () => Promise.resolve(),
  settings = {},
  logger = silentLogger,
}: UnderTestOptions): Cloud {
  return createCloud({
    store: hooked(store, hook),
    clock,
    logger,
    random: countingRandom,
    connectHypervisor: (uri) => Promise.resolve().then(() => world.connect(uri, hook)),
    provider: () => world.provider(hook),
    settings,
  });
}

/** The store, with a step before and after each transaction. */
function hooked(store: Store, hook: StepHook): Store {
  return {
    get db() {
      return store.db;
    },
    commits: store.commits,
    events: store.events,
    revision: () => store.revision(),
    reading: () => store.reading(),
    async transact(work) {
      await hook("before transact");
      const answer = await store.transact(work);
      await hook("after transact");
      return answer;
    },
    observe: (work) => store.observe(work),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

export interface Infrastructure {
  readonly zone: Zone;
  readonly hosts: readonly [Host, Host];
  readonly serviceOffering: ServiceOffering;
  readonly template: Template;
  readonly network: GuestNetwork;
}

export const hostUris = ["qemu+tcp://192.0.2.1/system", "qemu+tcp://192.0.2.2/system"] as const;

/** All that an administrator sets up, with two hosts, and one network that is Allocated. */
export async function setUp(
  cloud: Cloud,
  store: Store,
  world: World,
  services: readonly string[] = ["Connectivity"],
): Promise<Infrastructure> {
  const zone = await cloud.zones.create({
    name: "z",
    networkType: "Advanced",
    dns1: "192.0.2.53",
    internalDns1: "192.0.2.53",
    guestCidr: undefined,
  });
  const pod = await cloud.zones.createPod({
    zone,
    name: "p",
    gateway: undefined,
    netmask: undefined,
    startIp: undefined,
    endIp: undefined,
  });
  const cluster = await cloud.zones.addCluster({
    zone,
    pod,
    name: "c",
    hypervisor: "KVM",
    clusterType: "CloudManaged",
  });
  const addHost = (url: string): Promise<Host> => {
    world.addHost(url);
    return cloud.hosts.add({
      zone,
      pod,
      cluster,
      hypervisor: "KVM",
      url,
      libvirtUri: undefined,
      domainType: "qemu",
      memoryMib: "1024",
    });
  };
  const hosts = [await addHost(hostUris[0]), await addHost(hostUris[1])] as const;
  await addPhysicalNetwork(cloud, store, zone);
  const serviceProviders = services.map((service) => ({ service, provider: "Opendaylight" }));
  const offering = {
    name: "o",
    displayText: "o",
    guestIpType: "Isolated",
    trafficType: "GUEST",
    availability: undefined,
    enabled: true,
  };
  await cloud.offerings.createNetworkOffering({ ...offering, supportedServices: services, serviceProviders });
  const size = { name: "s", displayText: "s", cpuNumber: 1, cpuSpeedMhz: undefined, memoryMib: 128 };
  const serviceOffering = await cloud.offerings.createServiceOffering(size);
  const files = { url: "file:///boot/vmlinuz", initrd: "file:///boot/initrd", commandLine: undefined };
  const template = await cloud.offerings.registerTemplate(caller, {
    name: "t",
    displayText: "t",
    format: "KERNEL",
    hypervisor: "KVM",
    ...files,
  });
  const network = await addNetwork(cloud, zone, store, "n");
  return { zone, hosts, serviceOffering, template, network };
}

async function addPhysicalNetwork(cloud: Cloud, store: Store, zone: Zone): Promise<void> {
  const created = await cloud.physicalNetworks.create(caller, { zone, name: "pn", isolationMethods: ["ODL"] });
  await ended(store, created);
  const [network] = await physicalNetworks.list(store.db);
  if (network === undefined) throw new TypeError("there is no physical network");
  await ended(store, await cloud.physicalNetworks.addTrafficType(caller, network, "Guest", "br-int"));
  await ended(store, await cloud.providers.add(caller, network, "Opendaylight"));
  const controller = { url: "http://192.0.2.9:8080", username: "admin", password: "secret" };
  await ended(store, await cloud.providers.addController(caller, network, controller));
  const [provider] = await networkServiceProviders.list(store.db);
  if (provider === undefined) throw new TypeError("there is no provider");
  await ended(store, await cloud.providers.update(caller, provider, "Enabled"));
  await ended(store, await cloud.physicalNetworks.update(caller, network, { state: "Enabled" }));
}

export async function addNetwork(cloud: Cloud, zone: Zone, store: Store, name: string): Promise<GuestNetwork> {
  const [offering] = await networkOfferings.list(store.db);
  if (offering === undefined) throw new TypeError("there is no network offering");
  const nothing = {
    physicalNetwork: undefined,
    displayText: undefined,
    gateway: undefined,
    netmask: undefined,
    mtu: undefined,
  };
  return cloud.networks.create(caller, { zone, offering, name, ...nothing });
}

export type DeployOptions = Partial<Parameters<Cloud["instances"]["deploy"]>[1]>;

export function deploy(
  cloud: Cloud,
  { zone, serviceOffering, template, network }: Infrastructure,
  options: DeployOptions = {},
): Promise<Job> {
  const nothing = { host: undefined, name: undefined, displayName: undefined, ipAddress: undefined };
  return cloud.instances.deploy(caller, {
    zone,
    serviceOffering,
    template,
    networks: [network],
    startNow: true,
    ...nothing,
    ...options,
  });
}

/** The job once it has ended. Fails the test when that takes too many turns. */
export async function ended(store: Store, { id }: Pick<Job, "id">): Promise<Job> {
  return eventually(async () => {
    const job = await jobs.get(store.db, id);
    return job.state === "succeeded" || job.state === "failed" ? job : undefined;
  });
}

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let turns = 0; turns < 20_000; turns += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await turnOfTheLoop();
  }
  throw new TypeError("this did not happen");
}

/** What `work` is refused with; fails the test when it isn't refused by an error of ours. */
export async function refusal(work: Promise<unknown>): Promise<LoomstackError> {
  try {
    await work;
  } catch (error) {
    if (isLoomstackError(error)) return error;
    throw error;
  }
  throw new TypeError("this should have been refused");
}

/** How many of everything there is, inside and outside. */
export async function census(store: Store, world: World): Promise<Record<string, unknown>> {
  return {
    instances: (await instances.list(store.db)).map(({ state }) => state),
    nics: (await nics.list(store.db)).map(({ portState }) => portState),
    networks: (await guestNetworks.list(store.db)).map(({ state }) => state),
    ports: world.ports.size,
    domains: [...world.domains.values()].reduce((sum, domains) => sum + domains.size, 0),
    controllerNetworks: world.networks.size,
  };
}

/** The only instance that there is. */
export async function theInstance(store: Store): Promise<Instance> {
  const [instance, ...others] = await instances.list(store.db);
  if (instance === undefined || others.length > 0)
    throw new TypeError(`there are ${String(others.length + 1)} instances, or none`);
  return instance;
}
