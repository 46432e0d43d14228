/**
 * The process, put together: here each part gets its clock, its log and its store, and what it calls.
 *
 *     store ─┬─ controller ─── odl, neutron, api ──┐
 *            └─ cloud ──────── cloudstack ─────────┴── HTTP
 *                 └─ libvirt, OpenDaylight calls
 */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { apiNorthbound, HttpMeasurements } from "@loomstack/api";
import { connectLibvirt, createCloud, remoteProviders } from "@loomstack/cloud";
import { cloudstackNorthbound } from "@loomstack/cloudstack";
import { type Clock, type Logger, systemClock } from "@loomstack/core";
import { type ControllerOptions, startController } from "@loomstack/fabric";
import {
  createIdentity,
  ensureInitialAdministrator,
  type Identity,
  openSqliteStore,
  type Store,
} from "@loomstack/model";
import { keystoneNorthbound } from "@loomstack/keystone";
import { neutronNorthbound } from "@loomstack/neutron";
import { odlNorthbound } from "@loomstack/odl";
import type { FastifyInstance } from "fastify";
import { withAnonymousCaller } from "./anonymous-caller.ts";
import type { Config } from "./config.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { initialAdministratorFile, leaveInitialAdministrator } from "./initial-administrator-file.ts";
import { readMetricsToken } from "./metrics-token.ts";
import { makeStateFolder } from "./state-folder.ts";
import { StoppingRequests } from "./stopping-requests.ts";
import { readTlsIdentity } from "./tls-identity.ts";

export interface Server extends AsyncDisposable {
  /** Where the HTTP APIs are. */
  readonly url: string;
}

/** What every part of the process is given. */
interface Foundation {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly http: FastifyInstance;
}

/**
 * Starts the halves that `config` names.
 *
 * @param runController for tests: what starts the controller
 * @throws CONFIG__…, MODEL__…, OPENFLOW__… when something can't be had; nothing is left running then
 */
export async function compose(config: Config, logger: Logger, runController = startController): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  await makeStateFolder(config.stateFolder);
  const store = stack.use(await openSqliteStore(path.join(config.stateFolder, "loomstack.sqlite")));
  await firstStart(store, config, logger);
  const http = createHttpServer(config.http);
  // Last in, first out: it tells of the process's health until all that it tells of has ended.
  stack.defer(async () => http.close());
  const stopping = new StoppingRequests();
  stopping.attach(http);
  const requests = new HttpMeasurements();
  requests.attach(http);
  const metricsToken = await readMetricsToken(config.metrics);
  const foundation: Foundation = { config, store, clock: systemClock, logger, http };
  const tokenLifetimeMs = config.identity.tokenLifetimeSec * 1000;
  const identity = createIdentity({ ...foundation, tokenLifetimeMs });
  const { authenticate } = identity;
  const controller = config.halves.includes("controller")
    ? stack.use(await runController(await controllerOptions(foundation)))
    : undefined;
  if (controller !== undefined) {
    const { underlayMtu, guests } = config;
    const northbound = { ...foundation, ...controller, authenticate, underlayMtu };
    await http.register(odlNorthbound(northbound));
    const networking = {
      authenticate: withAnonymousCaller(identity, store, config.networking.anonymousUser),
      ...{ random: randomBytes, guestDomain: guests.dnsDomain },
    };
    await http.register(neutronNorthbound({ ...northbound, ...networking }));
  }
  const hasNetworking = controller !== undefined;
  await http.register(keystoneNorthbound({ ...foundation, identity, random: randomBytes, hasNetworking }));
  const phase = { isServing: false };
  const isServing = (): boolean => phase.isServing;
  await http.register(apiNorthbound({ ...foundation, controller, authenticate, requests, metricsToken, isServing }));
  const startCloud = config.halves.includes("cloud") ? await addCloud(stack, foundation, identity) : undefined;
  // Requests end before what answers them.
  stack.defer(() => stopping.stop());
  const url = await listen(http, config.http);
  // The cloud calls the controller by HTTP, which may be this very process.
  await startCloud?.();
  phase.isServing = true;
  stack.defer(() => void (phase.isServing = false));
  const resources = stack.move();
  return { url, [Symbol.asyncDispose]: async () => resources.disposeAsync() };
}

async function firstStart(store: Store, config: Config, logger: Logger): Promise<void> {
  const file = initialAdministratorFile(config.stateFolder);
  const made = await ensureInitialAdministrator({
    store,
    random: randomBytes,
    keep: (credentials) => leaveInitialAdministrator(file, credentials),
  });
  if (made !== undefined) logger.info({ file }, "first start: the administrator's credentials are in this file");
}

async function controllerOptions({ store, clock, logger, config }: Foundation): Promise<ControllerOptions> {
  const tls = config.tls && (await readTlsIdentity(config.tls));
  const { openflow, underlayMtu, guests } = config;
  const ovsdb = config.ovsdb.listen;
  return { store, clock, logger, random: Math.random, tls, openflow, ovsdb, underlayMtu, guests };
}

async function addCloud(
  stack: AsyncDisposableStack,
  { store, clock, logger, config, http }: Foundation,
  identity: Identity,
): Promise<() => Promise<void>> {
  const cloud = stack.use(
    createCloud({
      store,
      clock,
      logger,
      random: randomBytes,
      provider: remoteProviders({ clock }),
      connectHypervisor: async (uri, signal) =>
        connectLibvirt({ uri, clock, logger, signal, guestOffloads: config.guestOffloads }),
      settings: { networkGcWaitMs: config.networkIdleSec * 1000 },
    }),
  );
  await http.register(cloudstackNorthbound({ cloud, store, clock, logger, random: randomBytes, identity }));
  return async () => cloud.start();
}
