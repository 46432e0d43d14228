import { silentLogger, systemClock, type TlsIdentity } from "@loomstack/core";
import { afterAll, afterEach, beforeAll, test } from "vitest";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb, type ConnectOvsdbOptions } from "../client/connect.ts";
import { openSocket } from "../client/socket.ts";
import { Session } from "../jsonrpc/session.ts";
import { defaultSessionLimits } from "../jsonrpc/session-limits.ts";
import type { Json } from "../notation/json.ts";
import { remove, update } from "../notation/operation.ts";
import { conformance, database } from "./schema.ts";

/** Where a server with the database of the suite listens. */
export interface ServedDatabase extends AsyncDisposable {
  readonly remote: string;
  readonly tls?: TlsIdentity;
}

/** What not every server can do. */
export type Ability = "monitor with conditions" | "tell changes since a transaction" | "know update2" | "know update3";

/** One row of the table of servers. */
export interface Candidate {
  readonly name: string;
  readonly start: () => Promise<ServedDatabase>;
  /** Why it can't do something. */
  readonly lacks: Partial<Readonly<Record<Ability, string>>>;
}

/** A notification as the server sends it. */
export interface Notification {
  readonly method: string;
  readonly params: readonly Json[];
}

/** A session without a client on it, for what a client doesn't ask for. */
export interface RawSession {
  request(method: string, ...params: readonly Json[]): Promise<Json>;
  notify(method: string, ...params: readonly Json[]): void;
  readonly notifications: readonly Notification[];
}

/** A running server, as the tests of the suite see it. */
export interface Subject {
  /** Connects a client, which is closed after the test. */
  connect(options?: Partial<ConnectOvsdbOptions>): Promise<OvsdbClient>;
  connectRaw(): Promise<RawSession>;
  can(ability: Ability): boolean;
  /** `test` where the server has the abilities, otherwise a skipped one that says why. */
  testWith(...abilities: readonly Ability[]): (name: string, body: () => Promise<void>) => void;
}

/** Starts a server for the tests of the enclosing `describe`; each of them finds the tables empty. */
export function serve({ start, lacks }: Candidate): Subject {
  const running = new AsyncDisposableStack();
  let connections = new AsyncDisposableStack();
  let served: ServedDatabase | undefined;
  const options = (): ConnectOvsdbOptions => ({
    remote: served?.remote ?? "",
    ...(served?.tls === undefined ? {} : { tls: served.tls }),
    clock: systemClock,
    logger: silentLogger,
  });
  beforeAll(async () => {
    served = running.use(await start());
  }, 60_000);
  afterEach(async () => {
    await connections.disposeAsync();
    connections = new AsyncDisposableStack();
    await using cleaner = await connectOvsdb(options());
    await cleaner.transact(database, emptyTables);
  });
  afterAll(() => running.disposeAsync());
  return {
    connect: async (more = {}) => connections.use(await connectOvsdb({ ...options(), ...more })),
    async connectRaw() {
      const notifications: Notification[] = [];
      const onNotification = (method: string, params: readonly Json[]): boolean =>
        notifications.push({ method, params }) > 0;
      const limits = defaultSessionLimits;
      const session = connections.use(
        new Session(await openSocket(options()), { ...options(), limits, onNotification }),
      );
      return {
        notifications,
        request: (method, ...params) => session.request(method, params, (result) => result),
        notify: (method, ...params) => session.notify(method, params),
      };
    },
    can: (ability) => lacks[ability] === undefined,
    testWith(...abilities) {
      const reason = abilities.map((ability) => lacks[ability]).find((lack) => lack !== undefined);
      if (reason === undefined) return (name, body) => test(name, body);
      return (name, body) => test.skip(`${name} (skipped: ${reason})`, body);
    },
  };
}

/** References go first: the parts that they hold go with them. */
const emptyTables = [
  update(conformance, "Whole", [], { parts: new Set(), named_parts: new Map() }),
  remove(conformance, "Whole", []),
  remove(conformance, "Value", []),
  remove(conformance, "Constrained", []),
  remove(conformance, "Only", []),
];
