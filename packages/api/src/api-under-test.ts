/** What the tests of this package share: the northbound on a real store, with a controller that a test makes up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, LoomstackError, parseMac, parseUuid, silentLogger, type Uuid } from "@loomstack/core";
import {
  type Authenticate,
  createNetwork,
  createPort,
  createSubnet,
  type Explanations,
  type Hypervisors,
  type Measurements,
  type Network,
  openSqliteStore,
  type Port,
  type Realised,
  roles,
  type Store,
  type Subnet,
  type Switches,
  type Traffic,
} from "@loomstack/model";
import Fastify, { type LightMyRequestResponse } from "fastify";
import { expect, vi } from "vitest";
import { HttpMeasurements } from "./metrics/http-measurements.ts";
import { apiNorthbound } from "./northbound.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface ApiUnderTest extends AsyncDisposable {
  readonly store: Store;
  /** Has every time limit run out. */
  expire(): void;
  get(path: string, credential?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** How many time limits run. */
  timers(): number;
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<Answer>;
  /** Any path of the server, with the headers given. */
  raw(url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** Has it listen on a port of this machine, for tests about connections, and says where. */
  listen(): Promise<string>;
}

export async function apiUnderTest(
  fakes: {
    hypervisors?: Partial<Hypervisors>;
    realised?: Partial<Realised>;
    switches?: Partial<Switches>;
    explanations?: Partial<Explanations>;
    measurements?: Measurements;
    traffic?: Partial<Traffic>;
    metricsToken?: string;
    isServing?: () => boolean;
  } = {},
): Promise<ApiUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-api-"));
  const store = await openSqliteStore(join(folder, "store.db"));
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    after(_, task) {
      timers.add(task);
      return { [Symbol.dispose]: () => void timers.delete(task) };
    },
  };
  const app = Fastify();
  const hypervisors = {
    ...{ connect: refuse, disconnect: refuse, accept: refuse, forget: refuse, list: refuse, flows: refuse },
    ...fakes.hypervisors,
  };
  const realised = {
    ...{ port: refuse, network: refuse, portSettled: refuse, object: refuse, objectRealised: refuse },
    ...{ revision: refuse, reached: refuse, lacking: refuse },
    ...fakes.realised,
  };
  const none = { list: refuse, get: refuse, statistics: refuse, register: refuse, unregister: refuse };
  const switches = {
    ...none,
    flows: refuse,
    ...{ addFlow: refuse, replaceFlow: refuse, deleteFlow: refuse },
    packets: refuse,
    ...fakes.switches,
  };
  const explanations = { explain: refuse, trace: refuse, traceLive: refuse, ...fakes.explanations };
  const refusals = () => Promise.resolve(new Map<string, bigint>());
  const traffic = { port: refuse, network: refuse, refusals, ...fakes.traffic };
  const measurements = fakes.measurements ?? { read: refuse };
  const controller = { hypervisors, realised, switches, explanations, measurements, traffic };
  const requests = new HttpMeasurements();
  requests.attach(app);
  const { metricsToken, isServing = () => true } = fakes;
  await app.register(
    apiNorthbound({ store, clock, logger: silentLogger, controller, authenticate, requests, metricsToken, isServing }),
  );
  return {
    store,
    timers: () => timers.size,
    expire: () => timers.forEach((task) => task()),
    async get(path, credential = "admin:secret", headers = {}) {
      const authorization = `Basic ${Buffer.from(credential).toString("base64")}`;
      return answerOf(await app.inject({ url: `/api/v1${path}`, headers: { ...headers, authorization } }));
    },
    async send(method, path, body) {
      const authorization = `Basic ${Buffer.from("admin:secret").toString("base64")}`;
      const payload = body === undefined ? {} : { payload: body };
      return answerOf(await app.inject({ method, url: `/api/v1${path}`, headers: { authorization }, ...payload }));
    },
    raw: async (url, headers = {}) => app.inject({ url, headers }),
    listen: async () => app.listen({ host: "127.0.0.1", port: 0 }),
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      // Answers that were under way end when their connections do.
      await vi.waitFor(() => expect(timers.size).toBe(0));
    },
  };
}

function answerOf({ statusCode, headers, payload }: LightMyRequestResponse): Answer {
  return { status: statusCode, body: payload === "" ? undefined : (JSON.parse(payload) as unknown), headers };
}

export function refuse(): never {
  throw new LoomstackError("CORE__UNREACHABLE", { what: "an unexpected call" });
}

export const authenticate: Authenticate = ({ authorization = "" }) => {
  const shown = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
  const name = ["admin", "eve"].find((known) => shown === `${known}:secret`);
  if (name === undefined) return Promise.reject(new LoomstackError("NORTHBOUND__UNAUTHORIZED"));
  const isAdministrator = name === "admin";
  const project = { id: uuid(98), name, description: "", enabled: true };
  const role = isAdministrator ? "admin" : "user";
  const user = { ...project, id: uuid(99), projectId: project.id, account: name, role } as const;
  const granted = { roles: isAdministrator ? roles : (["member", "reader"] as const), isAdministrator };
  return Promise.resolve({ user, scope: "project", project, credential: undefined, ...granted });
};

export const uuid = (number: number): Uuid =>
  parseUuid(`00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`);

/** A network (1) with a subnet (2) and a port (3). */
export async function makeObjects(store: Store): Promise<{ network: Network; subnet: Subnet; port: Port }> {
  const named = { name: "n", tenantId: "t" };
  const { result } = await store.transact(async (tx) => {
    const kind = { shared: false, networkType: "vxlan", segmentationId: null } as const;
    const network = await createNetwork(tx, { id: uuid(1), ...named, ...kind, adminStateUp: true });
    const range = { cidr: "10.1.0.0/24", gatewayIp: null, enableDhcp: false };
    const subnet = await createSubnet(tx, { id: uuid(2), networkId: uuid(1), ...named, ...range });
    const device = { deviceId: "", deviceOwner: "", macAddress: parseMac("02:00:00:00:00:01"), adminStateUp: true };
    const port = await createPort(tx, { id: uuid(3), networkId: uuid(1), ...named, ...device });
    return { network, subnet, port };
  });
  return result;
}
