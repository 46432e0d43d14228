/** What the tests of this package share: the northbound on a real store, with callers of two projects. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LoomstackError, parseUuid, silentLogger, systemClock, type Uuid } from "@loomstack/core";
import {
  type Authenticate,
  type Hypervisors,
  type HypervisorStatus,
  openSqliteStore,
  type PortStatus,
  type Principal,
  type Realised,
  type Store,
  type Tables,
} from "@loomstack/model";
import Fastify from "fastify";
import { expect } from "vitest";
import { neutronNorthbound } from "./northbound.ts";

export const base = "/networking/v2.0";

/** The UUID whose last digits are `number`. */
export function uuid(number: number): Uuid {
  return parseUuid(`00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`);
}

/** The projects of `alice` (a member) and `rita` (a reader), and of `bob`. */
export const blue = uuid(0xb1);
export const red = uuid(0xed);

/** An object as answers show it. */
export type Shown = Readonly<Record<string, unknown>> & { readonly id: string };

export interface Answer {
  readonly status: number;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

type Name = "admin" | "alice" | "rita" | "bob" | "nobody";

export interface Call {
  readonly as?: Name;
  readonly headers?: Readonly<Record<string, string>>;
}

export class NeutronUnderTest implements AsyncDisposable {
  readonly store: Store;
  readonly app = Fastify();
  /** Such as "GET /networking/v2.0/ports"; not those for HEAD. */
  readonly routes = new Set<string>();
  /** What was logged as an error. */
  readonly errors: object[] = [];
  /** What the hypervisors say of ports; DOWN where nothing is said. */
  readonly statuses = new Map<string, PortStatus>();
  hypervisors: readonly HypervisorStatus[] = [];
  readonly #folder: string;

  private constructor(store: Store, folder: string) {
    this.store = store;
    this.#folder = folder;
  }

  static async start(): Promise<NeutronUnderTest> {
    const folder = mkdtempSync(path.join(tmpdir(), "loomstack-neutron-"));
    const neutron = new NeutronUnderTest(await openSqliteStore(path.join(folder, "store.db")), folder);
    const { app, store, routes, errors, statuses } = neutron;
    app.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) if (each !== "HEAD") routes.add(`${each} ${url}`);
    });
    const realised = { port: (id: Uuid) => statuses.get(id) ?? down } as Partial<Realised> as Realised;
    const hypervisors = { list: () => neutron.hypervisors } as Partial<Hypervisors> as Hypervisors;
    const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) };
    const given = { random: randomBytes, guestDomain: "example.net", clock: systemClock, logger };
    await app.register(neutronNorthbound({ store, realised, hypervisors, authenticate, ...given }));
    return neutron;
  }

  /** Calls below /networking/v2.0, as an administrator unless another is named. */
  async call(method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: unknown, call: Call = {}): Promise<Answer> {
    const { as = "admin", headers = {} } = call;
    const payload = body === undefined ? {} : { payload: body as object };
    const sent = { "x-auth-token": as, ...headers };
    const answer = await this.app.inject({ method, url: `${base}${url}`, headers: sent, ...payload });
    const isJson = answer.headers["content-type"]?.toString().startsWith("application/json") === true;
    return {
      status: answer.statusCode,
      body: isJson ? (JSON.parse(answer.body) as unknown) : answer.body,
      headers: answer.headers,
    };
  }

  /** Makes an object; it has to succeed. Gives what is shown of it. */
  async make(kind: string, body: object, call?: Call): Promise<Shown> {
    const { status, body: made } = await this.call("POST", `/${pluralOf(kind)}`, { [kind]: body }, call);
    expect([status, made]).toEqual([201, { [kind]: expect.any(Object) as unknown }]);
    return only(made);
  }

  /** What is shown of an object that has to be there. */
  async show(url: string, call?: Call): Promise<Shown> {
    const { status, body } = await this.call("GET", url, undefined, call);
    expect(status).toBe(200);
    return only(body);
  }

  /** The names of what a list has. */
  async names(url: string, call?: Call): Promise<readonly string[]> {
    const { body } = await this.call("GET", url, undefined, call);
    const [list] = Object.values(body as Record<string, readonly { readonly name: string }[]>);
    return (list ?? []).map(({ name }) => name);
  }

  /** Every row of every table. */
  async dump(): Promise<Readonly<Record<string, unknown>>> {
    const tables = await this.store.db.introspection.getTables();
    const names = tables.map(({ name }) => name as keyof Tables);
    const rows = names.map(async (name) => [name, await this.store.db.selectFrom(name).selectAll().execute()] as const);
    return Object.fromEntries<unknown>(await Promise.all(rows));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.store[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The one member of an answer. */
function only(body: unknown): Shown {
  return Object.values(body as Readonly<Record<string, Shown>>)[0] as Shown;
}

/** What Neutron's clients find in an error. */
export function fault(type: string, message?: RegExp): unknown {
  const text = message === undefined ? (expect.any(String) as unknown) : (expect.stringMatching(message) as unknown);
  return { NeutronError: { type, message: text, detail: "" } };
}

const down: PortStatus = { status: "DOWN", reason: "no hypervisor has its interface", hypervisor: null };

/** Their tokens are their names. */
const authenticate: Authenticate = (headers) => {
  const name = headers["x-auth-token"];
  const principal = principals.find(({ user }) => user.name === name);
  return principal ? Promise.resolve(principal) : Promise.reject(new LoomstackError("NORTHBOUND__UNAUTHORIZED"));
};

const principals: readonly Principal[] = [
  principalOf("admin", uuid(0xad), ["admin", "member", "reader"]),
  principalOf("alice", blue, ["member", "reader"]),
  principalOf("rita", blue, ["reader"]),
  principalOf("bob", red, ["member", "reader"]),
];

function principalOf(name: string, projectId: Uuid, roles: Principal["roles"]): Principal {
  const project = { id: projectId, name: `project of ${name}`, description: "", enabled: true };
  const isAdministrator = roles.includes("admin");
  const user = {
    ...{ id: projectId, name, description: "", enabled: true, projectId, account: name },
    role: isAdministrator ? "admin" : "user",
  } as const;
  return { user, scope: "project", project, roles, isAdministrator, credential: undefined };
}

/** Under what path objects of a kind are made: "rbac-policies" for "rbac_policy". */
function pluralOf(kind: string): string {
  return `${kind.replaceAll("_", "-").replace(/y$/, "ie")}s`;
}
