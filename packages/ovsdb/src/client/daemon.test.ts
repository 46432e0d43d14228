/** What only real daemons can show: ovs-vswitchd's answers, other programs' changes, crashes, TLS. */
import { type LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { makeTlsIdentities, missingOpenVSwitch, startOvsdbDaemon } from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { insert, mutate, select, wait } from "../notation/operation.ts";
import { namedUuid } from "../notation/uuid.ts";
import type { SessionLimits } from "../jsonrpc/session-limits.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb, type ConnectOvsdbOptions } from "./connect.ts";

const db = "Open_vSwitch";

function connect(remote: string, options: Partial<ConnectOvsdbOptions> = {}): Promise<OvsdbClient> {
  return connectOvsdb({ remote, clock: systemClock, logger: silentLogger, ...options });
}

const isMissing = missingOpenVSwitch !== undefined;

describe.skipIf(isMissing)(
  `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`,
  () => {
    test("a monitor sees what ovs-vsctl does", async () => {
      await using daemon = await startOvsdbDaemon();
      await daemon.vsctl("init");
      await using client = await connect(daemon.remote);
      const replica = await client.monitor(openVswitch, {
        Bridge: ["name", "external_ids", "protocols"],
        Port: ["name", "tag"],
        Interface: ["name", "statistics"],
      });

      await daemon.vsctl(
        "add-br",
        "br0",
        "--",
        "set",
        "Bridge",
        "br0",
        "external_ids:a=ä",
        "external_ids:b=2",
        "protocols=OpenFlow13,OpenFlow15",
      );
      await daemon.vsctl(
        "add-port",
        "br0",
        "p0",
        "tag=7",
        "--",
        "set",
        "Interface",
        "p0",
        "statistics:rx_bytes=9007199254740993",
      );
      await daemon.vsctl("remove", "Bridge", "br0", "external_ids", "b");
      await daemon.vsctl("set", "Bridge", "br0", "external_ids:a=3");
      const named = <Row extends { readonly name: string }>(
        rows: ReadonlyMap<unknown, Row>,
        name: string,
      ): Row | undefined => [...rows.values()].find((row) => row.name === name);
      await replica.until(() => named(replica.table("Bridge"), "br0")?.external_ids.get("a") === "3");

      expect(named(replica.table("Bridge"), "br0")).toEqual({
        name: "br0",
        external_ids: new Map([["a", "3"]]),
        protocols: new Set(["OpenFlow13", "OpenFlow15"]),
      });
      expect(named(replica.table("Port"), "p0")?.tag).toBe(7);
      expect(named(replica.table("Interface"), "p0")?.statistics.get("rx_bytes")).toBe(9007199254740993n);

      await daemon.vsctl("del-br", "br0");
      await replica.until(() => replica.table("Bridge").size === 0);
      expect(replica.table("Interface").size).toBe(0);
    });

    test("ovs-vswitchd answers a raised next_cfg with cur_cfg, and has made the bridge by then", async () => {
      await using daemon = await startOvsdbDaemon({ vswitchd: true, listen: "tcp" });
      await daemon.vsctl("init");
      await using client = await connect(daemon.networkRemote ?? "");
      expect(client.localAddress).toBe("127.0.0.1");
      const replica = await client.monitor(openVswitch, {
        Open_vSwitch: ["cur_cfg"],
        Bridge: ["datapath_id"],
        Interface: ["name", "ofport"],
      });

      const [bridge, port, iface] = [namedUuid("bridge"), namedUuid("port"), namedUuid("iface")];
      const [{ uuid }, , , , { rows }] = await client.transact(db, [
        insert(
          openVswitch,
          "Bridge",
          { name: "br0", datapath_type: "netdev", ports: new Set([port]) },
          { uuidName: bridge },
        ),
        insert(openVswitch, "Port", { name: "br0", interfaces: new Set([iface]) }, { uuidName: port }),
        insert(openVswitch, "Interface", { name: "br0", type: "internal" }, { uuidName: iface }),
        mutate(
          openVswitch,
          "Open_vSwitch",
          [],
          [
            ["bridges", "insert", new Set([bridge])],
            ["next_cfg", "+=", 1],
          ],
        ),
        select(openVswitch, "Open_vSwitch", [], ["next_cfg"]),
      ]);
      const asked = rows[0]?.next_cfg ?? NaN;
      await replica.until(() => [...replica.table("Open_vSwitch").values()].every(({ cur_cfg }) => cur_cfg >= asked));
      expect(replica.table("Bridge").get(uuid)?.datapath_id).toMatch(/^[0-9a-f]{16}$/);
      expect([...replica.table("Interface").values()]).toEqual([{ name: "br0", ofport: 65534 }]);
    });
  },
);

describe.skipIf(isMissing)("bad days", () => {
  test("a server that is killed in mid-request ends the request, the replica's waits and the client, and is told as lost", async () => {
    await using daemon = await startOvsdbDaemon({ listen: "tcp" });
    await daemon.vsctl("init");
    await using client = await connect(daemon.networkRemote ?? "");
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const never = wait(openVswitch, "Bridge", [], ["name"], "==", [{ name: "never" }], 60_000);
    const ends = Promise.allSettled([client.transact(db, [never]), replica.until(() => false)]);
    await client.listDatabases();
    await daemon.kill();
    const lost = { code: "OVSDB__CONNECTION_LOST" };
    expect(await ends).toEqual([
      { status: "rejected", reason: expect.objectContaining(lost) as LoomstackError },
      { status: "rejected", reason: expect.objectContaining(lost) as LoomstackError },
    ]);
    expect(await client.closed).toMatchObject(lost);
    await expect(client.transact(db, [never])).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
    await expect(replica.until(() => false)).rejects.toMatchObject(lost);
  });

  test("a server that is frozen is given up after three intervals of silence", async () => {
    await using daemon = await startOvsdbDaemon();
    const limits: Partial<SessionLimits> = { probeIntervalMs: 30 };
    await using client = await connect(daemon.remote, { limits });
    await client.listDatabases();
    daemon.freeze();
    expect(await client.closed).toMatchObject({ code: "OVSDB__PEER_SILENT" });
  });

  test("a server that is idle but alive isn't given up", async () => {
    await using daemon = await startOvsdbDaemon();
    await using client = await connect(daemon.remote, { limits: { probeIntervalMs: 200 } });
    const never = wait(openVswitch, "Open_vSwitch", [], ["next_cfg"], "==", [{ next_cfg: 7 }], 900);
    await expect(client.transact(db, [never])).rejects.toMatchObject({ code: "OVSDB__TIMED_OUT" });
  });

  test("a refused connection is told with its reason", async () => {
    const daemon = await startOvsdbDaemon({ listen: "tcp" });
    await daemon[Symbol.asyncDispose]();
    for (const remote of [daemon.remote, daemon.networkRemote ?? ""]) {
      await expect(connect(remote)).rejects.toMatchObject({
        code: "OVSDB__CONNECT_FAILED",
        context: { remote, reason: expect.stringMatching(/ENOENT|ECONNREFUSED/) as string },
      });
    }
  });

  test("connecting can be given up before and while it is tried", async () => {
    await expect(connect("unix:/nowhere", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CORE__ABORTED",
    });
    const giveUp = new AbortController();
    // TEST-NET-1 (RFC 5737): nobody answers there.
    const connecting = connect("tcp:192.0.2.1:6640", { signal: giveUp.signal });
    giveUp.abort();
    await expect(connecting).rejects.toMatchObject({
      code: expect.stringMatching(/CORE__ABORTED|OVSDB__CONNECT_FAILED/) as string,
    });
  });
});

describe.skipIf(isMissing)("TLS", () => {
  test("both sides know each other by their authority, and a stranger is refused", async () => {
    await using ours = await makeTlsIdentities();
    await using strangers = await makeTlsIdentities();
    await using daemon = await startOvsdbDaemon({ listen: "ssl", tlsFiles: ours.serverFiles });
    const remote = daemon.networkRemote ?? "";

    await using client = await connect(remote, { tls: ours.client });
    expect(await client.listDatabases()).toContain(db);
    await expect(connect(remote)).rejects.toMatchObject({ code: "OVSDB__TLS_REQUIRED" });
    await expect(connect(remote, { tls: { ...ours.client, ca: strangers.client.ca } })).rejects.toMatchObject({
      code: "OVSDB__CONNECT_FAILED",
    });
    await expect(connect(remote, { tls: { ...ours.client, key: "not a key" } })).rejects.toMatchObject({
      code: "OVSDB__INVALID_TLS",
    });
    await expect(
      connect(remote, { tls: { ...strangers.client, ca: ours.client.ca } }).then((stranger) =>
        stranger.listDatabases(),
      ),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^OVSDB__(CONNECT_FAILED|CONNECTION_LOST|CLOSED)$/) as string,
    });
  });
});
