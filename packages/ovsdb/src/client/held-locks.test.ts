/** Locks that outlive connections. */
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, startOvsdbCluster, startOvsdbServer } from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { assert, insert } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { connectOvsdb } from "./connect.ts";
import type { Lock } from "./locks.ts";
import { openOvsdb } from "./open.ts";
import type { OpenOvsdbOptions, ReconnectingOvsdb } from "./reconnecting.ts";

const db = "Open_vSwitch";
const traits = { clock: systemClock, logger: silentLogger };

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

function open(remotes: readonly string[], options: Partial<OpenOvsdbOptions> = {}): ReconnectingOvsdb {
  return cleanup.use(
    openOvsdb({ remotes, ...traits, random: () => 0, backoff: { firstMs: 20, limitMs: 200 }, ...options }),
  );
}

/** What listeners are told from now on. */
function record(lock: Lock): readonly boolean[] {
  const told: boolean[] = [];
  lock.changes.add((owned) => told.push(owned));
  return told;
}

/** Resolves at the next change to `owned`. */
function becomes(lock: Lock, owned: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const listening = lock.changes.add((now) => {
    if (now === owned) resolve(undefined);
  });
  return promise.finally(() => listening[Symbol.dispose]());
}

test("a lock is lost with its connection, and taken again with the next", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  await using lock = await ovsdb.lock("leader");
  await lock.acquired();
  const told = record(lock);
  const lost = becomes(lock, false);
  server.dropConnections();
  await lost;
  expect([lock.owned, ovsdb.client]).toEqual([false, undefined]);
  await lock.acquired();
  expect([lock.owned, told]).toEqual([true, [false, true]]);
  await ovsdb.transact(db, [assert("leader")]);
});

test("with the next connection a lock stands in line, behind who has it by then", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  await using lock = await ovsdb.lock("leader");
  const other = cleanup.use(await connectOvsdb({ remote: server.remote, ...traits }));
  await using stolen = await other.steal("leader");
  expect(stolen.owned).toBe(true);
  await ovsdb.client?.[Symbol.asyncDispose]();
  await ovsdb.connected();
  expect(lock.owned).toBe(false);
  await expect(ovsdb.transact(db, [assert("leader")])).rejects.toMatchObject({ code: "OVSDB__NOT_OWNER" });
  await stolen[Symbol.asyncDispose]();
  await lock.acquired();
});

test("a lock that was disposed of is free, and isn't asked for again", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  const lock = await ovsdb.lock("leader");
  await lock.acquired();
  const told = record(lock);
  await lock[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  expect([lock.owned, told]).toEqual([false, [false]]);
  await expect(lock.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await ovsdb.client?.[Symbol.asyncDispose]();
  await ovsdb.connected();
  const other = cleanup.use(await connectOvsdb({ remote: server.remote, ...traits }));
  await using taken = await other.lock("leader");
  expect(taken.owned).toBe(true);
  // The name can be asked for anew.
  await using again = await ovsdb.lock("leader");
  expect(again.owned).toBe(false);
});

test("the same lock can't be asked for twice, and the one that is held stays", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const ovsdb = open([server.remote]);
  await using lock = await ovsdb.lock("leader");
  await expect(ovsdb.lock("leader")).rejects.toMatchObject({ code: "OVSDB__LOCK_REQUESTED_TWICE" });
  expect(lock.owned).toBe(true);
});

test("a lock is waited for until there is a connection, or until one gives up or closes", async () => {
  const server = cleanup.use(await startOvsdbServer());
  server.misbehave("lock", "close");
  const ovsdb = open([server.remote]);
  await using lock = await ovsdb.lock("leader");
  expect(lock.owned).toBe(true);

  const nowhere = open(["unix:/nowhere/db.sock"]);
  await expect(nowhere.lock("leader", { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "CORE__ABORTED",
  });
  const waiting = expect(nowhere.lock("leader")).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await nowhere[Symbol.asyncDispose]();
  await waiting;
});

test("disposing of the client ends its locks, and who waits for them", async () => {
  const server = cleanup.use(await startOvsdbServer());
  const other = cleanup.use(await connectOvsdb({ remote: server.remote, ...traits }));
  await using taken = await other.lock("leader");
  const ovsdb = open([server.remote]);
  const lock = await ovsdb.lock("leader");
  const waiting = expect(lock.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await ovsdb[Symbol.asyncDispose]();
  await waiting;
  expect([taken.owned, lock.owned]).toEqual([true, false]);
});

describe.skipIf(missingOpenVSwitch !== undefined)("with a cluster", { timeout: 30_000 }, () => {
  test("a lock survives its server: it is taken again at the next leader, where the others wait for it", async () => {
    const cluster = cleanup.use(await startOvsdbCluster());
    const ovsdb = open(cluster.remotes, { databases: [db] });
    await using lock = await ovsdb.lock("leader");
    await lock.acquired();
    const told = record(lock);
    const lost = becomes(lock, false);
    await cluster.kill(await cluster.leader());
    await lost;
    await lock.acquired();
    expect(told).toEqual([false, true]);
    const guarded = [assert("leader"), insert(openVswitch, "QoS", { type: "guarded" })];
    await ovsdb.transact(db, guarded);

    const other = open(cluster.remotes, { databases: [db] });
    await using next = await other.lock("leader");
    expect(next.owned).toBe(false);
    await expect(other.transact(db, guarded)).rejects.toMatchObject({ code: "OVSDB__NOT_OWNER" });
    await lock[Symbol.asyncDispose]();
    await next.acquired();
    await other.transact(db, guarded);
  });
});
