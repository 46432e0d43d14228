/**
 * The orchestrator. It decides what exists, writes that down, and has hypervisors and a network controller do the rest.
 *
 *     services ──► store (what should exist) + jobs ──► start, stop, networks ──► NetworkProvider, Hypervisor
 *                          ▲                                                             │
 *     reclaimer, recovery ─┘                              hosts' events ◄────────────────┘
 */
import type { Clock, Logger, Uuid, RandomBytes } from "@loomstack/core";
import { hosts, type Job, jobs as jobTable, type Store } from "@loomstack/model";
import { type CloudContext, type CloudSettings, defaultSettings } from "./context.ts";
import { eventLog } from "./event-log.ts";
import { type ConnectHypervisor, HostConnections, type HostStatus } from "./hosts/host-connections.ts";
import { watchHosts } from "./instances/host-watch.ts";
import { instancePorts } from "./instances/ports.ts";
import { instanceStarter } from "./instances/start-instance.ts";
import { instanceStopper } from "./instances/stop-instance.ts";
import { Jobs } from "./jobs/jobs.ts";
import { TaskQueue } from "./jobs/task-queue.ts";
import { networkLifecycle } from "./networks/network-lifecycle.ts";
import type { ProviderOf } from "./provider/network-provider.ts";
import { Reclaimer } from "./reclaim.ts";
import { recover } from "./recovery.ts";
import { type Hosts, hostsService } from "./services/hosts.ts";
import { type Instances, instancesService } from "./services/instances.ts";
import { type Networks, networksService } from "./services/networks.ts";
import { type Offerings, offeringsService } from "./services/offerings.ts";
import { type PhysicalNetworks, physicalNetworksService } from "./services/physical-networks.ts";
import { type Providers, providersService } from "./services/providers.ts";
import { type Zones, zonesService } from "./services/zones.ts";

export interface CloudOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomBytes;
  readonly connectHypervisor: ConnectHypervisor;
  /** Makes what speaks to a controller: `remoteProviders({ clock })`. */
  readonly provider: ProviderOf;
  readonly settings?: Partial<CloudSettings>;
}

export interface Cloud extends AsyncDisposable {
  readonly zones: Zones;
  readonly hosts: Hosts;
  readonly physicalNetworks: PhysicalNetworks;
  readonly providers: Providers;
  readonly offerings: Offerings;
  readonly networks: Networks;
  readonly instances: Instances;
  /** Whether a host can be used, as observed. */
  hostStatus(hostId: Uuid): HostStatus;
  /** A job as it is now. @throws MODEL__NOT_FOUND */
  job(id: Uuid): Promise<Job>;
  /**
   * Takes up what an earlier process left, connects the hosts and begins to clean up. To be called once, when the
   * controller can be reached: jobs that are taken up again fail if it can't.
   */
  start(): Promise<void>;
}

/**
 * Makes the cloud's services. They work at once; what goes on by itself begins with `start`. Disposing leaves jobs as
 * they are.
 */
export function createCloud(options: CloudOptions): Cloud {
  const settings = { ...defaultSettings, ...options.settings };
  const connections = new HostConnections({
    connect: options.connectHypervisor,
    clock: options.clock,
    logger: options.logger,
    random: options.random,
    connectTimeoutMs: settings.hostConnectTimeoutMs,
    downAfterMs: settings.hostDownAfterMs,
  });
  const { store, clock, logger, random, provider: providerOf } = options;
  const context: CloudContext = {
    store,
    clock,
    logger,
    random,
    settings,
    providerOf,
    connections,
    events: eventLog(options),
  };
  const queue = new TaskQueue({ concurrency: settings.jobConcurrency, limit: settings.jobLimit });
  const jobs = new Jobs(context, queue);
  const networks = networkLifecycle(context);
  const ports = instancePorts(context, networks);
  const starter = instanceStarter(context, networks, ports);
  const stopper = instanceStopper(context, ports);
  const watch = watchHosts(context, queue, stopper);
  const reclaimer = new Reclaimer(context, { queue, networks, ports, stopper });

  return {
    zones: zonesService(context),
    hosts: hostsService(context),
    physicalNetworks: physicalNetworksService(context, jobs),
    providers: providersService(context, jobs),
    offerings: offeringsService(context),
    networks: networksService(context, jobs, networks),
    instances: instancesService(context, { jobs, starter, stopper }),
    hostStatus: (hostId) => connections.status(hostId),
    job: (id) => jobTable.get(store.db, id),
    async start() {
      for (const host of await hosts.list(store.db)) connections.add(host);
      await recover(context, { queue, starter, stopper });
      await jobs.resume();
      reclaimer.start();
    },
    async [Symbol.asyncDispose]() {
      reclaimer[Symbol.dispose]();
      watch[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
    },
  };
}
