/** What a reconnecting client makes of what servers say of their databases, without a cluster. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Clock, silentLogger, systemClock } from "@loomstack/core";
import {
  FakeClock,
  missingOpenVSwitch,
  type OvsdbServer,
  startOvsdbDaemon,
  startOvsdbServer,
} from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { insert, type Operation, update, wait } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { Row } from "../schema/row-types.ts";
import { connectOvsdb } from "./connect.ts";
import { openOvsdb } from "./open.ts";
import type { ConnectionEvent, OpenOvsdbOptions, ReconnectingOvsdb } from "./reconnecting.ts";
import { serverDatabase } from "../schema/server.generated.ts";

const run = promisify(execFile);

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

function open(remotes: readonly string[], options: Partial<OpenOvsdbOptions> = {}): ReconnectingOvsdb {
  const quick = { firstMs: 20, limitMs: 200 };
  return cleanup.use(
    openOvsdb({ remotes, clock: systemClock, logger: silentLogger, random: () => 0, backoff: quick, ...options }),
  );
}

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

type Status = Row<typeof serverDatabase, "Database">;

interface Member {
  readonly server: OvsdbServer;
  /** What the server says of its database from now on. */
  readonly say: (status: Partial<Status>) => void;
}

/** A server that serves nothing but what it says of a clustered database "db". */
async function startMember(status: Partial<Status> = {}): Promise<Member> {
  const server = cleanup.use(await startOvsdbServer({ schema: serverDatabase }));
  const change = (operation: Operation): void => void server.database.transact([operation.json]);
  const traits = { name: "db", model: "clustered", connected: true, leader: true, index: 1 } as const;
  change(insert(serverDatabase, "Database", { ...traits, ...status }));
  return { server, say: (changed) => change(update(serverDatabase, "Database", [["name", "==", "db"]], changed)) };
}

const follower = { leader: false } as const;

test("a server that stops leading is left at once; what it was asked is told as lost, not as refused", async () => {
  const [first, second] = [await startMember(), await startMember(follower)];
  const ovsdb = open([first.server.remote, second.server.remote], { databases: ["db"] });
  expect((await ovsdb.connected()).remote).toBe(first.server.remote);
  const never = wait(serverDatabase, "Database", [], ["name"], "==", [{ name: "never" }], 60_000);
  const pending = expect(ovsdb.transact("_Server", [never])).rejects.toMatchObject({
    code: "OVSDB__CONNECTION_LOST",
    context: { remote: first.server.remote, reason: expect.stringContaining("doesn't lead") as string },
  });
  second.say({ leader: true });
  const [away, back] = [next(ovsdb, "disconnected"), next(ovsdb, "connected")];
  first.say(follower);
  expect(await away).toMatchObject({ reason: { code: "OVSDB__NOT_LEADER" }, retryInMs: 0 });
  await pending;
  expect((await back).client.remote).toBe(second.server.remote);
});

test("while no server can be used, there is a delay before each round of them, and it grows", async () => {
  const members = [await startMember(follower), await startMember({ connected: false })];
  const clock = new FakeClock();
  const backoff = { firstMs: 1_000, limitMs: 8_000 };
  const ovsdb = open(
    members.map(({ server }) => server.remote),
    { databases: ["db"], clock, backoff },
  );
  const told: unknown[] = [];
  while (told.length < 7) {
    const { reason, retryInMs } = await next(ovsdb, "disconnected");
    told.push([reason.code, retryInMs]);
    setImmediate(() => clock.turn(retryInMs));
  }
  const codes = ["OVSDB__NOT_LEADER", "OVSDB__NOT_IN_CLUSTER"];
  expect(told).toEqual([0, 0, 1_000, 0, 2_000, 0, 4_000].map((delay, n) => [codes[n % 2], delay]));
});

test("an outage is two lines in the log, however long it lasts; a follower alone is no warning", async () => {
  const lines: unknown[] = [];
  const logger = {
    ...silentLogger,
    warn: (_: object, message: string) => lines.push(["warn", message]),
    info: (_: object, message: string) => lines.push(["info", message]),
  };
  const members = [await startMember(follower), await startMember(follower)];
  const ovsdb = open(
    members.map(({ server }) => server.remote),
    { databases: ["db"], logger, backoff: { firstMs: 1, limitMs: 1_000 } },
  );
  for (let failures = 0; failures < 9; failures += 1) await next(ovsdb, "disconnected");
  expect(lines).toEqual([
    ["info", "looking for the leader of the cluster"],
    ["warn", "no OVSDB server can be used; retrying"],
  ]);
});

test("a server that has gone back while we were connected is left", async () => {
  const member = await startMember({ index: 7 });
  const ovsdb = open([member.server.remote], { databases: ["db"] });
  await ovsdb.connected();
  const away = next(ovsdb, "disconnected");
  member.say({ index: 6 });
  expect((await away).reason).toMatchObject({ code: "OVSDB__STALE", context: { index: 6, seenIndex: 7 } });
});

test("what a relay says of its source counts, once followers are allowed", async () => {
  const relay = await startMember({ model: "relay", leader: false, index: undefined });
  const strict = open([relay.server.remote], { databases: ["db"] });
  expect((await next(strict, "disconnected")).reason.code).toBe("OVSDB__NOT_LEADER");
  const ovsdb = open([relay.server.remote], { databases: ["db"], leaderOnly: false });
  await ovsdb.connected();
  const away = next(ovsdb, "disconnected");
  relay.say({ connected: false });
  expect((await away).reason.code).toBe("OVSDB__NOT_IN_CLUSTER");
});

test("a server that never says what it has is given up, and the next one is taken", async () => {
  const [silent, other] = [await startMember(), await startMember()];
  silent.server.misbehave("monitor_cond_since", "stall");
  const clock: Clock = systemClock;
  const limits = { requestTimeLimitMs: 50 };
  const ovsdb = open([silent.server.remote, other.server.remote], { databases: ["db"], clock, limits });
  expect((await next(ovsdb, "disconnected")).reason.code).toBe("OVSDB__REQUEST_TIMEOUT");
  expect((await ovsdb.connected()).remote).toBe(other.server.remote);
});

describe.skipIf(missingOpenVSwitch !== undefined)("with a standalone ovsdb-server", () => {
  test("a database that isn't there is the caller's to know, unless it is named", async () => {
    const daemon = cleanup.use(await startOvsdbDaemon());
    const ovsdb = open([daemon.remote]);
    const client = await ovsdb.connected();
    const elsewhere = { ...openVswitch, name: "nothing" };
    const unknown = { code: "OVSDB__UNKNOWN_DATABASE" };
    await expect(ovsdb.monitor(elsewhere, { Bridge: "all" })).rejects.toMatchObject(unknown);
    await expect(ovsdb.transact("nothing", [])).rejects.toMatchObject(unknown);
    expect(ovsdb.client).toBe(client);
    const strict = open([daemon.remote], { databases: ["Open_vSwitch", "nothing"] });
    expect((await next(strict, "disconnected")).reason).toMatchObject({
      code: "OVSDB__DATABASE_ABSENT",
      context: { database: "nothing" },
    });
  });

  test("other databases come and go without a new connection; one that is used is missed", async () => {
    const daemon = cleanup.use(await startOvsdbDaemon());
    await daemon.vsctl("init");
    const ovsdb = open([daemon.remote]);
    const replica = await ovsdb.monitor(openVswitch, { Open_vSwitch: ["next_cfg"] });
    const client = await ovsdb.connected();
    const other = join(daemon.folder, "other.db");
    await run("ovsdb-tool", ["create", other, "/usr/share/openvswitch/local-config.ovsschema"]);
    await daemon.appctl("ovsdb-server/add-db", other);
    expect(await client.listDatabases()).toHaveLength(3);
    await daemon.appctl("ovsdb-server/remove-db", "Local_Config");
    expect([(await client.listDatabases()).length, ovsdb.client]).toEqual([2, client]);

    const [away, back] = [next(ovsdb, "disconnected"), next(ovsdb, "connected")];
    await daemon.appctl("ovsdb-server/remove-db", "Open_vSwitch");
    expect((await away).reason.code).toMatch(/^OVSDB__(DATABASE_ABSENT|MONITOR_CANCELED)$/);
    await daemon.appctl("ovsdb-server/add-db", join(daemon.folder, "conf.db"));
    await back;
    expect(replica.table("Open_vSwitch").size).toBe(1);
  });

  test("after a conversion replicas are made anew", async () => {
    const daemon = cleanup.use(await startOvsdbDaemon());
    await daemon.vsctl("init");
    const ovsdb = open([daemon.remote]);
    const replica = await ovsdb.monitor(openVswitch, { Bridge: ["name", "flood_vlans"] });
    await daemon.vsctl("add-br", "br0");
    const { flood_vlans: _dropped, ...columns } = openVswitch.tables.Bridge.columns;
    const tables = { ...openVswitch.tables, Bridge: { ...openVswitch.tables.Bridge, columns } };
    const back = next(ovsdb, "connected");
    await using other = await connectOvsdb({ remote: daemon.remote, clock: systemClock, logger: silentLogger });
    await other.setDatabaseChangeAware(true);
    await other.convert("Open_vSwitch", { ...openVswitch, version: "99.0.0", tables });
    await back;
    expect(replica.missing).toEqual(["Bridge.flood_vlans"]);
    expect([...replica.table("Bridge").values()]).toEqual([{ name: "br0", flood_vlans: new Set() }]);
  });
});
