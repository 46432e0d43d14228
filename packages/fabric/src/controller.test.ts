/** The controller with real Open vSwitch: dummy datapaths, nothing of the machine's network is touched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ipv4, type Mac, silentLogger, systemClock, type Uuid } from "@loomstack/core";
import {
  createNetwork,
  createPort,
  type Event,
  deletePort,
  type HypervisorStatus,
  listEvents,
  openSqliteStore,
  type Store,
} from "@loomstack/model";
import { missingOpenVSwitch } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Controller, startController } from "./controller.ts";
import { type OpenVSwitchUnderTest, startOpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const localhost = "127.0.0.1" as Ipv4;
const uuid = (n: number): Uuid => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as Uuid;
const network = uuid(1);
const port = uuid(11);
const otherPort = uuid(12);
const patience = { timeout: 10_000, interval: 10 };

let stack: AsyncDisposableStack;
let store: Store;
let controller: Controller;
let a: OpenVSwitchUnderTest;
let b: OpenVSwitchUnderTest;

const startHost = async (systemId: string, tunnelEndpoint: string): Promise<OpenVSwitchUnderTest> =>
  stack.use(await startOpenVSwitchUnderTest({ systemId, tunnelEndpoint }));
const start = async (openflowPort = 0): Promise<void> => {
  controller = await startController({
    store,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    openflow: { host: localhost, port: openflowPort },
  });
};
const restart = async (meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> => {
  const { openflowPort } = controller;
  await controller[Symbol.asyncDispose]();
  await meanwhile();
  await start(openflowPort);
};
const connect = (id: string, host: OpenVSwitchUnderTest): Promise<HypervisorStatus> =>
  controller.hypervisors.connect({ type: "OVS", id, address: localhost, port: host.port }, AbortSignal.timeout(10_000));
const status = (key: string): HypervisorStatus | undefined =>
  controller.hypervisors.list().find((one) => one.key === key);
const sent = (key: string): number => status(key)?.counters.flowModsSent ?? -1;
const until = (holds: () => unknown): Promise<unknown> => vi.waitFor(() => expect(holds()).toBeTruthy(), patience);
const ready = (key: string): Promise<unknown> => until(() => status(key)?.state === "ready");
const settled = (id: Uuid): Promise<{ status: string; reason: string }> =>
  controller.realised.portSettled(id, AbortSignal.timeout(10_000));
const events = (kind: string): Promise<Event[]> =>
  listEvents(store.db, { since: 0, limit: 10_000 }).then((all) => all.filter((event) => event.kind === kind));
const plug = (host: OpenVSwitchUnderTest, name: string, id: Uuid): Promise<string> =>
  host.vsctl(
    "--no-wait",
    "add-port",
    "br-int",
    name,
    "--",
    "set",
    "Interface",
    name,
    "type=dummy",
    `external_ids:iface-id=${id}`,
  );
const flowsOf = async (host: OpenVSwitchUnderTest): Promise<string[]> => [
  ...(await host.flows("br-int")),
  ...(await host.flows("br-tun")),
];

async function makePort(id: Uuid, mac: string): Promise<void> {
  await store.transact((tx) =>
    createPort(tx, {
      id,
      networkId: network,
      name: "",
      tenantId: "",
      macAddress: mac as Mac,
      fixedIps: [],
      deviceId: "",
      deviceOwner: "",
      adminStateUp: true,
    }),
  );
}

beforeEach(async () => {
  if (isMissing) return;
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-controller-"));
  stack.defer(() => rm(folder, { recursive: true }));
  store = stack.use(await openSqliteStore(path.join(folder, "store.sqlite")));
  await store.transact((tx) =>
    createNetwork(tx, {
      id: network,
      name: "",
      tenantId: "",
      shared: false,
      adminStateUp: true,
      networkType: "vxlan",
      segmentationId: null,
    }),
  );
  a = await startHost("system-a", "192.0.2.1");
  await start();
  stack.defer(() => controller[Symbol.asyncDispose]());
});

afterEach(async () => {
  if (!isMissing) await stack.disposeAsync();
});

describe.skipIf(isMissing)(`a hypervisor, ${title}`, { timeout: 30_000 }, () => {
  test("connect makes the bridges and answers ready; connecting again changes nothing", async () => {
    expect(await connect("a", a)).toMatchObject({
      state: "ready",
      systemId: "system-a",
      tunnelEndpoint: "192.0.2.1",
      bridges: [
        { name: "br-int", connected: true },
        { name: "br-tun", connected: true },
      ],
    });
    expect((await a.vsctl("list-br")).split("\n")).toEqual(["br-int", "br-tun"]);
    const counters = status("OVS/a")?.counters;
    const revision = store.revision();
    expect(await connect("a", a)).toMatchObject({ state: "ready", counters });
    expect(store.revision()).toBeLessThanOrEqual(revision + 1);
    expect(await events("hypervisor-ready")).toHaveLength(1);
  });

  test("calls to connect at the same time make one hypervisor, and one that gives up doesn't take it from the other", async () => {
    const node = { type: "OVS", id: "a", address: localhost, port: a.port };
    const giveUp = new AbortController();
    const results = Promise.allSettled([
      controller.hypervisors.connect(node, giveUp.signal),
      controller.hypervisors.connect(node, AbortSignal.timeout(10_000)),
    ]);
    giveUp.abort();
    expect(await results).toMatchObject([
      { status: "rejected", reason: { code: expect.stringMatching(/^FABRIC__HYPERVISOR_/) as string } },
      { status: "fulfilled", value: { state: "ready" } },
    ]);
    await restart();
    await ready("OVS/a");
  });

  test("a hypervisor that can't be reached is told at once and not kept; the old address stays", async () => {
    const nowhere = { type: "OVS", id: "a", address: localhost, port: 1 };
    await expect(controller.hypervisors.connect(nowhere, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_UNREACHABLE",
    });
    expect(controller.hypervisors.list()).toEqual([]);
    await connect("a", a);
    await expect(controller.hypervisors.connect(nowhere, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_UNREACHABLE",
    });
    await ready("OVS/a");
  });

  test("connect with another address, while the first connect is under way, leaves one hypervisor: the last", async () => {
    const first = connect("a", a).catch((error: unknown) => error);
    b = await startHost("system-b", "192.0.2.2");
    const second = connect("a", b);
    expect(await second).toMatchObject({ state: "ready", systemId: "system-b" });
    await first;
    expect(controller.hypervisors.list()).toMatchObject([{ node: { port: b.port }, state: "ready" }]);
  });

  test("a hypervisor that is disconnected can be connected again at once, and one that holds ports stays", async () => {
    await connect("a", a);
    await controller.hypervisors.disconnect("OVS", "a");
    expect(controller.hypervisors.list()).toEqual([]);
    expect(await connect("a", a)).toMatchObject({ state: "ready" });
    await makePort(port, "02:00:00:00:00:01");
    await plug(a, "tap1", port);
    await settled(port);
    await expect(controller.hypervisors.disconnect("OVS", "a")).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_IN_USE",
    });
    expect(status("OVS/a")?.state).toBe("ready");
  });

  test("of two nodes with one system-id the second is refused, until the first is gone", async () => {
    await connect("a", a);
    await expect(connect("clone", a)).rejects.toMatchObject({ code: "FABRIC__HYPERVISOR_REFUSED" });
    expect(status("OVS/clone")).toBeUndefined();
    await controller.hypervisors.disconnect("OVS", "a");
    expect(await connect("clone", a)).toMatchObject({ state: "ready" });
  });

  test("a bridge br-int that somebody else made is left alone, and taken once it is handed over", async () => {
    await a.vsctl("add-br", "br-int");
    await expect(connect("a", a)).rejects.toMatchObject({ code: "FABRIC__HYPERVISOR_REFUSED" });
    expect(await a.vsctl("list-br")).toBe("br-int");
    await a.vsctl("br-set-external-id", "br-int", "loomstack", "adopt");
    expect(await connect("a", a)).toMatchObject({ state: "ready" });
  });

  test("a name of ours that somebody else has is told, and ours made once it is free", async () => {
    await a.vsctl(
      "add-br",
      "br-x",
      "--",
      "add-port",
      "br-x",
      "patch-tun",
      "--",
      "set",
      "Interface",
      "patch-tun",
      "type=dummy",
    );
    await expect(
      controller.hypervisors.connect(
        { type: "OVS", id: "a", address: localhost, port: a.port },
        AbortSignal.timeout(500),
      ),
    ).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_NOT_READY",
      message: expect.stringContaining("port patch-tun of bridge br-x has that name") as string,
    });
    expect(await a.vsctl("list-br")).toBe("br-x");
    const connecting = connect("a", a);
    await until(() => /has that name/.test(status("OVS/a")?.reason ?? ""));
    await a.vsctl("--no-wait", "del-port", "patch-tun");
    expect(await connecting).toMatchObject({ state: "ready" });
    expect(await a.vsctl("list-br")).toContain("br-x");
  });

  test("a port's flows come with its interface and go with it", async () => {
    await connect("a", a);
    const empty = await flowsOf(a);
    await makePort(port, "02:00:00:00:00:01");
    expect(controller.realised.port(port)).toMatchObject({ status: "DOWN", hypervisor: null });
    await plug(a, "tap1", port);
    expect(await settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "OVS/a" });
    const withPort = await flowsOf(a);
    expect(withPort.some((flow) => flow.includes("02:00:00:00:00:01"))).toBe(true);
    await a.vsctl("--no-wait", "del-port", "tap1");
    await until(() => controller.realised.port(port).status === "DOWN");
    await vi.waitFor(async () => expect(await flowsOf(a)).toEqual(empty), patience);
    await vi.waitFor(
      async () => expect(await a.vsctl("get", "Bridge", "br-int", "external_ids")).not.toContain("vlan"),
      patience,
    );
  });

  test("whenever a port is ACTIVE its flows are there: in each of many rounds of plugging and unplugging", async () => {
    await connect("a", a);
    await makePort(port, "02:00:00:00:00:01");
    for (let round = 0; round < 10; round += 1) {
      await plug(a, `tap${round}`, port);
      const { status: found } = await settled(port);
      expect([found, (await a.flows("br-int")).filter((flow) => flow.includes("02:00:00:00:00:01")).length]).toEqual([
        "ACTIVE",
        3,
      ]);
      await a.vsctl("--no-wait", "del-port", `tap${round}`);
      await until(() => controller.realised.port(port).status === "DOWN");
    }
  });

  test("a controller that starts anew sends nothing", async () => {
    await connect("a", a);
    await makePort(port, "02:00:00:00:00:01");
    await plug(a, "tap1", port);
    await settled(port);
    const before = await flowsOf(a);
    await restart();
    expect(controller.realised.port(port).status).not.toBe("ACTIVE");
    expect(await controller.realised.reached(store.revision(), AbortSignal.timeout(10_000))).toBe(true);
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(status("OVS/a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0, driftRepaired: 0 });
    expect(await flowsOf(a)).toEqual(before);
  });

  test("what was removed while the controller was away is removed when it is back, with its VLAN", async () => {
    await connect("a", a);
    const empty = await flowsOf(a);
    await makePort(port, "02:00:00:00:00:01");
    await plug(a, "tap1", port);
    await settled(port);
    await restart(() => store.transact((tx) => deletePort(tx, port)));
    await vi.waitFor(async () => expect(await flowsOf(a)).toEqual(empty), patience);
    await vi.waitFor(
      async () => expect(await a.vsctl("get", "Bridge", "br-int", "external_ids")).not.toContain("vlan"),
      patience,
    );
  });
});

describe.skipIf(isMissing)(`what others change, ${title}`, { timeout: 30_000 }, () => {
  let right: string[];

  beforeEach(async () => {
    await connect("a", a);
    await makePort(port, "02:00:00:00:00:01");
    await plug(a, "tap1", port);
    await settled(port);
    right = await flowsOf(a);
  });
  const putBack = async (drifts = 1): Promise<void> => {
    await until(() => (status("OVS/a")?.counters.driftRepaired ?? 0) >= drifts);
    await vi.waitFor(async () => expect(await flowsOf(a)).toEqual(right), patience);
    await until(async () => (await events("drift-repaired")).length > 0);
  };

  test("a flow of ours that is deleted is put back and recorded", async () => {
    await a.ofctl("del-flows", "br-int", "table=30");
    await putBack();
  });

  test("a flow of ours that is changed is put back and recorded", async () => {
    await a.ofctl("mod-flows", "br-int", "table=30,actions=drop");
    await putBack();
  });

  test("a flow that is added under our cookie is removed and recorded", async () => {
    await a.ofctl("add-flow", "br-tun", "table=7,cookie=0x4c53000000000001,actions=drop");
    await putBack();
  });

  test("a flow of somebody else's in the place of ours is replaced and recorded", async () => {
    const [classify] = right.filter((flow) => flow.includes("in_port=tap1") || flow.includes("in_port=2"));
    const match = /priority=\d+,in_port="?[\w-]+"?/.exec(classify ?? "")?.[0] ?? "";
    await a.ofctl("add-flow", "br-int", `table=0,cookie=0x1,${match},actions=drop`);
    await putBack();
  });

  test("flows, bridges, ports and external_ids of others are left alone", async () => {
    await a.ofctl("add-flow", "br-int", "table=99,cookie=0x1,priority=3,actions=drop");
    await a.vsctl(
      "add-br",
      "br-other",
      "--",
      "add-port",
      "br-other",
      "x1",
      "--",
      "set",
      "Interface",
      "x1",
      "type=dummy",
    );
    await a.vsctl("add-port", "br-int", "x2", "--", "set", "Interface", "x2", "type=dummy");
    await a.vsctl("set", "Bridge", "br-int", "external_ids:theirs=1");
    // A change of ours that comes after theirs: what they did was seen.
    await makePort(otherPort, "02:00:00:00:00:02");
    await plug(a, "tap2", otherPort);
    await settled(otherPort);
    expect(await a.flows("br-int")).toContainEqual(expect.stringContaining("table=99"));
    expect(await a.vsctl("list-ports", "br-other")).toBe("x1");
    expect(await a.vsctl("list-ports", "br-int")).toContain("x2");
    expect(await a.vsctl("get", "Bridge", "br-int", "external_ids:theirs")).toBe('"1"');
    expect(status("OVS/a")?.counters.driftRepaired).toBe(0);
  });

  test.each([
    ["the fail mode", ["set", "Bridge", "br-int", "fail_mode=standalone"]],
    ["the protocols", ["set", "Bridge", "br-tun", "protocols=OpenFlow10,OpenFlow13"]],
    ["the mark", ["remove", "Bridge", "br-int", "external_ids", "loomstack"]],
    ["the record of a local VLAN", ["set", "Bridge", "br-int", `external_ids:loomstack-vlan-${network}=7`]],
    ["the record of local VLANs, by one in conflict", ["set", "Bridge", "br-int", "external_ids:loomstack-vlan-0=1"]],
    ["the controller", ["set-controller", "br-int", "tcp:127.0.0.1:1"]],
    ["the controller, by removing it", ["del-controller", "br-tun"]],
    ["the patch", ["del-port", "br-tun", "patch-int"]],
    ["the patch's other end", ["set", "Interface", "patch-tun", "options:peer=nobody"]],
    ["the patch's type", ["set", "Interface", "patch-tun", "type=dummy"]],
    ["a whole bridge", ["del-br", "br-tun"]],
  ])("in the database: %s is put back and recorded, and the flows are what they were", async (_, command) => {
    await a.vsctl("--no-wait", ...command);
    await until(() => (status("OVS/a")?.counters.driftRepaired ?? 0) > 0);
    await until(async () => (await events("drift-repaired")).length > 0);
    await vi.waitFor(async () => {
      expect(status("OVS/a")?.state).toBe("ready");
      expect(withoutPorts(await flowsOf(a))).toEqual(withoutPorts(right));
    }, patience);
    expect(await a.vsctl("get", "Bridge", "br-int", "external_ids")).toMatch(
      new RegExp(`^\\{loomstack=owned, loomstack-vlan-${network}="1"\\}$`),
    );
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
  });

  test("somebody who fights for a flow gets it less and less often, and fills no record", async () => {
    const ceasefire = new AbortController();
    const fight = (async () => {
      while (!ceasefire.signal.aborted) await a.ofctl("del-flows", "br-int", "table=30");
    })();
    await until(() => (status("OVS/a")?.counters.driftRepaired ?? 0) >= 24);
    ceasefire.abort();
    await fight;
    await putBack();
    expect((await events("drift-repaired")).length).toBeLessThanOrEqual(25);
  });

  test("ovs-vswitchd is killed: the port is not ACTIVE; it is started again: the flows are back", async () => {
    await a.killSwitch();
    await until(() => status("OVS/a")?.state === "preparing");
    expect(controller.realised.port(port)).toMatchObject({
      status: "BUILD",
      reason: expect.stringContaining("OpenFlow") as string,
    });
    expect(await controller.realised.reached(store.revision(), AbortSignal.abort())).toBe(false);
    a.startSwitch();
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(withoutPorts(await flowsOf(a))).toEqual(withoutPorts(right));
  });

  test("ovsdb-server is killed: the hypervisor is lost; it is started again: it heals, and no flow is sent", async () => {
    const before = sent("OVS/a");
    await a.killDatabase();
    await until(() => status("OVS/a")?.state === "lost");
    expect(controller.realised.port(port)).toMatchObject({ status: "DOWN", hypervisor: "OVS/a" });
    await a.startDatabase();
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(sent("OVS/a")).toBe(before);
    expect(await flowsOf(a)).toEqual(right);
  });
});

describe.skipIf(isMissing)(`two hypervisors, ${title}`, { timeout: 30_000 }, () => {
  beforeEach(async () => {
    b = await startHost("system-b", "192.0.2.2");
    await connect("a", a);
    await connect("b", b);
    await makePort(port, "02:00:00:00:00:01");
    await makePort(otherPort, "02:00:00:00:00:02");
    await plug(a, "tap1", port);
    await plug(b, "tap2", otherPort);
    await until(() => status("OVS/b")?.state === "ready" && /no probe/.test(controller.realised.port(port).reason));
    await controller.realised.reached(store.revision(), AbortSignal.timeout(10_000));
  });

  test("each has the other's port behind the tunnel, and without probes neither port is ACTIVE", async () => {
    expect(await a.flows("br-tun")).toContainEqual(expect.stringContaining("192.0.2.2->tun_dst"));
    expect(await b.flows("br-tun")).toContainEqual(expect.stringContaining("192.0.2.1->tun_dst"));
    for (const id of [port, otherPort]) {
      expect(controller.realised.port(id)).toMatchObject({
        status: "BUILD",
        reason: expect.stringContaining("no probe has passed the vxlan tunnel") as string,
      });
    }
  });

  test("a restart while one can't be seen changes nothing of the other", async () => {
    const before = await flowsOf(a);
    await restart(() => b.killDatabase());
    await ready("OVS/a");
    await controller.realised.reached(store.revision(), AbortSignal.timeout(10_000));
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(controller.realised.port(otherPort).status).toBe("DOWN");
    expect(status("OVS/a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0 });
    expect(await flowsOf(a)).toEqual(before);
    await b.startDatabase();
    await ready("OVS/b");
    expect([sent("OVS/a"), sent("OVS/b")]).toEqual([0, 0]);
  });

  test("the tunnel is held until the flows that use it are gone, and goes then", async () => {
    expect(await a.vsctl("list-ports", "br-tun")).toContain("loom-vxlan");
    await b.vsctl("--no-wait", "del-port", "tap2");
    await vi.waitFor(async () => expect(await a.vsctl("list-ports", "br-tun")).toBe("patch-int"), patience);
    expect((await flowsOf(a)).filter((flow) => flow.includes("tun_dst"))).toEqual([]);
    expect(await settled(port)).toMatchObject({ status: "ACTIVE" });
  });

  test("a port named as a tunnel port that somebody put there does not keep the controller busy", async () => {
    await b.vsctl("--no-wait", "del-port", "tap2");
    await vi.waitFor(async () => expect(await a.vsctl("list-ports", "br-tun")).toBe("patch-int"), patience);
    await a.vsctl("add-port", "br-tun", "loom-gre", "--", "set", "Interface", "loom-gre", "type=dummy");
    await makePort(uuid(13), "02:00:00:00:00:03");
    await plug(a, "tap3", uuid(13));
    expect(await settled(uuid(13))).toMatchObject({ status: "ACTIVE" });
    expect(await a.vsctl("list-ports", "br-tun")).toContain("loom-gre");
  });
});

/** OpenFlow port numbers are Open vSwitch's to choose again, and with them the order of a dump. */
function withoutPorts(flows: readonly string[]): string[] {
  return flows
    .map((flow) => flow.replaceAll(/in_port="?[\w-]+"?/g, "in_port").replaceAll(/output:"?[\w-]+"?/g, "output"))
    .sort();
}
