import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { missingOpenVSwitch, type OvsdbDaemon, startOvsdbDaemon, startRefusingRelay } from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { insert, remove, update } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const db = "Open_vSwitch";
const tables = { QoS: ["type", "other_config"], Queue: ["dscp"] } as const;
/** `a=1 b=2` */
const map = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(" ").flatMap((pair) => (pair === "" ? [] : [pair.split("=") as [string, string]])));

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  while (cleanup.length > 0) await cleanup.pop()?.[Symbol.asyncDispose]();
});

async function connect(remote: string): Promise<OvsdbClient> {
  const client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
  cleanup.push(client);
  return client;
}

/** The value of the next step; fails when there is none. */
async function next<Value>(iterator: AsyncGenerator<Value, undefined>): Promise<Value> {
  const { done, value } = await iterator.next();
  if (done === true) return expect.unreachable("the watch has ended");
  return value;
}

const change = (client: OvsdbClient) => ({
  add: async (type: string, other_config = ""): Promise<Uuid> => {
    const row = insert(openVswitch, "QoS", { type, other_config: map(other_config) });
    return (await client.transact(db, [row]))[0].uuid;
  },
  set: (uuid: Uuid, type: string, other_config = "") =>
    client.transact(db, [
      update(openVswitch, "QoS", [["_uuid", "==", uuid]], { type, other_config: map(other_config) }),
    ]),
  remove: (uuid: Uuid) => client.transact(db, [remove(openVswitch, "QoS", [["_uuid", "==", uuid]])]),
});

describe.skipIf(missingOpenVSwitch !== undefined)("with ovsdb-server", () => {
  let daemon: OvsdbDaemon;
  beforeAll(async () => {
    daemon = await startOvsdbDaemon();
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  afterEach(async () => {
    await using cleaner = await connectOvsdb({ remote: daemon.remote, clock: systemClock, logger: silentLogger });
    await cleaner.transact(db, [remove(openVswitch, "QoS", []), remove(openVswitch, "Queue", [])]);
  });

  describe.each([
    ["monitor_cond_since", [], false],
    ["monitor_cond", ["monitor_cond_since"], false],
    ["monitor", ["monitor_cond_since", "monitor_cond"], true],
  ] as const)("by %s", (_, refused, tellsOldValues) => {
    async function connectAlike(): Promise<OvsdbClient> {
      const relay = await startRefusingRelay(daemon.remote, refused);
      cleanup.push(relay);
      return await connect(relay.remote);
    }

    test("what is there is told first, then each change", async () => {
      const [client, other] = [await connectAlike(), change(await connect(daemon.remote))];
      const old = await other.add("old", "a=1 b=2");
      await using watch = await client.watch(openVswitch, tables);
      const batches = watch[Symbol.asyncIterator]();
      const oldRow = { type: "old", other_config: map("a=1 b=2") };
      expect(await next(batches)).toEqual({
        events: [{ kind: "initial", table: "QoS", uuid: old, row: oldRow }],
        transactionId: undefined,
      });
      const young = await other.add("young");
      const youngRow = { type: "young", other_config: map("") };
      expect((await next(batches)).events).toEqual([{ kind: "insert", table: "QoS", uuid: young, row: youngRow }]);
      await other.set(old, "old", "b=2 c=3");
      expect((await next(batches)).events).toEqual([
        {
          kind: "modify",
          table: "QoS",
          uuid: old,
          difference: { other_config: map("a=1 c=3") },
          ...(tellsOldValues
            ? { row: { ...oldRow, other_config: map("b=2 c=3") }, old: { other_config: map("a=1 b=2") } }
            : {}),
        },
      ]);
      await other.remove(young);
      expect((await next(batches)).events).toEqual([
        { kind: "delete", table: "QoS", uuid: young, ...(tellsOldValues ? { old: youngRow } : {}) },
      ]);
    });

    test("of each table only the kinds of events that are selected are told", async () => {
      const [client, other] = [await connectAlike(), await connect(daemon.remote)];
      const old = await change(other).add("old");
      await using watch = await client.watch(openVswitch, tables, {
        select: { QoS: { initial: false, modify: false }, Queue: { insert: false, delete: false } },
      });
      const batches = watch[Symbol.asyncIterator]();
      expect((await next(batches)).events).toEqual([]);
      const [, { uuid: queue }] = await other.transact(db, [
        insert(openVswitch, "QoS", { type: "young" }),
        insert(openVswitch, "Queue", { dscp: 1 }),
      ]);
      await change(other).set(old, "changed");
      await other.transact(db, [update(openVswitch, "Queue", [], { dscp: undefined })]);
      await other.transact(db, [remove(openVswitch, "Queue", [])]);
      await change(other).remove(old);
      const told = [await next(batches), await next(batches), await next(batches)].flatMap(({ events }) => events);
      expect(told.map(({ kind, table }) => `${kind} ${table}`)).toEqual(["insert QoS", "modify Queue", "delete QoS"]);
      expect(told[1]).toMatchObject({ uuid: queue, difference: { dscp: undefined } });
    });

    test("leaving the loop ends the monitor, and the connection goes on", async () => {
      const [client, other] = [await connectAlike(), change(await connect(daemon.remote))];
      const watch = await client.watch(openVswitch, tables);
      for await (const { events } of watch) {
        expect(events).toEqual([]);
        break;
      }
      await other.add("unheard");
      expect(await client.listDatabases()).toContain(db);
      expect(await daemon.appctl("memory/show")).toContain("monitors:0 ");
      expect(await watch[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    });
  });

  test("with conditions, rows come and go as they begin and cease to satisfy them", async () => {
    const [client, other] = [await connect(daemon.remote), change(await connect(daemon.remote))];
    await using watch = await client.watch(
      openVswitch,
      { QoS: ["type"] },
      { where: { QoS: [["type", "==", "mine"]] } },
    );
    const batches = watch[Symbol.asyncIterator]();
    await next(batches);
    const uuid = await other.add("other");
    await other.set(uuid, "mine");
    expect((await next(batches)).events).toEqual([{ kind: "insert", table: "QoS", uuid, row: { type: "mine" } }]);
    await other.set(uuid, "other");
    expect((await next(batches)).events).toEqual([{ kind: "delete", table: "QoS", uuid }]);
  });

  test("old values are told by a new server too, but not together with conditions", async () => {
    const [client, other] = [await connect(daemon.remote), change(await connect(daemon.remote))];
    const uuid = await other.add("a");
    await using watch = await client.watch(openVswitch, { QoS: ["type"] }, { oldValues: true });
    // The replica of the same connection is kept by the newest form that the server knows.
    await using replica = await client.monitor(openVswitch, { QoS: ["type"] }, { where: { QoS: [] } });
    const batches = watch[Symbol.asyncIterator]();
    await next(batches);
    await other.set(uuid, "b");
    expect((await next(batches)).events).toEqual([
      { kind: "modify", table: "QoS", uuid, difference: { type: "b" }, row: { type: "b" }, old: { type: "a" } },
    ]);
    expect(replica.table("QoS").size).toBe(0);
    await expect(
      client.watch(openVswitch, { QoS: ["type"] }, { oldValues: true, where: { QoS: [] } }),
    ).rejects.toMatchObject({ code: "OVSDB__INVALID_VALUE" });
  });

  test("conditions need a server that knows them", async () => {
    const relay = await startRefusingRelay(daemon.remote, ["monitor_cond_since", "monitor_cond"]);
    cleanup.push(relay);
    const client = await connect(relay.remote);
    await expect(client.watch(openVswitch, tables, { where: { QoS: [] } })).rejects.toMatchObject({
      code: "OVSDB__CONDITIONS_UNSUPPORTED",
    });
  });

  test("who reads too slowly gets what fits, and then an error; the connection goes on", async () => {
    const client = await connect(daemon.remote);
    await using watch = await client.watch(openVswitch, { Queue: ["dscp"] }, { waitingEventLimit: 1 });
    const add = () => client.transact(db, [insert(openVswitch, "Queue", {}), insert(openVswitch, "Queue", {})]);
    await add();
    await add();
    await add();
    // The server no longer tells what nobody would read.
    await client.echo();
    expect(await daemon.appctl("memory/show")).toContain("monitors:0 ");
    const sizes: number[] = [];
    await expect(
      (async () => {
        for await (const { events } of watch) sizes.push(events.length);
      })(),
    ).rejects.toMatchObject({ code: "OVSDB__EVENTS_EXCEEDED", context: { limit: 1, database: db } });
    expect(sizes).toEqual([0, 2]);
    await add();
  });

  test("what ends the connection ends the watch", async () => {
    const client = await connect(daemon.relay.remote);
    const watch = await client.watch(openVswitch, tables);
    const batches = watch[Symbol.asyncIterator]();
    await next(batches);
    const last = batches.next();
    daemon.relay.cut();
    await expect(last).rejects.toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  });

  test("disposing of the client or of the watch ends it too", async () => {
    const [first, second] = [await connect(daemon.remote), await connect(daemon.remote)];
    const [one, other] = [await first.watch(openVswitch, tables), await second.watch(openVswitch, tables)];
    const batches = one[Symbol.asyncIterator]();
    await next(batches);
    const ended = expect(batches.next()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
    await first[Symbol.asyncDispose]();
    await ended;
    await other[Symbol.asyncDispose]();
    expect(await other[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  test("what isn't watched can't be selected of", async () => {
    const client = await connect(daemon.remote);
    const select = { Queue: { initial: false } } as unknown as Record<string, never>;
    await expect(client.watch(openVswitch, { QoS: "all" }, { select })).rejects.toMatchObject({
      code: "OVSDB__INVALID_VALUE",
    });
  });

  test("what the server's schema lacks is named", async () => {
    const client = await connect(daemon.remote);
    const { QoS, ...others } = openVswitch.tables;
    const weight = { key: { type: "integer" }, min: 1, max: 1 } as const;
    const newer = {
      ...openVswitch,
      tables: { ...others, QoS: { ...QoS, columns: { ...QoS.columns, weight } }, Meter: QoS },
    } as const;
    await using watch = await client.watch(newer, { QoS: ["type", "weight"], Meter: ["type"] });
    expect(watch.missing).toEqual(["QoS.weight", "Meter"]);
    const uuid = await change(client).add("a");
    const batches = watch[Symbol.asyncIterator]();
    await next(batches);
    expect((await next(batches)).events).toEqual([
      { kind: "insert", table: "QoS", uuid, row: { type: "a", weight: 0 } },
    ]);
  });
});

describe.skipIf(missingOpenVSwitch !== undefined)("with a clustered ovsdb-server", () => {
  test("a watch goes on after the last transaction of an earlier one", async () => {
    const daemon = await startOvsdbDaemon({ clustered: true });
    cleanup.push(daemon);
    const [client, other] = [await connect(daemon.remote), change(await connect(daemon.remote))];
    const kept = await other.add("kept");
    const changed = await other.add("a");
    // A server remembers no more than there is.
    for (let n = 0; n < 5; n++) await other.add(`row ${n}`);
    await using first = await client.watch(openVswitch, { QoS: ["type"] });
    const { events, transactionId: since } = await next(first[Symbol.asyncIterator]());
    expect(events.length).toBe(7);
    await other.set(changed, "b");
    await other.remove(kept);
    if (since === undefined) return expect.unreachable("a cluster has ids for transactions");
    await using second = await (await connect(daemon.remote)).watch(openVswitch, { QoS: ["type"] }, { since });
    const missed = await next(second[Symbol.asyncIterator]());
    expect(missed.events).toHaveLength(2);
    expect(missed.events).toEqual(
      expect.arrayContaining([
        { kind: "modify", table: "QoS", uuid: changed, difference: { type: "b" } },
        { kind: "delete", table: "QoS", uuid: kept },
      ]),
    );
    expect(missed.transactionId).not.toBe(since);
  }, 30_000);
});
