/** Locks, conditional monitors and conversion, the same against a real ovsdb-server and against the in-process one. */
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, startOvsdbDaemon, startOvsdbServer } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assert, comment, insert, mutate, remove, update } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const db = "Open_vSwitch";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function connect(remote: string): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
}

const servers: Readonly<Record<string, () => Promise<string>>> = {
  async "ovsdb-server"() {
    const daemon = cleanup.use(await startOvsdbDaemon());
    await daemon.vsctl("init");
    return daemon.remote;
  },
  "the in-process server": async () => cleanup.use(await startOvsdbServer()).remote,
  "an in-process server as old as Open vSwitch 2.6": async () =>
    cleanup.use(await startOvsdbServer({ monitorMethods: ["monitor", "monitor_cond"] })).remote,
};
const usable = Object.entries(servers).filter(
  ([name]) => missingOpenVSwitch === undefined || !name.endsWith("ovsdb-server"),
);

/** Bridges without ports. */
function makeBridges(...names: readonly string[]) {
  return names.flatMap((name) => [
    insert(openVswitch, "Bridge", { name, external_ids: new Map([["of", name]]) }, { uuidName: namedUuid(name) }),
    mutate(openVswitch, "Open_vSwitch", [], [["bridges", "insert", new Set([namedUuid(name)])]]),
  ]);
}

describe.each(usable)("with %s", (_, start) => {
  let client: OvsdbClient;
  let other: OvsdbClient;
  beforeEach(async () => {
    const remote = await start();
    [client, other] = [await connect(remote), await connect(remote)];
  });

  test("a lock belongs to one client, the next in line gets it when it is given back", async () => {
    const first = await client.lock("leader");
    const second = await other.lock("leader");
    expect([first.owned, second.owned]).toEqual([true, false]);
    await expect(other.transact(db, [assert("leader")])).rejects.toMatchObject({ code: "OVSDB__NOT_OWNER" });
    await expect(client.transact(db, [assert("leader"), comment("mine")])).resolves.toHaveLength(2);

    const told: boolean[] = [];
    using _listening = second.changes.add((owned) => told.push(owned));
    const waiting = second.acquired();
    await first[Symbol.asyncDispose]();
    await waiting;
    expect([first.owned, second.owned, told]).toEqual([false, true, [true]]);
    await other.transact(db, [assert("leader")]);
    await expect(first.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  });

  test("a stolen lock is lost at once, and comes back when the thief gives it up", async () => {
    const first = await client.lock("leader");
    const lost = Promise.withResolvers<boolean>();
    using _listening = first.changes.add(lost.resolve);
    const thief = await other.steal("leader");
    expect(thief.owned).toBe(true);
    expect(await lost.promise).toBe(false);
    expect(first.owned).toBe(false);
    await thief[Symbol.asyncDispose]();
    await first.acquired();
    await client.transact(db, [assert("leader")]);
  });

  test("a lock whose owner has gone is the next one's; waiting for it can be given up", async () => {
    await client.lock("leader");
    const second = await other.lock("leader");
    const giveUp = new AbortController();
    const waiting = second.acquired(giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
    await client[Symbol.asyncDispose]();
    await second.acquired();
    const ending = other[Symbol.asyncDispose]();
    await ending;
    await expect(second.acquired()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
    expect(second.owned).toBe(false);
  });

  test("a lock can't be asked for twice, but again after it was given back", async () => {
    const first = await client.lock("leader");
    await expect(client.lock("leader")).rejects.toMatchObject({ code: "OVSDB__REQUEST_REFUSED" });
    expect(first.owned).toBe(true);
    await first[Symbol.asyncDispose]();
    await using again = await client.lock("leader");
    expect(again.owned).toBe(true);
  });

  test("all clients see the same id of the server", async () => {
    expect(await client.getServerId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client.getServerId()).toBe(await other.getServerId());
  });

  test("a monitor with conditions sees rows come and go as they begin and cease to satisfy any of them", async () => {
    await other.transact(db, makeBridges("br0", "br1", "br2"));
    await using replica = await client.monitor(
      openVswitch,
      { Bridge: ["name", "fail_mode"], Open_vSwitch: ["bridges"] },
      {
        where: {
          Bridge: [
            ["name", "==", "br0"],
            ["fail_mode", "==", "secure"],
          ],
        },
      },
    );
    const names = (): string[] => Array.from(replica.table("Bridge").values(), (row) => row.name).sort();
    expect(names()).toEqual(["br0"]);
    expect([...replica.table("Open_vSwitch").values()][0]?.bridges.size).toBe(3);
    await client.transact(db, [update(openVswitch, "Bridge", [["name", "==", "br2"]], { fail_mode: "secure" })]);
    expect(names()).toEqual(["br0", "br2"]);
    await client.transact(db, [update(openVswitch, "Bridge", [], { fail_mode: "standalone" })]);
    expect(names()).toEqual(["br0"]);
    await client.transact(db, [update(openVswitch, "Open_vSwitch", [], { bridges: new Set() })]);
    expect(names()).toEqual([]);
  });

  test("changed conditions change the replica by the difference", async () => {
    await other.transact(db, makeBridges("br0", "br1"));
    await using replica = await client.monitor(openVswitch, { Bridge: ["name"] }, { where: { Bridge: [] } });
    expect(replica.table("Bridge").size).toBe(0);
    const told: unknown[] = [];
    using _listening = replica.changes.add((changes) =>
      told.push(...changes.map(({ before, after }) => [before, after])),
    );
    await replica.changeConditions({ Bridge: [["name", "==", "br0"]] });
    await replica.changeConditions({
      Bridge: [
        ["name", "==", "br1"],
        ["name", "==", "br0"],
      ],
    });
    await replica.changeConditions({ Bridge: [["name", "==", "br1"]] });
    await replica.changeConditions({ Bridge: [true] });
    await replica.changeConditions({ Bridge: [false] });
    expect(replica.table("Bridge").size).toBe(0);
    const [br0, br1] = [{ name: "br0" }, { name: "br1" }];
    expect(told.slice(0, 4)).toEqual([
      [undefined, br0],
      [undefined, br1],
      [br0, undefined],
      [undefined, br0],
    ]);
    expect(told).toHaveLength(6);
  });

  test("refused conditions leave those that were", async () => {
    await other.transact(db, makeBridges("br0"));
    await using replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const bad = { Bridge: [["ports", "==", new Set([namedUuid("nobody")])]] } as const;
    await expect(replica.changeConditions(bad)).rejects.toMatchObject({ code: "OVSDB__REQUEST_REFUSED" });
    await client.transact(db, makeBridges("br1"));
    expect(replica.table("Bridge").size).toBe(2);
  });

  // Columns of the new schema are those of the old but one.
  const { flood_vlans: _dropped, ...bridgeColumns } = openVswitch.tables.Bridge.columns;
  const converted: DatabaseSchema = {
    ...openVswitch,
    version: "99.0.0",
    tables: { ...openVswitch.tables, Bridge: { ...openVswitch.tables.Bridge, columns: bridgeColumns } },
  };

  test("a converted database ends the monitors of those who are prepared, and the connections of others", async () => {
    await client.setDatabaseChangeAware(true);
    await other.transact(db, makeBridges("br0"));
    const replica = await client.monitor(openVswitch, { Bridge: ["name", "flood_vlans"] });
    const ended = expect(replica.until(() => false)).rejects.toMatchObject({ code: "OVSDB__MONITOR_CANCELED" });
    await client.convert(db, converted);
    await ended;
    expect(await other.closed).toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
    expect((await client.getSchema(db)).version).toBe("99.0.0");
    await using anew = await client.monitor(openVswitch, { Bridge: ["name", "flood_vlans"] });
    expect(anew.missing).toEqual(["Bridge.flood_vlans"]);
    expect([...anew.table("Bridge").values()].map((row) => row.name)).toEqual(["br0"]);
  });

  test("a database isn't converted to a schema that its rows don't fit", async () => {
    await client.setDatabaseChangeAware(true);
    await client.transact(db, makeBridges("br0"));
    const { Bridge } = openVswitch.tables;
    const name = { key: { type: "integer" }, min: 1, max: 1 } as const;
    const unfit = { ...Bridge, columns: { ...Bridge.columns, name } };
    const schema: DatabaseSchema = { ...converted, tables: { ...openVswitch.tables, Bridge: unfit } };
    await expect(client.convert(db, schema)).rejects.toMatchObject({ code: "OVSDB__REQUEST_REFUSED" });
    expect((await client.getSchema(db)).version).not.toBe("99.0.0");
    await client.transact(db, [remove(openVswitch, "Bridge", [["name", "==", "nobody"]])]);
  });
});

test("conditions of a table that isn't monitored are refused", async () => {
  const client = await connect(cleanup.use(await startOvsdbServer()).remote);
  const where = { Port: [] } as Record<string, never[]>;
  await expect(client.monitor(openVswitch, { Bridge: "all" }, { where })).rejects.toMatchObject({
    code: "OVSDB__INVALID_VALUE",
  });
});

test.skipIf(missingOpenVSwitch !== undefined)(
  "a clustered database is converted when nothing is ephemeral",
  async () => {
    const daemon = cleanup.use(await startOvsdbDaemon({ clustered: true }));
    const client = await connect(daemon.remote);
    await client.setDatabaseChangeAware(true);
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const ended = expect(replica.until(() => false)).rejects.toMatchObject({ code: "OVSDB__MONITOR_CANCELED" });
    const tables = Object.entries((await client.getSchema(db)).tables).map(([name, table]) => {
      const columns = Object.entries(table.columns).map(
        ([column, { ephemeral: _, ...kept }]) => [column, kept] as const,
      );
      return [name, { ...table, columns: Object.fromEntries(columns) }] as const;
    });
    await client.convert(db, { ...openVswitch, version: "99.0.0", tables: Object.fromEntries(tables) });
    await ended;
    expect((await client.getSchema(db)).version).toBe("99.0.0");
  },
);

test("a server with nothing but RFC 7047 can't monitor with conditions, and that is said", async () => {
  const server = cleanup.use(await startOvsdbServer({ monitorMethods: ["monitor"] }));
  const client = await connect(server.remote);
  const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
  const unsupported = { code: "OVSDB__CONDITIONS_UNSUPPORTED" };
  await expect(replica.changeConditions({ Bridge: [] })).rejects.toMatchObject(unsupported);
  await expect(client.monitor(openVswitch, { Bridge: ["name"] }, { where: { Bridge: [] } })).rejects.toMatchObject(
    unsupported,
  );
});

test("conditions on misspelt columns and other tables don't compile", () => {
  const misspelt = (client: OvsdbClient): unknown[] => [
    // @ts-expect-error there is no column nmae
    client.monitor(openVswitch, { Bridge: "all" }, { where: { Bridge: [["nmae", "==", "br0"]] } }),
    // @ts-expect-error a name isn't a number
    client.monitor(openVswitch, { Bridge: "all" }, { where: { Bridge: [["name", "==", 7]] } }),
    // @ts-expect-error Port isn't replicated
    client.monitor(openVswitch, { Bridge: "all" }, { where: { Port: [] } }),
  ];
  expect(misspelt).toBeTypeOf("function");
});
