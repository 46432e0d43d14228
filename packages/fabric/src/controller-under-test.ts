/** What the tests of this package share: the controller with real Open vSwitch, whose datapaths are dummies. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ipv4, type Logger, silentLogger, systemClock, type TlsIdentity, type Uuid } from "@loomstack/core";
import { type Event, type HypervisorStatus, listEvents, nodeName, openSqliteStore, type Store } from "@loomstack/model";
import { missingOpenVSwitch } from "@loomstack/testkit";
import { expect, vi } from "vitest";
import { type Controller, startController } from "./controller.ts";
import { uuid } from "./intent/intent-under-test.ts";
import { storeNetwork, storePort } from "./intent/stored-intent-under-test.ts";
import { type OpenVSwitchUnderTest, startOpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

export const isMissing = missingOpenVSwitch !== undefined;
/** For the names of tests that need it. */
export const withOpenVSwitch = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
export const localhost = "127.0.0.1" as Ipv4;
export const patience = { timeout: 10_000, interval: 10 };
export const until = (holds: () => unknown): Promise<unknown> =>
  vi.waitFor(async () => expect(await holds()).toBeTruthy(), patience);

/** There is one network, and ids for ports of it. */
export const network = uuid(1);
export const port = uuid(11);
export const otherPort = uuid(12);

export interface ControllerWorldOptions {
  /** Who the controller is to hypervisors, and the files of who they are. */
  readonly tls?: { readonly controller: TlsIdentity; readonly hypervisors: TlsIdentity };
  /** Of the controller; default: one that keeps nothing. */
  readonly logger?: Logger;
}

/** A controller on a store of its own, and hypervisors. All of it ends with the world. */
export class ControllerWorld implements AsyncDisposable {
  readonly store: Store;
  readonly #options: ControllerWorldOptions;
  readonly #resources: AsyncDisposableStack;
  #controller: Controller | undefined;
  #ovsdbPort = 0;
  #host: OpenVSwitchUnderTest | undefined;

  private constructor(store: Store, options: ControllerWorldOptions, resources: AsyncDisposableStack) {
    this.store = store;
    this.#options = options;
    this.#resources = resources;
  }

  /** Starts the controller and one hypervisor, system-a, that it isn't told of yet. */
  static async start(options: ControllerWorldOptions = {}): Promise<ControllerWorld> {
    await using starting = new AsyncDisposableStack();
    const folder = await mkdtemp(path.join(tmpdir(), "loomstack-controller-"));
    starting.defer(() => rm(folder, { recursive: true }));
    const store = starting.use(await openSqliteStore(path.join(folder, "store.sqlite")));
    const world = new ControllerWorld(store, options, starting.move());
    await using failing = new AsyncDisposableStack();
    failing.use(world);
    await world.#makeNetwork();
    world.#host = await world.startHost("system-a", "192.0.2.1");
    await world.#startController(0);
    world.#resources.defer(async () => world.controller[Symbol.asyncDispose]());
    failing.move();
    return world;
  }

  get controller(): Controller {
    if (this.#controller === undefined) throw new TypeError("the controller was not started");
    return this.#controller;
  }

  /** The first hypervisor. */
  get host(): OpenVSwitchUnderTest {
    if (this.#host === undefined) throw new TypeError("the hypervisor was not started");
    return this.#host;
  }

  /** Has a hypervisor dial in, as an administrator does. @param to default: the controller's port */
  async dialIn(host: OpenVSwitchUnderTest, to = this.controller.ovsdbPort): Promise<void> {
    const kind = this.#options.tls === undefined ? "tcp" : "ssl";
    const row = ["--", "set", "Manager", ".", "max_backoff=1000"];
    await host.vsctl("--no-wait", "set-manager", `${kind}:127.0.0.1:${to}`, ...row);
  }

  async startHost(systemId: string, tunnelEndpoint: string, hasRealTunnels = false): Promise<OpenVSwitchUnderTest> {
    const tls = this.#options.tls?.hypervisors;
    const options = { systemId, tunnelEndpoint, hasRealTunnels, ...(tls && { tls }) };
    return this.#resources.use(await startOpenVSwitchUnderTest(options));
  }

  /** Stops the controller, and starts it again on the same store and port. */
  async restart(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    const { openflowPort } = this.controller;
    await this.controller[Symbol.asyncDispose]();
    await meanwhile();
    await this.#startController(openflowPort);
  }

  async connect(id: string, host: OpenVSwitchUnderTest): Promise<HypervisorStatus> {
    const node = { type: "OVS", id, address: localhost, port: host.port };
    return this.controller.hypervisors.connect(node, AbortSignal.timeout(10_000));
  }

  /** @param which a hypervisor's key, or what a client calls it: "OVS/a" */
  status(which: string): HypervisorStatus | undefined {
    const all = this.controller.hypervisors.list();
    return all.find((one) => one.key === which) ?? all.find((one) => nodeName(one.node) === which);
  }

  /** How many flow mods the controller has sent to a hypervisor. */
  sent(key: string): number {
    return this.status(key)?.counters.flowModsSent ?? -1;
  }

  async ready(key: string): Promise<void> {
    await until(() => this.status(key)?.state === "ready");
  }

  async settled(id: Uuid): Promise<{ status: string; reason: string }> {
    return this.controller.realised.portSettled(id, AbortSignal.timeout(10_000));
  }

  async events(kind: string): Promise<Event[]> {
    const all = await listEvents(this.store.db, { since: 0, limit: 10_000 });
    return all.filter((event) => event.kind === kind);
  }

  /** Adds an interface to br-int, as libvirt does for a guest. */
  async plug(host: OpenVSwitchUnderTest, name: string, id: Uuid): Promise<void> {
    const row = ["--", "set", "Interface", name, "type=dummy", `external_ids:iface-id=${id}`];
    await host.vsctl("--no-wait", "add-port", "br-int", name, ...row);
  }

  async flowsOf(host: OpenVSwitchUnderTest): Promise<string[]> {
    return [...(await host.flows("br-int")), ...(await host.flows("br-tun"))];
  }

  async makePort(id: Uuid, mac: string): Promise<void> {
    await this.store.transact((tx) => storePort(tx, id, network, mac));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #startController(openflowPort: number): Promise<void> {
    this.#ovsdbPort = this.#controller?.ovsdbPort ?? 0;
    this.#controller = await startController({
      store: this.store,
      clock: systemClock,
      random: Math.random,
      logger: this.#options.logger ?? silentLogger,
      tls: this.#options.tls?.controller,
      openflow: { host: localhost, port: openflowPort },
      ovsdb: { host: localhost, port: this.#ovsdbPort },
    });
  }

  async #makeNetwork(): Promise<void> {
    await this.store.transact((tx) => storeNetwork(tx, network));
  }
}

/** A TCP port that nobody listens on. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return found;
}

/** OpenFlow port numbers are Open vSwitch's to choose again, and with them the order of a dump. */
export function withoutPorts(flows: readonly string[]): string[] {
  return flows
    .map((flow) => flow.replaceAll(/in_port="?[\w-]+"?/g, "in_port").replaceAll(/output:"?[\w-]+"?/g, "output"))
    .sort();
}
