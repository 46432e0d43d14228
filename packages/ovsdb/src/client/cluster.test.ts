/** A client of a real cluster: which server it takes, when it leaves it, and what that costs. */
import { copyFile } from "node:fs/promises";
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OvsdbCluster, startOvsdbCluster } from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { insert, type Operation, select } from "../notation/operation.ts";
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

async function startCluster(size = 3): Promise<OvsdbCluster> {
  return cleanup.use(await startOvsdbCluster({ size }));
}

function open(remotes: readonly string[], options: Partial<OpenOvsdbOptions> = {}): ReconnectingOvsdb {
  const quick = { firstMs: 20, limitMs: 200 };
  return cleanup.use(
    openOvsdb({ remotes, clock: systemClock, logger: silentLogger, random: () => 0, backoff: quick, ...options }),
  );
}

async function connect(remote: string): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
}

/** The next event that satisfies a condition. */
function next(ovsdb: ReconnectingOvsdb, satisfies: (event: ConnectionEvent) => boolean): Promise<ConnectionEvent> {
  const { promise, resolve } = Promise.withResolvers<ConnectionEvent>();
  const listening = ovsdb.connections.add((event) => {
    if (satisfies(event)) resolve(event);
  });
  return promise.finally(() => listening[Symbol.dispose]());
}

const connected = (event: ConnectionEvent): boolean => event.kind === "connected";

/** The next end of a connection or attempt, as a row of an expectation. */
async function nextEnd(ovsdb: ReconnectingOvsdb): Promise<readonly [remote: string, code: string]> {
  const event = await next(ovsdb, ({ kind }) => kind === "disconnected");
  return event.kind === "disconnected" ? [event.remote, event.reason.code] : ["", ""];
}

const hasCode =
  (code: string) =>
  (event: ConnectionEvent): boolean =>
    event.kind === "disconnected" && event.reason.code === code;

/** Rows of a table that nothing has to refer to. */
function makeRows(...types: readonly string[]): readonly Operation[] {
  return types.map((type) => insert(openVswitch, "QoS", { type }));
}

function typesOf(rows: Iterable<{ readonly type: string }>): readonly string[] {
  return Array.from(rows, ({ type }) => type).sort();
}

describe.skipIf(missingOpenVSwitch !== undefined)("a client of a cluster", { timeout: 30_000 }, () => {
  test("takes the leader, and moves with the lead at once", async () => {
    const cluster = await startCluster();
    const leader = await cluster.leader();
    const ovsdb = open(cluster.remotes, { databases: [db] });
    expect((await ovsdb.connected()).remote).toBe(cluster.remotes[leader]);
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    const [end, back] = [nextEnd(ovsdb), next(ovsdb, connected)];
    await cluster.appctl(leader, "cluster/failure-test", "transfer-leadership");
    expect(await end).toEqual([cluster.remotes[leader], "OVSDB__NOT_LEADER"]);
    await back;
    expect(ovsdb.client?.remote).toBe(cluster.remotes[await cluster.leader()]);
    await ovsdb.transact(db, makeRows("a"));
    expect(typesOf(replica.table("QoS").values())).toEqual(["a"]);
  });

  test("takes a follower until it uses a clustered database, and from then on the leader", async () => {
    const cluster = await startCluster();
    const leader = await cluster.leader();
    const [follower = ""] = cluster.remotes.filter((_, server) => server !== leader);
    const ovsdb = open([follower, cluster.remotes[leader] ?? ""]);
    expect((await ovsdb.connected()).remote).toBe(follower);
    const first = ovsdb.transact(db, makeRows("a"));
    await expect(first).rejects.toMatchObject({ code: "OVSDB__NOT_CONNECTED" });
    expect((await ovsdb.connected()).remote).toBe(cluster.remotes[leader]);

    const other = open([follower, cluster.remotes[leader] ?? ""]);
    await other.connected();
    const replica = await other.monitor(openVswitch, { QoS: ["type"] });
    expect([replica.table("QoS").size, other.client?.remote]).toEqual([0, cluster.remotes[leader]]);
  });

  test("takes a follower if that is asked for, and writes through it", async () => {
    const cluster = await startCluster();
    const leader = await cluster.leader();
    const followers = cluster.remotes.filter((_, server) => server !== leader);
    const ovsdb = open(followers, { leaderOnly: false });
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    await ovsdb.transact(db, makeRows("a"));
    expect(typesOf(replica.table("QoS").values())).toEqual(["a"]);
    expect(followers).toContain(ovsdb.client?.remote);
  });

  test("leaves a server that drops out of the cluster, and doesn't take it again", async () => {
    const cluster = await startCluster();
    const leader = await cluster.leader();
    const follower = (leader + 1) % 3;
    const remotes = [cluster.remotes[follower] ?? "", cluster.remotes[leader] ?? ""];
    const ovsdb = open(remotes, { leaderOnly: false, databases: [db] });
    expect((await ovsdb.connected()).remote).toBe(remotes[0]);
    const [end, back] = [nextEnd(ovsdb), next(ovsdb, connected)];
    await cluster.appctl(follower, "cluster/failure-test", "stop-raft-rpc");
    expect(await end).toEqual([remotes[0], "OVSDB__NOT_IN_CLUSTER"]);
    await back;
    expect(ovsdb.client?.remote).toBe(remotes[1]);

    const other = open(remotes, { leaderOnly: false, databases: [db] });
    expect(await nextEnd(other)).toEqual([remotes[0], "OVSDB__NOT_IN_CLUSTER"]);
    expect((await other.connected()).remote).toBe(remotes[1]);
  });

  test("leaves a leader that is frozen while the others go on, and keeps to the new one when it wakes", async () => {
    const cluster = await startCluster();
    const leader = await cluster.leader();
    const ovsdb = open(cluster.remotes, { databases: [db], limits: { probeIntervalMs: 100 } });
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    await ovsdb.transact(db, makeRows("a"));
    const [end, back] = [nextEnd(ovsdb), next(ovsdb, connected)];
    cluster.freeze(leader);
    expect(await end).toEqual([cluster.remotes[leader], "OVSDB__PEER_SILENT"]);
    await back;
    await ovsdb.transact(db, makeRows("b"));
    cluster.thaw(leader);
    await cluster.until(leader, { leader: false });
    await ovsdb.transact(db, makeRows("c"));
    expect(typesOf(replica.table("QoS").values())).toEqual(["a", "b", "c"]);
    expect(ovsdb.client?.remote).not.toBe(cluster.remotes[leader]);
  });

  test("refuses a cluster that was restored from an older copy, until it is told to take it", async () => {
    const cluster = await startCluster();
    const ovsdb = open(cluster.remotes);
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    await ovsdb.transact(db, makeRows("old"));
    await Promise.all(cluster.databaseFiles.map((file) => copyFile(file, `${file}.copy`)));
    for (let n = 0; n < 50; n += 1) await ovsdb.transact(db, makeRows(`new ${n}`));
    for (const server of cluster.remotes.keys()) await cluster.kill(server);
    await Promise.all(cluster.databaseFiles.map((file) => copyFile(`${file}.copy`, file)));
    const stale = next(ovsdb, hasCode("OVSDB__STALE"));
    for (const server of cluster.remotes.keys()) await cluster.start(server);
    await stale;
    expect(replica.table("QoS").size).toBe(51);
    await expect(ovsdb.transact(db, makeRows("b"))).rejects.toMatchObject({ code: "OVSDB__NOT_CONNECTED" });

    const back = next(ovsdb, connected);
    ovsdb.forgetClusters();
    await back;
    expect(typesOf(replica.table("QoS").values())).toEqual(["old"]);
  });

  test("refuses a server of another cluster with the same database", async () => {
    const [ours, other] = [await startCluster(1), await startCluster(1)];
    const ovsdb = open([...ours.remotes, ...other.remotes]);
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    await ovsdb.transact(db, makeRows("ours"));
    const refused = next(ovsdb, hasCode("OVSDB__OTHER_CLUSTER"));
    await ours.kill(0);
    await refused;
    expect(typesOf(replica.table("QoS").values())).toEqual(["ours"]);
    await ours.start(0);
    expect((await ovsdb.connected()).remote).toBe(ours.remotes[0]);
  });

  test("takes a relay only if followers are allowed, and writes through it", async () => {
    const cluster = await startCluster(1);
    const relay = await cluster.startRelayServer();
    await relay.until({ connected: true });
    expect(await nextEnd(open([relay.remote], { databases: [db] }))).toEqual([relay.remote, "OVSDB__NOT_LEADER"]);
    const ovsdb = open([relay.remote], { leaderOnly: false });
    const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
    await ovsdb.transact(db, makeRows("a"));
    await replica.until(() => typesOf(replica.table("QoS").values()).includes("a"));
  });

  test("is told by another server only what has changed since, however large the database is", async () => {
    const cluster = await startCluster();
    const { relays } = cluster;
    const ovsdb = open(
      relays.map(({ remote }) => remote),
      { leaderOnly: false },
    );
    const replica = await ovsdb.monitor(openVswitch, { QoS: "all" });
    const writer = await connect(cluster.remotes[await cluster.leader()] ?? "");
    const copies = await Promise.all(
      cluster.remotes.map(async (remote) => (await connect(remote)).monitor(openVswitch, { QoS: ["type"] })),
    );
    const sent = (): number => relays.reduce((sum, { bytesFromServer }) => sum + bytesFromServer, 0);
    const costOfMoving = async (count: number): Promise<number> => {
      await Promise.all(copies.map((copy) => copy.until(() => copy.table("QoS").size === count)));
      await replica.until(() => replica.table("QoS").size === count);
      const relay = relays.find(({ remote }) => remote === ovsdb.client?.remote);
      const [before, back] = [sent(), next(ovsdb, connected)];
      await relay?.whileCut(async () => {
        await writer.transact(db, makeRows("meanwhile"));
        await back;
      });
      await replica.until(() => replica.table("QoS").size === count + 1);
      expect(ovsdb.client?.remote).not.toBe(relay?.remote);
      return sent() - before;
    };
    const costOfNone = await costOfMoving(0);
    await writer.transact(db, makeRows(...Array.from({ length: 2_000 }, (_, n) => `row ${n}`)));
    const costOfMany = await costOfMoving(2_001);
    // 2,000 rows are 200,000 bytes.
    expect(costOfMany).toBeLessThan(costOfNone + 5_000);
    const [{ rows }] = await writer.transact(db, [select(openVswitch, "QoS", [], ["_uuid", "type"])]);
    expect(typesOf(replica.table("QoS").values())).toEqual(typesOf(rows));
  });
});
