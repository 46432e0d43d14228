/** What the tests of this package share: the northbound on a real store and the real identity. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, parseUuid, silentLogger, type Uuid } from "@loomstack/core";
import {
  assignRole,
  createIdentity,
  createProject,
  createUser,
  hashPassword,
  type Identity,
  openSqliteStore,
  type RoleAssignment,
  type Store,
  type Tables,
} from "@loomstack/model";
import Fastify from "fastify";
import { expect } from "vitest";
import { keystoneNorthbound } from "./northbound.ts";

export const base = "/identity/v3";

/** The UUID whose last digits are `number`. */
export function uuid(number: number): Uuid {
  return parseUuid(`00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`);
}

/** The projects: `admin`'s, and that of which `alice` is a member and `rita` a reader. */
export const administration = uuid(0xad);
export const blue = uuid(0xb1);

/** Users, by name; the password of each is its name. */
export const users = { admin: uuid(1), alice: uuid(2), rita: uuid(3) } as const;
export type Name = keyof typeof users;

const assignments: readonly RoleAssignment[] = [
  { userId: users.admin, projectId: null, role: "admin" },
  { userId: users.alice, projectId: blue, role: "member" },
  { userId: users.rita, projectId: blue, role: "reader" },
];

/** As text in the clear; a JSON answer parsed. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What a secret costs that a test checks. */
const cheap = { N: 2, r: 1, p: 1 };

export class KeystoneUnderTest implements AsyncDisposable {
  readonly store: Store;
  readonly identity: Identity;
  readonly app = Fastify();
  /** Such as "GET /identity/v3/users"; not those for HEAD. */
  readonly routes = new Set<string>();
  /** Milliseconds since the epoch. */
  now = Date.parse("2026-01-01T00:00:00Z");
  readonly #folder: string;
  readonly #tokens = new Map<Name, string>();

  private constructor(store: Store, folder: string) {
    this.store = store;
    this.#folder = folder;
    const clock: Clock = { now: () => this.now, after: () => ({ [Symbol.dispose]: () => undefined }) };
    this.identity = createIdentity({ store, clock });
  }

  static async start(hasNetworking = true): Promise<KeystoneUnderTest> {
    const folder = mkdtempSync(path.join(tmpdir(), "loomstack-keystone-"));
    const keystone = new KeystoneUnderTest(await openSqliteStore(path.join(folder, "store.db")), folder);
    const { store, identity, app, routes } = keystone;
    await addUsers(store);
    app.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) if (each !== "HEAD") routes.add(`${each} ${url}`);
    });
    const given = { random: randomBytes, logger: silentLogger, hasNetworking };
    await app.register(keystoneNorthbound({ store, identity, ...given }));
    return keystone;
  }

  /** Calls below /identity/v3 with a token of that user; without one with none. */
  async call(
    method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    { as, body, headers = {} }: { as?: Name; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    const token = as && { "x-auth-token": await this.tokenOf(as) };
    const payload = body === undefined ? {} : { payload: body as object };
    const answer = await this.app.inject({
      method,
      url: `${base}${url}`,
      headers: { ...token, ...headers },
      ...payload,
    });
    return {
      status: answer.statusCode,
      body: answer.body === "" ? "" : (JSON.parse(answer.body) as unknown),
      headers: answer.headers,
    };
  }

  /** A token by the user's password, the same each time. */
  async tokenOf(name: Name): Promise<string> {
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const { headers } = await this.logIn({ name, password: name });
    const token = String(headers["x-subject-token"]);
    this.#tokens.set(name, token);
    return token;
  }

  /** Asks for a token with a password. */
  async logIn(
    { name, password }: { readonly name: string; readonly password: string },
    scope?: unknown,
  ): Promise<Answer> {
    const user = { name, password, domain: { name: "Default" } };
    return this.show({ methods: ["password"], password: { user } }, scope);
  }

  /** Asks for a token with whatever is shown. */
  async show(identity: unknown, scope?: unknown): Promise<Answer> {
    const auth = { identity, ...(scope !== undefined && { scope }) };
    return this.call("POST", "/auth/tokens", { body: { auth } });
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

/** Keystone's envelope of an error. */
export function fault(code: number, title: string, message: RegExp = /./): unknown {
  return { error: { code, title, message: expect.stringMatching(message) as unknown } };
}

async function addUsers(store: Store): Promise<void> {
  const known = Object.entries(users).map(async ([name, id]) => {
    const projectId = name === "admin" ? administration : blue;
    return { id, name, projectId, passwordHash: await hashPassword(name, cheap), apiKey: name, secretKey: name };
  });
  const rows = await Promise.all(known);
  await store.transact(async (tx) => {
    await createProject(tx, { id: administration, name: "admin", description: "", enabled: true });
    await createProject(tx, { id: blue, name: "blue", description: "", enabled: true });
    for (const row of rows) await createUser(tx, row);
    for (const assignment of assignments) await assignRole(tx, assignment);
  });
}
