/** What a real ovsdb-server refuses, each provoked. */
import { fileURLToPath } from "node:url";
import { silentLogger, systemClock } from "@loomstack/core";
import {
  missingOpenVSwitch,
  type OvsdbDaemon,
  type OvsdbDaemonOptions,
  startOvsdbDaemon,
  startRefusingRelay,
} from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { abort, assert, comment, insert, mutate, type Operation, select, update, wait } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { ovnSouthbound } from "../schema/ovn-southbound.generated.ts";
import { serverDatabase } from "../schema/server.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const db = "Open_vSwitch";
const never = wait(openVswitch, "QoS", [], ["type"], "==", [{ type: "never" }], Infinity);

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const start = async (options: OvsdbDaemonOptions = {}) => cleanup.use(await startOvsdbDaemon(options));

async function connect(remote: string): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
}

describe.skipIf(missingOpenVSwitch !== undefined)("ovsdb-server refuses", () => {
  test("every request for a database that it doesn't have", async () => {
    const client = await connect((await start()).remote);
    const unknown = { code: "OVSDB__UNKNOWN_DATABASE" };
    await expect(client.getSchema("Ghost")).rejects.toMatchObject(unknown);
    await expect(client.transact("Ghost", [])).rejects.toMatchObject(unknown);
    await expect(client.convert("Ghost", { ...openVswitch, name: "Ghost" })).rejects.toMatchObject(unknown);
    await expect(client.monitor(ovnSouthbound, { Chassis: "all" })).rejects.toMatchObject(unknown);
    await expect(client.watch(ovnSouthbound, { Chassis: "all" })).rejects.toMatchObject(unknown);
  });

  test("requests for a database whose contents it has yet to get", async () => {
    const daemon = await start();
    await daemon.appctl("ovsdb-server/add-db", `relay:Elsewhere:unix:${daemon.folder}/nobody.sock`);
    const client = await connect(daemon.remote);
    const unavailable = { code: "OVSDB__DATABASE_UNAVAILABLE", context: { method: "get_schema" } };
    await expect(client.getSchema("Elsewhere")).rejects.toMatchObject(unavailable);
  });

  test("methods that it is too old for", async () => {
    const refused = ["set_db_change_aware", "get_server_id", "convert"];
    const relay = cleanup.use(await startRefusingRelay((await start()).remote, refused));
    const client = await connect(relay.remote);
    const requests = [client.setDatabaseChangeAware(true), client.getServerId(), client.convert(db, openVswitch)];
    const answers = await Promise.allSettled(requests);
    expect(answers).toMatchObject(Array(3).fill({ reason: { code: "OVSDB__UNKNOWN_METHOD" } }));
  });

  test.each([
    ["removed", (_client: OvsdbClient, daemon: OvsdbDaemon) => daemon.appctl("ovsdb-server/remove-db", db)],
    ["converted", (client: OvsdbClient) => client.convert(db, openVswitch)],
  ])("to go on with transactions, and ends monitors, of a database that is %s", async (_, change) => {
    const daemon = await start();
    const [client, other] = [await connect(daemon.remote), await connect(daemon.remote)];
    await client.setDatabaseChangeAware(true);
    await other.setDatabaseChangeAware(true);
    const watch = await client.watch(openVswitch, { QoS: "all" });
    const batches = watch[Symbol.asyncIterator]();
    await batches.next();
    const ends = [
      expect(client.transact(db, [never], { timeLimitMs: Infinity })).rejects.toMatchObject({
        code: "OVSDB__CANCELED",
      }),
      expect(batches.next()).rejects.toMatchObject({ code: "OVSDB__MONITOR_CANCELED" }),
    ];
    // Whoever has been answered, has been heard.
    await client.echo();
    await change(other, daemon);
    await Promise.all(ends);
    expect(await client.listDatabases()).toContain("_Server");
  });

  test("a conversion under another name, or to what the rows don't fit", async () => {
    const client = await connect((await start()).remote);
    await client.setDatabaseChangeAware(true);
    const refused = { code: "OVSDB__REQUEST_REFUSED", context: { method: "convert" } };
    await expect(client.convert(db, { ...openVswitch, name: "Other" })).rejects.toMatchObject(refused);
    await client.transact(db, [insert(openVswitch, "QoS", { type: "a" })]);
    const { QoS } = openVswitch.tables;
    const type = { key: { type: "integer" }, min: 1, max: 1 } as const;
    const unfit = { ...openVswitch.tables, QoS: { ...QoS, columns: { ...QoS.columns, type } } };
    await expect(client.convert(db, { ...openVswitch, tables: unfit })).rejects.toMatchObject(refused);
  });

  test("what changes something, while it only keeps a copy of another server's databases", async () => {
    const daemon = await start();
    await daemon.appctl("ovsdb-server/set-active-ovsdb-server", `unix:${daemon.folder}/nobody.sock`);
    await daemon.appctl("ovsdb-server/connect-active-ovsdb-server");
    const client = await connect(daemon.remote);
    await expect(client.lock("leader")).rejects.toMatchObject({ code: "OVSDB__REQUEST_NOT_PERMITTED" });
    await expect(client.transact(db, [comment("a"), insert(openVswitch, "QoS", {})])).rejects.toMatchObject({
      code: "OVSDB__NOT_ALLOWED",
      context: { index: 1, operation: "insert QoS" },
    });
    expect(await client.transact(db, [select(openVswitch, "QoS", [], ["type"])])).toEqual([{ rows: [] }]);
  });

  test("changes of its own database", async () => {
    const client = await connect((await start()).remote);
    await expect(
      client.transact("_Server", [update(serverDatabase, "Database", [], { leader: false })]),
    ).rejects.toMatchObject({ code: "OVSDB__NOT_ALLOWED", context: { index: 0 } });
  });

  test("what a client's role may not do", async () => {
    const schemaFile = fileURLToPath(new URL("../../schemas/ovn-sb.ovsschema", import.meta.url));
    const daemon = await start({ schemaFile });
    const root = await connect(daemon.remote);
    const connection = namedUuid("c");
    const row = { target: "ptcp:0:127.0.0.1", role: "ovn-controller" };
    const database = "OVN_Southbound";
    await root.transact(database, [
      insert(ovnSouthbound, "Connection", row, { uuidName: connection }),
      insert(ovnSouthbound, "SB_Global", { connections: new Set([connection]) }),
    ]);
    await daemon.appctl("ovsdb-server/add-remote", `db:${database},SB_Global,connections`);
    await using replica = await root.monitor(ovnSouthbound, { Connection: ["status"] });
    const port = (): string | undefined => [...replica.table("Connection").values()][0]?.status.get("bound_port");
    await replica.until(() => port() !== undefined);
    const client = await connect(`tcp:127.0.0.1:${port() ?? ""}`);
    await expect(
      client.transact(database, [comment("a"), insert(ovnSouthbound, "Chassis", { name: "a" })]),
    ).rejects.toMatchObject({
      code: "OVSDB__PERMISSION_ERROR",
      context: { index: 1, operation: "insert Chassis (name a)" },
    });
    const schema = await client.getSchema(database);
    await expect(client.convert(database, schema)).rejects.toMatchObject({ code: "OVSDB__REQUEST_NOT_PERMITTED" });
  });

  test("operations, each with its own error, index and name", async () => {
    const client = await connect((await start()).remote);
    const first = insert(openVswitch, "QoS", { type: "first", other_config: new Map([["a", "1"]]) });
    const named = (uuidName: string): Operation => insert(openVswitch, "QoS", {}, { uuidName: namedUuid(uuidName) });
    const [{ uuid }] = await client.transact(db, [first]);
    const other = "36bef046-7da7-43a5-905a-c17899216fcb" as typeof uuid;
    const calculated = insert(openVswitch, "Open_vSwitch", { next_cfg: 1 });
    const cases: readonly (readonly [readonly Operation[], string, number, string])[] = [
      [[first, abort()], "OVSDB__ABORTED", 1, "abort"],
      [[assert("mine")], "OVSDB__NOT_OWNER", 0, "assert"],
      [[named("a"), named("a")], "OVSDB__DUPLICATE_UUID_NAME", 1, "insert QoS"],
      [[insert(openVswitch, "QoS", {}, { uuid })], "OVSDB__DUPLICATE_UUID", 0, "insert QoS"],
      [[insert(openVswitch, "Queue", { dscp: 64 })], "OVSDB__CONSTRAINT_VIOLATION", 0, "insert Queue (dscp)"],
      [[calculated, calculated], "OVSDB__CONSTRAINT_VIOLATION", 2, "the commit"],
      [
        [insert(openVswitch, "QoS", { queues: new Map([[1, other]]) })],
        "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION",
        1,
        "the commit",
      ],
      [
        [calculated, mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "/=", 0]])],
        "OVSDB__DOMAIN_ERROR",
        1,
        "mutate Open_vSwitch",
      ],
      [
        [calculated, mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "-=", -(2n ** 63n)]])],
        "OVSDB__RANGE_ERROR",
        1,
        "mutate Open_vSwitch",
      ],
      [[wait(openVswitch, "QoS", [], ["type"], "==", [])], "OVSDB__TIMED_OUT", 0, "wait QoS"],
    ];
    for (const [operations, code, index, operation] of cases) {
      const context = { index, operation };
      await expect(client.transact(db, operations)).rejects.toMatchObject({ code, context });
    }
    expect(await client.transact(db, [select(openVswitch, "QoS", [], ["type"])])).toEqual([
      { rows: [{ type: "first" }] },
    ]);
  });
});
