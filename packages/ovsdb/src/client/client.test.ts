/** What a client does with a server, the same against a real ovsdb-server and against the in-process one. */
import { isLoomstackError, silentLogger, systemClock } from "@loomstack/core";
import {
  missingOpenVSwitch,
  type OvsdbDaemon,
  type OvsdbServer,
  startOvsdbDaemon,
  startOvsdbServer,
} from "@loomstack/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReplicaRow } from "../cache/replica.ts";
import { insert, mutate, remove, select, update, wait } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const db = "Open_vSwitch";

const servers: Readonly<Record<string, () => Promise<{ remote: string; server: OvsdbDaemon | OvsdbServer }>>> = {
  async "ovsdb-server over a unix socket"() {
    const server = await startOvsdbDaemon();
    await server.vsctl("init");
    return { remote: server.remote, server };
  },
  async "ovsdb-server over TCP"() {
    const server = await startOvsdbDaemon({ listen: "tcp" });
    await server.vsctl("init");
    return { remote: server.networkRemote ?? "", server };
  },
  async "the in-process server"() {
    const server = await startOvsdbServer();
    return { remote: server.remote, server };
  },
  async "an in-process server as old as Open vSwitch 2.6"() {
    const server = await startOvsdbServer({ monitorMethods: ["monitor", "monitor_cond"] });
    return { remote: server.remote, server };
  },
  async "an in-process server with nothing but RFC 7047"() {
    const server = await startOvsdbServer({ monitorMethods: ["monitor"] });
    return { remote: server.remote, server };
  },
};

/** A bridge with one port, which has one interface, in the words of a transaction. */
function makeBridge(name: string) {
  const [bridge, port, iface] = [namedUuid(`bridge_${name}`), namedUuid(`port_${name}`), namedUuid(`iface_${name}`)];
  return [
    insert(openVswitch, "Interface", { name, type: "internal", options: new Map([["ü", "€ 𝄞"]]) }, { uuidName: iface }),
    insert(openVswitch, "Port", { name, interfaces: new Set([iface]), tag: 7 }, { uuidName: port }),
    insert(openVswitch, "Bridge", { name, ports: new Set([port]), fail_mode: "secure" }, { uuidName: bridge }),
    mutate(openVswitch, "Open_vSwitch", [], [["bridges", "insert", new Set([bridge])]]),
  ] as const;
}

const usable = Object.entries(servers).filter(
  ([name]) => missingOpenVSwitch === undefined || !name.startsWith("ovsdb-server"),
);

describe.each(usable)("with %s", (_, start) => {
  let server: OvsdbDaemon | OvsdbServer;
  let client: OvsdbClient;
  let other: OvsdbClient;

  beforeAll(async () => {
    const started = await start();
    server = started.server;
    client = await connectOvsdb({ remote: started.remote, clock: systemClock, logger: silentLogger });
    other = await connectOvsdb({ remote: started.remote, clock: systemClock, logger: silentLogger });
  });
  beforeEach(async () => {
    await client.transact(db, [update(openVswitch, "Open_vSwitch", [], { bridges: new Set() })]);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("the client sees the databases and their schema", async () => {
    expect(await client.listDatabases()).toContain(db);
    expect((await client.getSchema(db)).tables["Bridge"]?.columns["name"]).toEqual(
      openVswitch.tables.Bridge.columns.name,
    );
    await expect(client.getSchema("nothing")).rejects.toThrow("refused get_schema");
  });

  test("a bridge, its port and its interface are made in one transaction, and are in the replica when it resolves", async () => {
    await using replica = await client.monitor(openVswitch, {
      Bridge: "all",
      Port: ["tag", "interfaces"],
      Interface: ["name", "options"],
    });
    const [iface, port, bridge, count] = await client.transact(db, makeBridge("br0"));
    expect(count).toEqual({ count: 1 });
    expect(replica.missing).toEqual([]);
    expect(replica.table("Bridge").get(bridge.uuid)).toMatchObject({
      name: "br0",
      fail_mode: "secure",
      ports: new Set([port.uuid]),
      datapath_id: undefined,
    });
    expect(replica.table("Port").get(port.uuid)).toEqual({ tag: 7, interfaces: new Set([iface.uuid]) });
    expect(replica.table("Interface").get(iface.uuid)).toEqual({ name: "br0", options: new Map([["ü", "€ 𝄞"]]) });
  });

  test("a monitor sees what was there before, and what other clients do", async () => {
    await other.transact(db, makeBridge("br1"));
    await using replica = await client.monitor(openVswitch, {
      Bridge: ["name", "external_ids", "fail_mode"],
      Port: ["name"],
    });
    const [uuid] = replica.table("Bridge").keys();
    expect([...replica.table("Bridge").values()]).toEqual([
      { name: "br1", external_ids: new Map(), fail_mode: "secure" },
    ]);
    const told: unknown[] = [];
    using _listening = replica.changes.add((changes) => told.push(...changes));

    const where = [["name", "==", "br1"]] as const;
    await other.transact(db, [
      mutate(openVswitch, "Bridge", where, [
        [
          "external_ids",
          "insert",
          new Map([
            ["a", "1"],
            ["b", "2"],
          ]),
        ],
      ]),
    ]);
    await other.transact(db, [
      update(openVswitch, "Bridge", where, { external_ids: new Map([["b", "3"]]), fail_mode: undefined }),
    ]);
    await replica.until(() => told.length === 2);
    expect(told).toEqual([
      {
        table: "Bridge",
        uuid,
        before: expect.anything() as unknown,
        after: {
          name: "br1",
          external_ids: new Map([
            ["a", "1"],
            ["b", "2"],
          ]),
          fail_mode: "secure",
        },
      },
      {
        table: "Bridge",
        uuid,
        before: expect.anything() as unknown,
        after: { name: "br1", external_ids: new Map([["b", "3"]]), fail_mode: undefined },
      },
    ]);

    await other.transact(db, [update(openVswitch, "Open_vSwitch", [], { bridges: new Set() })]);
    await replica.until(() => replica.table("Bridge").size === 0 && replica.table("Port").size === 0);
  });

  test("selected rows have the types of their columns", async () => {
    await client.transact(db, makeBridge("br2"));
    const [{ rows }] = await client.transact(db, [
      select(
        openVswitch,
        "Port",
        [
          ["tag", ">=", 7],
          ["name", "==", "br2"],
        ],
        ["name", "tag", "trunks", "mac"],
      ),
    ]);
    expect(rows).toEqual([{ name: "br2", tag: 7, trunks: new Set(), mac: undefined }]);
  });

  test("a violated index undoes everything, and the error says where it was found", async () => {
    await client.transact(db, makeBridge("br3"));
    const error: unknown = await client.transact(db, makeBridge("br3")).catch((thrown: unknown) => thrown);
    expect(isLoomstackError(error, "OVSDB__CONSTRAINT_VIOLATION") && error.context.index).toBe(4);
    const [{ rows }] = await client.transact(db, [select(openVswitch, "Bridge", [], ["name"])]);
    expect(rows).toEqual([{ name: "br3" }]);
  });

  test("a violated constraint is reported with the operation and its index", async () => {
    const tooHigh = update(openVswitch, "Port", [], { tag: 4096 });
    const error: unknown = await client
      .transact(db, [...makeBridge("br4"), tooHigh])
      .catch((thrown: unknown) => thrown);
    if (!isLoomstackError(error, "OVSDB__CONSTRAINT_VIOLATION")) throw error;
    expect(error.context).toMatchObject({ index: 4, operation: "update Port (tag)" });
  });

  test("a reference to no row is refused", async () => {
    const dangling = insert(openVswitch, "Bridge", { name: "br5" }, { uuidName: namedUuid("b") });
    const elsewhere = mutate(openVswitch, "Open_vSwitch", [], [["bridges", "insert", new Set([namedUuid("b")])]]);
    const lost = mutate(
      openVswitch,
      "Bridge",
      [["name", "==", "br5"]],
      [["ports", "insert", new Set([(await client.transact(db, makeBridge("x")))[0].uuid])]],
    );
    await expect(client.transact(db, [dangling, elsewhere, lost])).rejects.toMatchObject({
      code: "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION",
    });
  });

  test("conditions find the rows that they should", async () => {
    await client.transact(db, [
      ...makeBridge("br6"),
      mutate(
        openVswitch,
        "Port",
        [["name", "==", "br6"]],
        [
          ["external_ids", "insert", new Map([["a", "1"]])],
          ["tag", "+=", 1],
        ],
      ),
    ]);
    const names = async (where: Parameters<typeof findPorts>[1]): Promise<number> => findPorts(client, where);
    expect(await names([["external_ids", "includes", new Map([["a", "1"]])]])).toBe(1);
    expect(await names([["external_ids", "includes", new Map([["a", "2"]])]])).toBe(0);
    expect(await names([["external_ids", "excludes", new Map([["a", "1"]])]])).toBe(0);
    expect(await names([["tag", "==", 8]])).toBe(1);
    expect(await names([["mac", "==", undefined]])).toBe(1);
    expect(await names([["mac", "!=", undefined]])).toBe(0);
  });

  test("rows that nothing refers to any more are gone", async () => {
    await client.transact(db, makeBridge("br7"));
    await client.transact(db, [update(openVswitch, "Bridge", [["name", "==", "br7"]], { ports: new Set() })]);
    expect(await findPorts(client, [])).toBe(0);
    const [{ count }] = await client.transact(db, [remove(openVswitch, "Interface", [])]);
    expect(count).toBe(0);
  });

  test("a wait that isn't met times out, and one that comes true goes on", async () => {
    const noBridge = wait(openVswitch, "Bridge", [["name", "==", "br8"]], ["name"], "!=", [], 0);
    await expect(client.transact(db, [noBridge])).rejects.toMatchObject({
      code: "OVSDB__TIMED_OUT",
      context: { index: 0 },
    });
    const bridge = wait(openVswitch, "Bridge", [["name", "==", "br8"]], ["name"], "==", [{ name: "br8" }], 20_000);
    const [waited] = await Promise.all([
      client.transact(db, [bridge, select(openVswitch, "Bridge", [], ["name"])]),
      other.transact(db, makeBridge("br8")),
    ]);
    expect(waited[1].rows).toEqual([{ name: "br8" }]);
  });

  test("who waits no more tells the server to give up, and the connection goes on", async () => {
    const never = wait(openVswitch, "Bridge", [], ["name"], "==", [{ name: "never" }], 60_000);
    await expect(client.transact(db, [never], { timeLimitMs: 20 })).rejects.toMatchObject({
      code: "OVSDB__REQUEST_TIMEOUT",
    });
    const giveUp = new AbortController();
    const waiting = client.transact(db, [never], { signal: giveUp.signal });
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
    await expect(client.transact(db, [never], { signal: giveUp.signal })).rejects.toMatchObject({
      code: "CORE__ABORTED",
    });
    expect(await findPorts(client, [])).toBe(0);
  });

  test("a replica that was disposed of isn't updated any more, the others are", async () => {
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    await using still = await client.monitor(openVswitch, { Bridge: ["name"] });
    const waiting = replica.until(() => false);
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: "OVSDB__CLOSED" }),
      replica[Symbol.asyncDispose](),
    ]);
    await client.transact(db, makeBridge("br9"));
    expect([replica.table("Bridge").size, still.table("Bridge").size]).toEqual([0, 1]);
  });

  test("an index finds rows that were there, new ones, and loses those that go", async () => {
    await other.transact(db, makeBridge("br1"));
    await using replica = await client.monitor(openVswitch, { Bridge: ["name"], Port: ["tag"] });
    using byName = replica.index("Bridge", ({ name }) => name);
    using byTag = replica.index("Port", ({ tag }) => tag);
    expect([...byName.get("br1").values()]).toEqual([{ name: "br1" }]);
    await client.transact(db, makeBridge("br2"));
    expect([byName.get("br2").size, byTag.get(7).size, byTag.get(8).size]).toEqual([1, 2, 0]);
    await client.transact(db, [update(openVswitch, "Open_vSwitch", [], { bridges: new Set() })]);
    expect([byName.get("br1").size, byName.get("br2").size, byTag.get(7).size]).toEqual([0, 0, 0]);
  });

  test("waiting for rows can be given up", async () => {
    await using replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const giveUp = new AbortController();
    const waiting = replica.until(() => false, giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
    await expect(replica.until(() => JSON.parse("{") as boolean)).rejects.toThrow(SyntaxError);
  });
});

async function findPorts(
  client: OvsdbClient,
  where: Parameters<typeof select<typeof openVswitch, "Port", "name">>[2],
): Promise<number> {
  const [{ rows }] = await client.transact(db, [select(openVswitch, "Port", where, ["name"])]);
  return rows.length;
}

test("misspelt tables and columns of a monitor don't compile", () => {
  const misspelt = (client: OvsdbClient): unknown[] => [
    // @ts-expect-error there is no table Brigde
    client.monitor(openVswitch, { Bridge: "all", Brigde: "all" }),
    // @ts-expect-error there is no column nmae
    client.monitor(openVswitch, { Bridge: ["nmae"] }),
    // @ts-expect-error Port isn't replicated
    client.monitor(openVswitch, { Bridge: ["name"] }).then((replica) => replica.table("Port")),
  ];
  type BridgeRow = ReplicaRow<typeof openVswitch, { readonly Bridge: readonly ["name"] }, "Bridge">;
  // @ts-expect-error ports aren't replicated
  type _Ports = BridgeRow["ports"];
  expect(misspelt).toBeTypeOf("function");
});
