/** What only real daemons can show: ovs-vswitchd's answers, and two clients that want the same at the same time. */
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, startOvsdbDaemon } from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { connectOvsdb } from "../client/connect.ts";
import { type Operation, select } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { ensureBridge, removeBridge } from "./bridge.ts";
import { configure } from "./configure.ts";
import { ensureController } from "./controller.ts";
import { ensureManager } from "./manager.ts";
import { ensureMirror } from "./mirror.ts";
import { type ReplicaTablesOf, tablesOf } from "./observed.ts";
import { patchPort } from "./patch-pair.ts";
import { ensurePort } from "./port.ts";
import { ensureQos } from "./qos.ts";
import { configurationSelection } from "./selection.ts";

const given = "init -- add-br br0 -- add-port br0 p1 -- add-port br0 p2";

type Tables = ReplicaTablesOf<typeof configurationSelection>;

async function openSwitch(remote: string) {
  const client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
  const replica = await client.monitor(openVswitch, configurationSelection);
  return { client, replica, tables: tablesOf(replica), [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

describe.skipIf(missingOpenVSwitch !== undefined)("with ovs-vswitchd", () => {
  test("a change is over when ovs-vswitchd has carried it out, and none is sent when there is nothing to do", async () => {
    await using daemon = await startOvsdbDaemon({ vswitchd: true });
    await daemon.vsctl("init");
    await using ovs = await openSwitch(daemon.remote);
    const plan = (tables: Tables): Operation[] => ensureBridge(tables, { name: "br0", ports: [{ name: "p1" }] });
    expect(await configure(ovs, plan)).toBe(true);
    const [p1] = [...ovs.tables.Interface.values()].filter(({ name }) => name === "p1");
    expect(p1?.ofport).toBeGreaterThan(0);
    const before = await daemon.vsctl("get", "Open_vSwitch", ".", "next_cfg");
    expect(await configure(ovs, plan)).toBe(false);
    expect(await daemon.vsctl("get", "Open_vSwitch", ".", "next_cfg")).toBe(before);
  });

  test("an interface that ovs-vswitchd can't set up is an error, whether it is new or changed", async () => {
    await using daemon = await startOvsdbDaemon({ vswitchd: true });
    await daemon.vsctl("init");
    await using ovs = await openSwitch(daemon.remote);
    await configure(ovs, (tables) => ensureBridge(tables, { name: "br0", ports: [{ name: "p1" }] }));
    const wrong = { name: "p2", interfaces: [{ name: "p2", type: "patch" }] };
    await expect(configure(ovs, (tables) => ensurePort(tables, "br0", wrong))).rejects.toMatchObject({
      code: "OVSDB__INTERFACE_REFUSED",
      context: { interfaces: "p2", reason: expect.stringContaining("peer") as string },
    });
    const changed = { name: "p1", interfaces: [{ name: "p1", type: "nonsense" }] };
    await expect(
      configure(ovs, (tables) => ensurePort(tables, "br0", changed, { replaces: true })),
    ).rejects.toMatchObject({ code: "OVSDB__INTERFACE_REFUSED", context: { interfaces: "p1" } });
    // Others' broken interfaces don't matter.
    expect(await configure(ovs, (tables) => ensurePort(tables, "br0", { name: "p3" }))).toBe(true);
    expect(await configure(ovs, (tables) => ensurePort(tables, "br0", patchPort({ name: "p2" }, "p4")))).toBe(true);
  });

  test("several changes of one bridge are one transaction", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl(...given.split(" "));
    await using ovs = await openSwitch(daemon.remote);
    const plan = (tables: Tables): Operation[] => [
      ...ensureController(tables, "br0", { target: "tcp:127.0.0.1:1" }),
      ...ensureController(tables, "br0", { target: "tcp:127.0.0.1:2" }),
      ...ensureMirror(tables, "br0", { name: "m1", output_port: "p1" }),
      ...ensureMirror(tables, "br0", { name: "m2", output_port: "p2" }),
      ...ensureManager(tables, { target: "tcp:127.0.0.1:1" }),
      ...ensureManager(tables, { target: "tcp:127.0.0.1:2" }),
      ...ensurePort(tables, "br0", { name: "p3" }),
    ];
    expect(await configure(ovs, plan, { isAwaited: false })).toBe(true);
    expect(plan(ovs.tables)).toEqual([]);
    expect(ovs.tables.Controller.size + ovs.tables.Mirror.size + ovs.tables.Manager.size).toBe(6);
  });

  test("waiting for an ovs-vswitchd that doesn't run ends with the signal", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl("init");
    await using ovs = await openSwitch(daemon.remote);
    const ending = new AbortController();
    const waiting = configure(ovs, (tables) => ensureBridge(tables, { name: "br0" }), { signal: ending.signal });
    await ovs.replica.until(() => ovs.tables.Bridge.size === 1);
    ending.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
    const unawaited = configure(ovs, (tables) => ensureBridge(tables, { name: "br1" }), { isAwaited: false });
    expect(await unawaited).toBe(true);
  });

  test("a bridge goes with the flow sample collector sets that would keep its row", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl("init", "--", "add-br", "br0", "--", "add-br", "br1");
    await daemon.vsctl(
      "--id=@b",
      "get",
      "Bridge",
      "br0",
      "--",
      "create",
      "Flow_Sample_Collector_Set",
      "id=3",
      "bridge=@b",
    );
    await daemon.vsctl(
      "--id=@b",
      "get",
      "Bridge",
      "br1",
      "--",
      "create",
      "Flow_Sample_Collector_Set",
      "id=3",
      "bridge=@b",
    );
    await using ovs = await openSwitch(daemon.remote);
    await ovs.client.transact(openVswitch.name, removeBridge(ovs.tables, "br0"));
    expect([...ovs.tables.Bridge.values()].map(({ name }) => name)).toEqual(["br1"]);
    expect((await daemon.vsctl("--bare", "--columns=id", "list", "Flow_Sample_Collector_Set")).split("\n")).toEqual([
      "3",
    ]);
  });
});

const wants: Readonly<Record<string, (tables: Tables) => readonly Operation[]>> = {
  "the same bridge": (tables) => ensureBridge(tables, { name: "br-int", fail_mode: "secure" }),
  "the same port": (tables) => ensurePort(tables, "br0", { name: "p3", tag: 7 }),
  "the same controller": (tables) => ensureController(tables, "br0", { target: "tcp:127.0.0.1:1" }),
  "the same manager": (tables) => ensureManager(tables, { target: "tcp:127.0.0.1:1" }),
  "the same mirror": (tables) => ensureMirror(tables, "br0", { name: "m", output_port: "p1" }),
  "the same QoS": (tables) => ensureQos(tables, "p1", { type: "linux-htb", queues: new Map([[0, { dscp: 1 }]]) }),
};

describe.skipIf(missingOpenVSwitch !== undefined)("two clients at the same time", () => {
  test.each(Object.keys(wants))("that want %s make it once", async (what) => {
    const want = wants[what];
    if (want === undefined) return;
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl(...given.split(" "));
    await using one = await openSwitch(daemon.remote);
    await using other = await openSwitch(daemon.remote);
    // The other one plans with what it saw before.
    const late = want(other.tables);
    expect(late.length).toBeGreaterThan(0);
    await one.client.transact(openVswitch.name, want(one.tables));
    const dump = await rows(one.client);
    await expect(other.client.transact(openVswitch.name, late)).rejects.toMatchObject({
      code: expect.stringMatching(/^OVSDB__(TIMED_OUT|CONSTRAINT_VIOLATION)$/) as string,
    });
    expect(await rows(one.client)).toEqual(dump);
    expect(want(other.tables)).toEqual([]);
  });

  test("that want different things of one bridge both get it, planning anew", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl(...given.split(" "));
    await using one = await openSwitch(daemon.remote);
    await using other = await openSwitch(daemon.remote);
    const targets = ["tcp:127.0.0.1:1", "tcp:127.0.0.1:2"];
    const options = { isAwaited: false };
    await Promise.all(
      [one, other].map((ovs, index) =>
        configure(ovs, (tables) => ensureController(tables, "br0", { target: targets[index] ?? "" }), options),
      ),
    );
    expect((await daemon.vsctl("get-controller", "br0")).split("\n")).toEqual(targets);
  });

  test("where one removes what the other adds to, the other is told", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl(...given.split(" "));
    await using one = await openSwitch(daemon.remote);
    await using other = await openSwitch(daemon.remote);
    const late = ensurePort(other.tables, "br0", { name: "p3" });
    await one.client.transact(openVswitch.name, removeBridge(one.tables, "br0"));
    await expect(other.client.transact(openVswitch.name, late)).rejects.toMatchObject({ code: "OVSDB__TIMED_OUT" });
    await expect(
      configure(other, (tables) => ensurePort(tables, "br0", { name: "p3" }), { isAwaited: false }),
    ).rejects.toMatchObject({ code: "OVSDB__NO_SUCH_RECORD" });
  });

  test("an error that isn't due to others is not tried again", async () => {
    await using daemon = await startOvsdbDaemon();
    await daemon.vsctl("init");
    await using ovs = await openSwitch(daemon.remote);
    let plans = 0;
    const plan = (tables: Tables): Operation[] => {
      plans += 1;
      return ensureBridge(tables, { name: "br0", flood_vlans: new Set([5000]) });
    };
    await expect(configure(ovs, plan)).rejects.toMatchObject({ code: "OVSDB__CONSTRAINT_VIOLATION" });
    expect(plans).toBe(2);
  });
});

async function rows(client: Awaited<ReturnType<typeof openSwitch>>["client"]): Promise<unknown> {
  return client.transact(openVswitch.name, [
    select(openVswitch, "Bridge", [], ["_uuid", "ports", "controller", "mirrors"]),
    select(openVswitch, "Port", [], ["_uuid", "qos"]),
    select(openVswitch, "Controller", [], ["_uuid"]),
    select(openVswitch, "Mirror", [], ["_uuid"]),
    select(openVswitch, "Manager", [], ["_uuid"]),
    select(openVswitch, "QoS", [], ["_uuid"]),
    select(openVswitch, "Queue", [], ["_uuid"]),
  ]);
}
