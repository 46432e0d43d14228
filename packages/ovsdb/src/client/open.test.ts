/** What outlives a connection, and how the next one is found. */
import { once } from "node:events";
import { createServer } from "node:net";
import { isLoomstackError, silentLogger, systemClock } from "@loomstack/core";
import {
  FakeClock,
  missingOpenVSwitch,
  type OvsdbDaemon,
  startOvsdbDaemon,
  startOvsdbServer,
} from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { insert, mutate, type Operation, update, wait } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";
import { openOvsdb } from "./open.ts";
import type { ConnectionEvent, OpenOvsdbOptions, ReconnectingOvsdb } from "./reconnecting.ts";

const db = "Open_vSwitch";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

function open(remotes: readonly string[], options: Partial<OpenOvsdbOptions> = {}): ReconnectingOvsdb {
  const quick = { firstMs: 10, limitMs: 100 };
  return cleanup.use(
    openOvsdb({ remotes, clock: systemClock, logger: silentLogger, random: () => 0, backoff: quick, ...options }),
  );
}

async function connect(remote: string): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
}

/** The next event of a kind. */
function next<Kind extends ConnectionEvent["kind"]>(
  ovsdb: ReconnectingOvsdb,
  kind: Kind,
): Promise<ConnectionEvent & { readonly kind: Kind }> {
  const { promise, resolve } = Promise.withResolvers<ConnectionEvent & { readonly kind: Kind }>();
  const listening = ovsdb.connections.add((event) => {
    if (event.kind === kind) resolve(event as ConnectionEvent & { readonly kind: Kind });
  });
  return promise.finally(() => listening[Symbol.dispose]());
}

/** Bridges without ports. */
function makeBridges(...names: readonly string[]) {
  return names.flatMap((name) => [
    insert(openVswitch, "Bridge", { name, external_ids: new Map([["of", name]]) }, { uuidName: namedUuid(name) }),
    mutate(openVswitch, "Open_vSwitch", [], [["bridges", "insert", new Set([namedUuid(name)])]]),
  ]);
}

interface Server {
  readonly remote: string;
  readonly cut: () => void;
  /** Carries out a transaction of another client while the connections of ours are cut. */
  readonly changeWhileCut: (operations: readonly Operation[]) => Promise<void>;
}

async function initialised(daemon: OvsdbDaemon): Promise<Server> {
  const { relay } = daemon;
  await daemon.vsctl("init");
  const other = await connect(daemon.remote);
  return {
    remote: relay.remote,
    cut: () => relay.cut(),
    changeWhileCut: (operations) =>
      relay.whileCut(async () => {
        await other.transact(db, operations);
      }),
  };
}

async function inProcess(historyLimit: number): Promise<Server> {
  const server = cleanup.use(await startOvsdbServer({ historyLimit }));
  return {
    remote: server.remote,
    cut: () => server.dropConnections(),
    async changeWhileCut(operations) {
      server.dropConnections();
      server.database.transact(operations.map(({ json }) => json));
      await Promise.resolve();
    },
  };
}

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  "ovsdb-server, which remembers no transactions": async () => initialised(cleanup.use(await startOvsdbDaemon())),
  "a clustered ovsdb-server, which remembers transactions": async () =>
    initialised(cleanup.use(await startOvsdbDaemon({ clustered: true }))),
  "the in-process server": () => inProcess(100),
  "an in-process server that remembers no transactions": () => inProcess(0),
};
const usable = Object.entries(servers).filter(
  ([name]) => missingOpenVSwitch === undefined || name.includes("in-process"),
);

describe.each(usable)("with %s", (_, start) => {
  test("a replica outlives its connection, and is told only what has changed meanwhile", async () => {
    const server = await start();
    const ovsdb = open([server.remote]);
    const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name", "fail_mode"] });
    await ovsdb.transact(db, makeBridges("br0", "br1", "br2"));
    const rows = replica.table("Bridge");
    const br0 = [...rows.values()].find(({ name }) => name === "br0");
    const gone = new Set([...rows].filter(([, { name }]) => name === "br2").map(([uuid]) => uuid));
    const told: unknown[] = [];
    using _listening = replica.changes.add((changes) => {
      for (const { before, after } of changes) told.push([before?.name, after?.name, after?.fail_mode]);
    });

    const [away, back] = [next(ovsdb, "disconnected"), next(ovsdb, "connected")];
    await server.changeWhileCut([
      update(openVswitch, "Bridge", [["name", "==", "br1"]], { fail_mode: "secure" }),
      mutate(openVswitch, "Open_vSwitch", [], [["bridges", "delete", gone]]),
      ...makeBridges("br3"),
    ]);
    expect((await away).reason.code).toBe("OVSDB__CONNECTION_LOST");
    await back;

    expect(told).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        ["br1", "br1", "secure"],
        ["br2", undefined, undefined],
        [undefined, "br3", undefined],
      ]),
    );
    expect(replica.table("Bridge")).toBe(rows);
    // What hasn't changed is the same object still.
    expect([...rows.values()].find(({ name }) => name === "br0")).toBe(br0);
  });

  test("conditions that were changed hold for the next connection too", async () => {
    const server = await start();
    const ovsdb = open([server.remote]);
    const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name"] }, { where: { Bridge: [] } });
    await ovsdb.transact(db, makeBridges("br0", "br1"));
    await replica.changeConditions({ Bridge: [["name", "==", "br1"]] });
    const back = next(ovsdb, "connected");
    server.cut();
    await back;
    await ovsdb.transact(db, makeBridges("br2"));
    expect([...replica.table("Bridge").values()]).toEqual([{ name: "br1" }]);
    await replica.changeConditions({ Bridge: [true] });
    expect(replica.table("Bridge").size).toBe(3);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)("with a clustered ovsdb-server", () => {
  test("going on after a lost connection costs what changed, however large the database is", async () => {
    const daemon = cleanup.use(await startOvsdbDaemon({ clustered: true }));
    await daemon.vsctl("init");
    const ovsdb = open([daemon.relay.remote]);
    const replica = await ovsdb.monitor(openVswitch, { Bridge: "all" });
    const costOfResuming = async (): Promise<number> => {
      const before = daemon.relay.bytesFromServer;
      const back = next(ovsdb, "connected");
      daemon.relay.cut();
      await back;
      return daemon.relay.bytesFromServer - before;
    };
    await ovsdb.transact(db, makeBridges("br0"));
    const costOfOne = await costOfResuming();
    await ovsdb.transact(db, makeBridges(...Array.from({ length: 500 }, (_, n) => `many${n}`)));
    await replica.until(() => replica.table("Bridge").size === 501);
    const costOfMany = await costOfResuming();
    expect(costOfMany).toBeLessThanOrEqual(costOfOne + 200);
    expect(replica.table("Bridge").size).toBe(501);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)("with several ovsdb-servers", () => {
  test("the next one is taken when one is killed, and the replica becomes a copy of its contents", async () => {
    const daemons = [cleanup.use(await startOvsdbDaemon()), cleanup.use(await startOvsdbDaemon())] as const;
    for (const daemon of daemons) await daemon.vsctl("init");
    await daemons[0].vsctl("add-br", "br0", "--", "add-br", "br1");
    await daemons[1].vsctl("add-br", "br1", "--", "add-br", "br2");
    const ovsdb = open(["unix:/nowhere/db.sock", daemons[0].remote, daemons[1].remote]);
    const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name"] });
    const names = (): string[] => Array.from(replica.table("Bridge").values(), ({ name }) => name).sort();
    expect([ovsdb.client?.remote, names()]).toEqual([daemons[0].remote, ["br0", "br1"]]);
    const waiting = replica.until(() => names().includes("br2"));
    await daemons[0].kill();
    await waiting;
    expect([(await ovsdb.connected()).remote, names()]).toEqual([daemons[1].remote, ["br1", "br2"]]);
  });
});

test("all remotes are tried, then again after growing delays, and failures are told with their reason", async () => {
  const clock = new FakeClock();
  const ovsdb = open(["unix:/nowhere/1.sock", "unix:/nowhere/2.sock"], {
    clock,
    backoff: { firstMs: 1_000, limitMs: 4_000 },
  });
  const told: unknown[] = [];
  while (told.length < 7) {
    const { remote, reason, retryInMs } = await next(ovsdb, "disconnected");
    told.push([remote.at(-6), retryInMs, reason.code]);
    // The timer is started after the listeners were told.
    setImmediate(() => clock.turn(retryInMs));
  }
  expect(told).toEqual(
    [0, 0, 1_000, 0, 2_000, 0, 4_000].map((delay, n) => [String((n % 2) + 1), delay, "OVSDB__CONNECT_FAILED"]),
  );
});

test("a server that accepts and drops at once isn't dialled again without pause", async () => {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  cleanup.defer(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clock = new FakeClock();
  const ovsdb = open([`tcp:127.0.0.1:${port}`], { clock });
  expect((await next(ovsdb, "disconnected")).retryInMs).toBe(0);
  expect((await next(ovsdb, "disconnected")).retryInMs).toBe(10);
  expect(accepted).toBe(2);
});

test("without a connection nothing is sent; who waits for one gets it or gives up", async () => {
  const ovsdb = open(["unix:/nowhere/db.sock"], { backoff: { firstMs: 60_000, limitMs: 60_000 } });
  await expect(ovsdb.transact(db, [])).rejects.toMatchObject({ code: "OVSDB__NOT_CONNECTED" });
  expect(ovsdb.client).toBeUndefined();
  const signal = AbortSignal.abort();
  await expect(ovsdb.connected(signal)).rejects.toMatchObject({ code: "CORE__ABORTED" });
  await expect(ovsdb.monitor(openVswitch, { Bridge: "all" }, { signal })).rejects.toMatchObject({
    code: "CORE__ABORTED",
  });
  const [waiting, monitoring] = [ovsdb.connected(), ovsdb.monitor(openVswitch, { Bridge: "all" })];
  const closed = { code: "OVSDB__CLOSED" };
  const ended = Promise.all([
    expect(waiting).rejects.toMatchObject(closed),
    expect(monitoring).rejects.toMatchObject(closed),
  ]);
  await ovsdb[Symbol.asyncDispose]();
  await ended;
  await expect(ovsdb.connected()).rejects.toMatchObject(closed);
});

test("who hears of the end of a connection first is given the next one, not that", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const { promise: second, resolve } = Promise.withResolvers<OvsdbClient>();
  ovsdb.connections.add((event) => {
    if (event.kind === "connected")
      void event.client.closed.then(() => ovsdb.connected()).then(resolve, () => undefined);
  });
  const first = await ovsdb.connected();
  server.dropConnections();
  expect(await second).not.toBe(first);
});

test("disposing ends requests and replicas, leaves no timer, and nothing is dialled any more", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const clock = new FakeClock();
  const ovsdb = open([server.remote], { clock });
  const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name"] });
  const never = wait(openVswitch, "Bridge", [], ["name"], "==", [{ name: "never" }], 60_000);
  const codes = Promise.all(
    [replica.until(() => false), ovsdb.transact(db, [never])].map((promise) =>
      promise.then(
        () => "no error",
        (error: unknown) => (isLoomstackError(error) ? error.code : error),
      ),
    ),
  );
  await ovsdb[Symbol.asyncDispose]();
  expect(await codes).toEqual(["OVSDB__CLOSED", "OVSDB__CLOSED"]);
  expect(clock.waiting).toBe(0);
  await expect(ovsdb.transact(db, [])).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await expect(replica.until(() => false)).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
});

test("a replica that was disposed of isn't asked for on the next connection", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name"] });
  await replica[Symbol.asyncDispose]();
  server.misbehave("monitor_cond_since", "close");
  const back = next(ovsdb, "connected");
  server.dropConnections();
  await back;
  expect(await ovsdb.client?.listDatabases()).toEqual([db]);
});

test("a connection that ends while a replica is asked for the first time is replaced", async () => {
  const server = cleanup.use(await startOvsdbServer());
  server.misbehave("monitor_cond_since", "close");
  const ovsdb = open([server.remote]);
  const replica = await ovsdb.monitor(openVswitch, { Open_vSwitch: ["next_cfg"] });
  expect(replica.table("Open_vSwitch").size).toBe(1);
});

test("what a living server refuses is told to who asked, and the connection goes on", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const elsewhere = { ...openVswitch, name: "nothing" };
  await expect(ovsdb.monitor(elsewhere, { Bridge: "all" })).rejects.toMatchObject({ code: "OVSDB__UNKNOWN_DATABASE" });
  expect(server.connectionCount).toBe(1);
});

test("rows that an update doesn't fit are asked for anew, all of them", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name"] });
  await ovsdb.transact(db, makeBridges("br0"));
  const back = next(ovsdb, "connected");
  const updates = { Bridge: { "36bef046-7da7-43a5-905a-c17899216fcb": { insert: { name: "wrong" } } } };
  const id = server.database.lastTransactionId;
  const update3 = (rows: object): string =>
    JSON.stringify({ id: null, method: "update3", params: ["monitor-1", id, rows] });
  // The row that isn't in the database stays in the replica unless all rows are asked for.
  server.sendRaw(update3(updates) + update3(updates));
  expect((await next(ovsdb, "disconnected")).reason.code).toBe("OVSDB__INCONSISTENT_UPDATE");
  await back;
  expect([...replica.table("Bridge").values()]).toEqual([{ name: "br0" }]);
});

test("after a conversion the replica is made anew, and says what the new schema lacks", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name", "flood_vlans"] });
  await ovsdb.transact(db, makeBridges("br0"));
  const { flood_vlans: _dropped, ...columns } = openVswitch.tables.Bridge.columns;
  const tables = { ...openVswitch.tables, Bridge: { ...openVswitch.tables.Bridge, columns } };
  const back = next(ovsdb, "connected");
  await (await ovsdb.connected()).convert(db, { ...openVswitch, version: "99.0.0", tables });
  await back;
  expect(replica.missing).toEqual(["Bridge.flood_vlans"]);
  expect([...replica.table("Bridge").values()]).toEqual([{ name: "br0", flood_vlans: new Set() }]);
});

test.each<readonly [string, readonly string[], string]>([
  ["no remotes", [], "OVSDB__INVALID_REMOTE"],
  ["a remote that is none", ["tcp:127.0.0.1", "nonsense"], "OVSDB__INVALID_REMOTE"],
  ["TLS without an identity", ["ssl:127.0.0.1"], "OVSDB__TLS_REQUIRED"],
])("%s are refused at once", (_, remotes, code) => {
  expect(() => open(remotes)).toThrow(expect.objectContaining({ code }) as Error);
});
