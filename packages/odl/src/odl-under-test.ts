/**
 * What the tests of this package share: the northbound on a real store, with a controller that tolerates no call it
 * wasn't told of.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, LoomstackError, parseUuid, type Revision, silentLogger } from "@loomstack/core";
import {
  type Authenticate,
  defaultUnderlayMtu,
  type Hypervisors,
  type HypervisorStatus,
  type NodeAddress,
  noDrift,
  openSqliteStore,
  type PortStatus,
  type Realised,
  roles,
  type Store,
  type Tables,
} from "@loomstack/model";
import Fastify, { type FastifyInstance } from "fastify";
import { odlNorthbound } from "./northbound.ts";

export const neutron = "/controller/nb/v2/neutron";
export const connections = "/controller/nb/v2/connectionmanager";

export interface Answer {
  readonly status: number;
  /** The body, parsed if it is JSON. */
  readonly body: unknown;
  readonly type: string | undefined;
  readonly reason: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface OdlUnderTest extends AsyncDisposable {
  readonly app: FastifyInstance;
  /** Such as "GET /controller/nb/v2/neutron/ports"; not those for HEAD. */
  readonly routes: ReadonlySet<string>;
  readonly store: Store;
  readonly clock: TurnedClock;
  /** What was logged as an error. */
  readonly errors: readonly object[];
  /** Calls as the administrator. */
  call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Every row of every table. */
  dump(): Promise<Readonly<Record<string, unknown>>>;
}

export interface Fakes {
  readonly hypervisors?: Partial<Hypervisors>;
  readonly realised?: Partial<Realised>;
  readonly authenticate?: Authenticate;
  /** Bytes; what nothing else is said of. */
  readonly underlayMtu?: number;
}

export async function odlUnderTest(fakes: Fakes = {}): Promise<OdlUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-odl-"));
  const store = await openSqliteStore(join(folder, "store.db"));
  const clock = new TurnedClock();
  const errors: object[] = [];
  const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) };
  const app = Fastify();
  const routes = new Set<string>();
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) if (each !== "HEAD") routes.add(`${each} ${url}`);
  });
  const hypervisors = { ...refusingHypervisors, ...fakes.hypervisors };
  const realised = { ...refusingRealised, ...fakes.realised };
  const { authenticate = knownUsers, underlayMtu = defaultUnderlayMtu } = fakes;
  await app.register(odlNorthbound({ store, clock, logger, hypervisors, realised, authenticate, underlayMtu }));
  return {
    app,
    routes,
    store,
    clock,
    errors,
    async call(method, url, body, headers = {}) {
      const payload = body === undefined ? {} : { payload: body as object };
      const answer = await app.inject({
        method,
        url,
        headers: { authorization: basic("admin", "secret"), ...headers },
        ...payload,
      });
      const type = answer.headers["content-type"]?.toString();
      return {
        status: answer.statusCode,
        body: type?.startsWith("application/json") ? (JSON.parse(answer.body) as unknown) : answer.body,
        type,
        reason: answer.statusMessage,
        headers: answer.headers,
      };
    },
    async dump() {
      const tables = await store.db.introspection.getTables();
      const names = tables.map(({ name }) => name as keyof Tables);
      const rows = names.map(async (name) => [name, await store.db.selectFrom(name).selectAll().execute()] as const);
      return Object.fromEntries<unknown>(await Promise.all(rows));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

/** `admin`, an administrator, and `eve`, who isn't; the password of both is `secret`. */
const knownUsers: Authenticate = ({ authorization }) => {
  const name = ["admin", "eve"].find((known) => authorization === basic(known, "secret"));
  if (name === undefined) return Promise.reject(new LoomstackError("NORTHBOUND__UNAUTHORIZED"));
  const id = parseUuid("00000000-0000-4000-8000-00000000000a");
  const isAdministrator = name === "admin";
  const project = { id, name, description: "", enabled: true };
  const user = { ...project, projectId: id, account: name, role: isAdministrator ? "admin" : "user" } as const;
  const granted = { roles: isAdministrator ? roles : (["member", "reader"] as const), isAdministrator };
  return Promise.resolve({ user, scope: "project", project, credential: undefined, ...granted });
};

function refuse(call: string): never {
  throw new LoomstackError("CORE__UNREACHABLE", { what: `an unexpected call of ${call}` });
}

const refusingHypervisors: Hypervisors = {
  connect: () => refuse("connect"),
  disconnect: () => refuse("disconnect"),
  accept: () => refuse("accept"),
  forget: () => refuse("forget"),
  list: () => refuse("list"),
  flows: () => refuse("flows"),
};

const refusingRealised: Realised = {
  port: () => refuse("port"),
  network: () => refuse("network"),
  portSettled: () => refuse("portSettled"),
  revision: () => refuse("revision"),
  reached: () => refuse("reached"),
  lacking: () => refuse("lacking"),
  object: () => refuse("object"),
  objectRealised: () => refuse("objectRealised"),
};

export const down: PortStatus = { status: "DOWN", reason: "no hypervisor has its interface", hypervisor: null };
export const active: PortStatus = { status: "ACTIVE", reason: "packets pass", hypervisor: "OVS/1" };

export function statusOf(node: NodeAddress, given: Partial<HypervisorStatus> = {}): HypervisorStatus {
  return {
    key: "b2a4",
    node,
    systemId: "b2a4",
    connection: `dialled tcp:${node.address}:${node.port}`,
    certificate: null,
    state: "ready",
    reason: "its bridges are in place",
    tunnelEndpoint: null,
    realised: 0 as Revision,
    bridges: [],
    counters: {
      flowModsSent: 0,
      driftRepaired: 0,
      ovsdbTransactions: 0,
      ovsdbConnections: 1,
      openflowConnections: 2,
      rounds: 4,
      roundsFailed: 0,
      packetsPunted: 0,
      puntsDropped: 0,
    },
    drift: noDrift,
    ...given,
  };
}

/** Time that stands still until it is turned. */
export class TurnedClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  turn(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.task();
    }
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }
}

/** The UUID whose last digits are `number`. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}
