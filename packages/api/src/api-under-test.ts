/** What the tests of this package share: the northbound on a real store, with a controller that a test makes up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, LoomstackError, parseUuid, silentLogger, type Uuid } from "@loomstack/core";
import {
  type Authenticate,
  type Explanations,
  type Hypervisors,
  openSqliteStore,
  type Realised,
  type Store,
  type Switches,
  type UserRole,
} from "@loomstack/model";
import Fastify, { type LightMyRequestResponse } from "fastify";
import { expect } from "vitest";
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
  get(path: string, credential?: string): Promise<Answer>;
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<Answer>;
}

export async function apiUnderTest(
  fakes: {
    hypervisors?: Partial<Hypervisors>;
    realised?: Partial<Realised>;
    switches?: Partial<Switches>;
    explanations?: Partial<Explanations>;
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
  const hypervisors = { connect: refuse, disconnect: refuse, list: refuse, flows: refuse, ...fakes.hypervisors };
  const realised = { port: refuse, portSettled: refuse, revision: refuse, reached: refuse, ...fakes.realised };
  const none = { list: refuse, get: refuse, statistics: refuse, register: refuse, unregister: refuse };
  const switches = {
    ...none,
    flows: refuse,
    ...{ addFlow: refuse, replaceFlow: refuse, deleteFlow: refuse },
    packets: refuse,
    ...fakes.switches,
  };
  const explanations = { explain: refuse, trace: refuse, traceLive: refuse, ...fakes.explanations };
  const controller = { hypervisors, realised, switches, explanations };
  await app.register(apiNorthbound({ store, clock, logger: silentLogger, controller, authenticate }));
  return {
    store,
    expire: () => timers.forEach((task) => task()),
    async get(path, credential = "admin:secret") {
      const authorization = `Basic ${Buffer.from(credential).toString("base64")}`;
      return answerOf(await app.inject({ url: `/api/v1${path}`, headers: { authorization } }));
    },
    async send(method, path, body) {
      const authorization = `Basic ${Buffer.from("admin:secret").toString("base64")}`;
      const payload = body === undefined ? {} : { payload: body };
      return answerOf(await app.inject({ method, url: `/api/v1${path}`, headers: { authorization }, ...payload }));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      expect(timers.size).toBe(0);
    },
  };
}

function answerOf({ statusCode, headers, payload }: LightMyRequestResponse): Answer {
  return { status: statusCode, body: payload === "" ? undefined : (JSON.parse(payload) as unknown), headers };
}

export function refuse(): never {
  throw new LoomstackError("CORE__UNREACHABLE", { what: "an unexpected call" });
}

export const authenticate: Authenticate = (name, password) => {
  const role = { admin: "admin", eve: "user" }[name] as UserRole | undefined;
  return Promise.resolve(role && password === "secret" ? { id: uuid(99), name, account: name, role } : undefined);
};

export const uuid = (number: number): Uuid =>
  parseUuid(`00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`);
