/**
 * What the tests of this package share: the API over a real cloud and store, with a controller and hosts that are
 * played.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { createCloud, type DomainSpec, type Hypervisor, type NetworkProvider } from "@loomstack/cloud";
import { type Clock, Listeners, type Logger, LoomstackError, silentLogger } from "@loomstack/core";
import { createIdentity, ensureInitialAdministrator, openSqliteStore, type Store } from "@loomstack/model";
import fastify, { type FastifyInstance, type LightMyRequestResponse } from "fastify";
import { cloudstackNorthbound } from "./northbound.ts";
import { signatureOf } from "./protocol/signature.ts";

export interface Answer {
  readonly status: number;
  /** The one key of the answer. */
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Given = Readonly<Record<string, string | number>>;

let counter = 0;

/** Bytes that don't repeat, and are no surprise. */
function countingRandom(size: number): Uint8Array {
  counter += 1;
  return Uint8Array.from({ length: size }, (_, index) => (counter >> (8 * (size - 1 - index))) & 0xff);
}

/** A commit waits for the disk, which others may keep busy. */
const patienceMs = 20_000;

export class ApiUnderTest implements AsyncDisposable {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly password: string;
  readonly apiKey: string;
  readonly secretKey: string;
  readonly domains: Map<string, DomainSpec>;
  /** What was asked of the controller. */
  readonly calls: string[];
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<ApiUnderTest, "app" | "store" | "password" | "apiKey" | "secretKey" | "domains" | "calls">,
    resources: AsyncDisposableStack,
  ) {
    ({
      app: this.app,
      store: this.store,
      password: this.password,
      apiKey: this.apiKey,
      secretKey: this.secretKey,
    } = parts);
    this.domains = parts.domains;
    this.calls = parts.calls;
    this.#resources = resources;
  }

  static async start(clock: Clock, logger: Logger = silentLogger): Promise<ApiUnderTest> {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "loomstack-cloudstack-"));
    stack.defer(() => rmSync(folder, { recursive: true }));
    const store = stack.use(await openSqliteStore(join(folder, "store.db")));
    const administrator = await ensureInitialAdministrator({ store, random: countingRandom });
    if (administrator === undefined) throw new TypeError("there is an administrator already");
    const domains = new Map<string, DomainSpec>();
    const calls: string[] = [];
    const cloud = stack.use(
      createCloud({
        store,
        clock,
        logger: silentLogger,
        random: countingRandom,
        connectHypervisor: (uri) => Promise.resolve().then(() => hypervisor(uri, domains)),
        provider: ({ url }) => provider(url, calls),
      }),
    );
    await cloud.start();
    const app = fastify();
    await app.register(
      cloudstackNorthbound({
        cloud,
        store,
        clock,
        logger,
        random: countingRandom,
        identity: createIdentity({ store, clock }),
      }),
    );
    stack.defer(() => app.close());
    return new ApiUnderTest({ app, store, ...administrator, domains, calls }, stack.move());
  }

  /** Sends a signed command, as a GET or as a POST. */
  async send(command: string, given: Given = {}, method: "GET" | "POST" = "GET"): Promise<Answer> {
    const parameters: Record<string, string> = { command, apiKey: this.apiKey, response: "json" };
    for (const [name, value] of Object.entries(given)) parameters[name] = String(value);
    const form = new URLSearchParams({
      ...parameters,
      signature: signatureOf(Object.entries(parameters), this.secretKey),
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return answerOf(
      await this.app.inject(
        method === "GET" ? { url: `/client/api?${form}` } : { method, url: "/client/api", headers, payload: form },
      ),
    );
  }

  /** What stands under `key` in the answer to a command that succeeds. */
  async ok(command: string, given: Given, key: string): Promise<Readonly<Record<string, unknown>>> {
    const { status, body } = await this.send(command, given);
    if (status !== 200) throw new TypeError(`${command}: ${JSON.stringify(body)}`);
    return body[key] as Readonly<Record<string, unknown>>;
  }

  /** The answer to queryAsyncJobResult once the job of a command has ended. */
  async job(command: string, given: Given): Promise<Readonly<Record<string, unknown>>> {
    const { status, body } = await this.send(command, given);
    if (status !== 200) throw new TypeError(`${command}: ${JSON.stringify(body)}`);
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      const answer = await this.send("queryAsyncJobResult", { jobid: String(body["jobid"]) });
      if (answer.body["jobstatus"] !== 0) return answer.body;
      await turnOfTheLoop();
    }
    throw new TypeError(`the job of ${command} did not end`);
  }

  /** What stands under `key` in the result of a command's job that succeeds. */
  async done(command: string, given: Given, key: string): Promise<Readonly<Record<string, unknown>>> {
    const job = await this.job(command, given);
    if (job["jobstatus"] !== 1) throw new TypeError(`${command}: ${JSON.stringify(job["jobresult"])}`);
    return (job["jobresult"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[key] ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

export function answerOf(response: LightMyRequestResponse): Answer {
  const parsed = response.json<Record<string, Record<string, unknown>>>();
  const [[key, body] = ["", {}], ...others] = Object.entries(parsed);
  if (others.length > 0) throw new TypeError(`an answer with several keys: ${Object.keys(parsed).join(", ")}`);
  return { status: response.statusCode, key, body };
}

/** A host at 192.0.2.x answers; others don't. */
function hypervisor(uri: string, domains: Map<string, DomainSpec>): Hypervisor {
  if (!uri.includes("192.0.2."))
    throw new LoomstackError("CLOUD__HYPERVISOR_LOST", { uri, operation: "connect", reason: "nobody answers" });
  const { promise: closed, resolve } = Promise.withResolvers<LoomstackError | undefined>();
  return {
    uri,
    closed,
    events: new Listeners(),
    startDomain: (spec) => Promise.resolve(void domains.set(spec.uuid, spec)),
    destroyDomain: (uuid) => Promise.resolve(void domains.delete(uuid)),
    listDomains: () =>
      Promise.resolve([...domains.values()].map(({ uuid, name }) => ({ uuid, name, state: "running" }))),
    [Symbol.asyncDispose]: () => Promise.resolve(resolve(undefined)),
  };
}

/** A controller that does as it is asked, but for one at a `dead` host, which doesn't answer. */
function provider(url: string, calls: string[]): NetworkProvider {
  const note = (call: string): Promise<void> => Promise.resolve(void calls.push(call));
  return {
    check: () =>
      url.includes("dead")
        ? Promise.reject(new LoomstackError("CLOUD__CONTROLLER_UNREACHABLE", { url, reason: "ECONNREFUSED" }))
        : note("check"),
    implementNetwork: ({ id }) => note(`network ${id}`),
    prepareHost: ({ address }) => note(`host ${address}`),
    createPort: ({ id }) => note(`port ${id}`),
    portActive: () => note("active"),
    deletePort: (id) => note(`port ${id} gone`),
    shutdownNetwork: ({ id }) => note(`network ${id} gone`),
  };
}
