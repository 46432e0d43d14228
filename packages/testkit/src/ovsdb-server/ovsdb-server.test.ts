import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  insert,
  mutate,
  namedUuid,
  type OvsdbClient,
  openVswitch,
  select,
  update,
} from "@loomstack/ovsdb";
import { afterEach, expect, test } from "vitest";
import { missingOpenVSwitch } from "../fake-switch/open-vswitch.ts";
import { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from "./ovsdb-server.ts";

const run = promisify(execFile);
const db = "Open_vSwitch";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function start(options: OvsdbServerOptions = {}): Promise<OvsdbServer> {
  return cleanup.use(await startOvsdbServer(options));
}

async function connect(server: OvsdbServer): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote: server.remote, clock: systemClock, logger: silentLogger }));
}

function makeBridge(name: string, ports: readonly string[]) {
  const bridge = namedUuid(`b_${name}`);
  const rows = ports.map((port) => [
    insert(openVswitch, "Interface", { name: port }, { uuidName: namedUuid(`i_${port}`) }),
    insert(
      openVswitch,
      "Port",
      { name: port, interfaces: new Set([namedUuid(`i_${port}`)]) },
      { uuidName: namedUuid(`p_${port}`) },
    ),
  ]);
  return [
    insert(
      openVswitch,
      "Bridge",
      { name, ports: new Set(ports.map((port) => namedUuid(`p_${port}`))) },
      { uuidName: bridge },
    ),
    mutate(
      openVswitch,
      "Open_vSwitch",
      [],
      [
        ["bridges", "insert", new Set([bridge])],
        ["next_cfg", "+=", 1],
      ],
    ),
    ...rows.flat(),
  ];
}

test.skipIf(missingOpenVSwitch !== undefined)(
  "ovs-vsctl takes the server for a hypervisor's, and its ovs-vswitchd as well",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "loomstack-fake-ovsdb-"));
    cleanup.defer(() => rm(folder, { recursive: true }));
    const server = await start({
      listen: `unix:${join(folder, "db.sock")}`,
      behaveLikeVswitchd: true,
      systemId: "hypervisor-1",
    });
    const vsctl = async (...args: readonly string[]): Promise<string> =>
      (await run("ovs-vsctl", [`--db=${server.remote}`, "--timeout=20", ...args])).stdout.trim();

    await vsctl(
      "add-br",
      "br0",
      "--",
      "add-port",
      "br0",
      "p1",
      "tag=7",
      "--",
      "set",
      "Interface",
      "p1",
      "ofport_request=9",
      "external_ids:iface-id=x",
    );
    expect(await vsctl("get", "Open_vSwitch", ".", "external_ids:system-id")).toBe("hypervisor-1");
    expect(await vsctl("get", "Interface", "p1", "ofport")).toBe("9");
    expect(await vsctl("get", "Interface", "br0", "ofport")).toBe("65534");
    expect(await vsctl("get", "Bridge", "br0", "datapath_id")).toMatch(/^"[0-9a-f]{16}"$/);
    await vsctl("del-port", "p1");
    expect(await vsctl("list-ports", "br0")).toBe("");
    expect(server.database.rows("Interface").size).toBe(1);
  },
);

test("like ovs-vswitchd it numbers interfaces and bridges, then raises cur_cfg", async () => {
  const server = await start({ behaveLikeVswitchd: true });
  const client = await connect(server);
  const replica = await client.monitor(openVswitch, {
    Open_vSwitch: ["cur_cfg", "next_cfg"],
    Bridge: ["datapath_id"],
    Interface: ["name", "ofport"],
  });
  await client.transact(db, makeBridge("br0", ["br0", "p1", "p2"]));
  await replica.until(() => [...replica.table("Open_vSwitch").values()].every((row) => row.cur_cfg === 1));
  expect(new Map(Array.from(replica.table("Interface").values(), ({ name, ofport }) => [name, ofport]))).toEqual(
    new Map([
      ["br0", 65534],
      ["p1", 1],
      ["p2", 2],
    ]),
  );
  expect([...replica.table("Bridge").values()][0]?.datapath_id).toMatch(/^[0-9a-f]{16}$/);
});

test("without that it changes nothing by itself", async () => {
  const client = await connect(await start());
  await client.transact(db, makeBridge("br0", ["br0"]));
  const [{ rows }] = await client.transact(db, [select(openVswitch, "Interface", [], ["ofport"])]);
  expect(rows).toEqual([{ ofport: undefined }]);
});

test.each([
  ["close", "OVSDB__CONNECTION_LOST"],
  ["halfAMessage", "OVSDB__CONNECTION_LOST"],
  ["garbage", "OVSDB__MALFORMED_MESSAGE"],
] as const)("asked to %s, it does so once, and does nothing of what was requested", async (fault, code) => {
  const server = await start();
  const client = await connect(server);
  server.misbehave("transact", fault);
  expect(await client.listDatabases()).toEqual([db]);
  await expect(client.transact(db, makeBridge("br0", []))).rejects.toMatchObject({ code });
  expect(server.database.rows("Bridge").size).toBe(0);
  await (await connect(server)).transact(db, makeBridge("br0", []));
  expect(server.database.rows("Bridge").size).toBe(1);
});

test("asked to stall, it doesn't answer one request, and answers the next", async () => {
  const server = await start();
  const client = await connect(server);
  server.misbehave("transact", "stall");
  await expect(client.transact(db, [], { timeLimitMs: 10 })).rejects.toMatchObject({ code: "OVSDB__REQUEST_TIMEOUT" });
  await expect(client.transact(db, [])).resolves.toEqual([]);
});

test("it can drop all connections, and accepts new ones", async () => {
  const server = await start();
  const clients = [await connect(server), await connect(server)];
  await Promise.all(clients.map((client) => client.listDatabases()));
  expect(server.connectionCount).toBe(2);
  server.dropConnections();
  for (const client of clients) expect(await client.closed).toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  expect(await (await connect(server)).listDatabases()).toEqual([db]);
});

test("what a test changes from inside is told like any other change", async () => {
  const server = await start();
  const client = await connect(server);
  const replica = await client.monitor(openVswitch, { Open_vSwitch: ["external_ids", "next_cfg"] });
  server.database.change((draft) => {
    for (const [uuid, row] of draft.rows("Open_vSwitch")) draft.put("Open_vSwitch", uuid, { ...row, next_cfg: 7 });
  });
  await replica.until(() => [...replica.table("Open_vSwitch").values()][0]?.next_cfg === 7);
});

test("a uuid-name can't be given twice, and a UUID can be chosen", async () => {
  const client = await connect(await start());
  const twice = insert(openVswitch, "Bridge", { name: "br0" }, { uuidName: namedUuid("b") });
  await expect(client.transact(db, [twice, twice])).rejects.toMatchObject({ code: "OVSDB__DUPLICATE_UUID_NAME" });
  const [root] = await client.transact(db, [select(openVswitch, "Open_vSwitch", [], ["_uuid"])]);
  expect(root.rows).toHaveLength(1);
});

test("a second row where there may be one, and a change of what an insert alone may set, are refused", async () => {
  const client = await connect(await start());
  await expect(client.transact(db, [insert(openVswitch, "Open_vSwitch", {})])).rejects.toMatchObject({
    code: "OVSDB__CONSTRAINT_VIOLATION",
  });
  await client.transact(db, makeBridge("br0", []));
  const rename = { name: "br1" } as Parameters<typeof update<typeof openVswitch, "Bridge">>[3];
  await expect(client.transact(db, [update(openVswitch, "Bridge", [], rename)])).rejects.toMatchObject({
    code: "OVSDB__CONSTRAINT_VIOLATION",
  });
});
