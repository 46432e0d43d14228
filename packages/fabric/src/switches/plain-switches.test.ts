/** Plain switches with a real ovs-vswitchd whose database we know nothing of. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger, systemClock } from "@loomstack/core";
import {
  type Event,
  type FlowRequest,
  listEvents,
  openSqliteStore,
  type StaticFlowStatus,
  type Store,
} from "@loomstack/model";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Controller, startController } from "../controller.ts";
import { type FlowModCounter, startFlowModCounter } from "./flow-mod-counter-under-test.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const dpid = "00000000000000a1";
const patience = { timeout: 10_000, interval: 10 };
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

let stack: AsyncDisposableStack;
let store: Store;
let controller: Controller;
let openVSwitch: OpenVSwitch;
let counter: FlowModCounter;

const start = async (): Promise<void> => {
  controller = await startController({
    store,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    openflow: { host: "127.0.0.1", port: 0 },
  });
  counter.setTarget(controller.openflowPort);
};
const restart = async (meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> => {
  await controller[Symbol.asyncDispose]();
  await meanwhile();
  await start();
};
const until = (holds: () => unknown): Promise<unknown> => vi.waitFor(() => expect(holds()).toBeTruthy(), patience);
const state = (): string | undefined => controller.switches.list().find((one) => one.dpid === dpid)?.state;
const connected = (): Promise<unknown> => until(() => ["discovered", "ready"].includes(state() ?? ""));
const add = (request: FlowRequest): Promise<StaticFlowStatus> => controller.switches.addFlow(dpid, request, soon());
const flows = async (): Promise<string[]> =>
  (await openVSwitch.ofctl("dump-flows", "--no-stats"))
    .split("\n")
    .map((line) => line.trim().replace(/^cookie=0x4c53[\da-f]{12}, /, "ours, "))
    .filter((line) => line.includes("actions="))
    .sort();
const trace = (packet: string): Promise<string> => openVSwitch.appctl("ofproto/trace", "br0", packet);
const events = async (kind: string): Promise<Event[]> =>
  (await listEvents(store.db, { since: 0, limit: 10_000 })).filter((event) => event.kind === kind);
const pushed: FlowRequest = {
  table: 0,
  priority: 100,
  match: { in_port: 1 },
  actions: ["push_vlan:0x8100", "set_field:4196->vlan_vid", "output:2"],
};
const pushedText = "ours, priority=100,in_port=1 actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:2";

/** A port where nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

beforeEach(async () => {
  if (isMissing) return;
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-switches-"));
  stack.defer(() => rm(folder, { recursive: true }));
  store = stack.use(await openSqliteStore(path.join(folder, "store.sqlite")));
  counter = stack.use(await startFlowModCounter());
  await start();
  stack.defer(() => controller[Symbol.asyncDispose]());
  openVSwitch = stack.use(await startOpenVSwitch(2));
  await openVSwitch.vsctl("set", "bridge", "br0", `other_config:datapath-id=${dpid}`);
  await openVSwitch.vsctl("set-controller", "br0", `tcp:127.0.0.1:${counter.port}`);
  await openVSwitch.vsctl("set", "controller", "br0", "max_backoff=1000");
  await connected();
});

afterEach(async () => {
  if (!isMissing) await stack.disposeAsync();
});

describe.skipIf(isMissing)(`a plain switch, ${title}`, { timeout: 30_000 }, () => {
  test("a switch that nobody has added is listed with what it says of itself, and is sent no flow", async () => {
    expect(controller.switches.get(dpid)).toMatchObject({
      registered: false,
      connected: true,
      state: "discovered",
      version: "1.3",
      hypervisor: null,
      name: null,
      ports: [
        { port: "1", name: "p1" },
        { port: "2", name: "p2" },
        { port: "LOCAL", name: "br0" },
      ],
    });
    await until(() => controller.switches.get(dpid).description !== null);
    expect(controller.switches.get(dpid).description).toMatchObject({
      hardware: "Open vSwitch",
      manufacturer: "Nicira, Inc.",
    });
    const { ports, tables, tableCount } = await controller.switches.statistics(dpid);
    expect(ports.map(({ port }) => port)).toEqual(expect.arrayContaining(["1", "2", "LOCAL"]));
    expect([tables, tableCount]).toEqual([[], 254]);
    expect(counter.flowMods).toBe(0);
  });

  test("what comes in on port 1 is tagged with VLAN 100 and sent out of port 2", async () => {
    expect(await add(pushed)).toMatchObject({ state: "installed", reason: "the switch holds it", warnings: [] });
    expect(await flows()).toEqual([pushedText]);
    expect(await trace("in_port=1")).toContain("Datapath actions: push_vlan(vid=100,pcp=0),2");
    expect(controller.switches.get(dpid)).toMatchObject({
      registered: true,
      state: "ready",
      flows: { wanted: 1, installed: 1, refused: 0 },
    });
    expect(controller.realised.revision()).toBe(store.revision());
    expect((await controller.switches.statistics(dpid)).tables).toMatchObject([{ table: 0, active: 1 }]);
  });

  test("a flow as ovs-ofctl says it is taken, too, and a flow that is deleted goes", async () => {
    const flow = await add({
      flow: "priority=7,tcp,in_port=2,nw_dst=10.0.0.0/8,tp_dst=80 actions=CONTROLLER:64,output:1",
    });
    expect(flow).toMatchObject({ table: 0, priority: 7, match: "tcp,in_port=2,nw_dst=10.0.0.0/8,tp_dst=80" });
    expect(await flows()).toEqual([
      "ours, priority=7,tcp,in_port=2,nw_dst=10.0.0.0/8,tp_dst=80 actions=CONTROLLER:64,output:1",
    ]);
    await controller.switches.deleteFlow(dpid, flow.id, soon());
    expect(await flows()).toEqual([]);
    expect(controller.switches.flows(dpid)).toEqual([]);
    await controller.switches.unregister(dpid);
    await until(() => state() === "discovered");
  });

  test("a controller that starts anew sends nothing of what is there, and only what is missing", async () => {
    await add(pushed);
    await add({ flow: "in_port=2 actions=output:1" });
    const before = counter.flowMods;
    expect(before).toBe(2);
    await restart();
    await until(() => state() === "ready");
    expect(counter.flowMods).toBe(before);
    await restart(() => openVSwitch.ofctl("del-flows", "in_port=2"));
    await until(() => state() === "ready");
    expect(counter.flowMods).toBe(before + 1);
    expect(await flows()).toHaveLength(2);
    expect(await events("drift-repaired")).toEqual([]);
  });

  test("a connection that is lost and comes back costs no flow; meanwhile it says so", async () => {
    const { id } = await add(pushed);
    counter.setTarget(await unusedPort());
    counter.cut();
    await until(() => state() === "not-connected");
    expect(controller.switches.flows(dpid)).toMatchObject([{ id, state: "not-connected" }]);
    const second = await add({ flow: "in_port=2 actions=output:1" });
    expect(second).toMatchObject({ state: "not-connected" });
    counter.setTarget(controller.openflowPort);
    await until(() => controller.switches.flows(dpid).every((flow) => flow.state === "installed"));
    expect(counter.flowMods).toBe(2);
    expect(await flows()).toHaveLength(2);
  });

  test("flows that others delete, change or replace are put back, and theirs are left alone", async () => {
    await add(pushed);
    await openVSwitch.ofctl("add-flow", "priority=5,in_port=2 actions=drop");
    const drift = async (command: string, flow: string, repaired: number): Promise<void> => {
      await openVSwitch.ofctl(command, flow);
      await until(() => controller.switches.get(dpid).counters.driftRepaired === repaired);
      await until(() => state() === "ready" && controller.switches.flows(dpid)[0]?.state === "installed");
      expect(await flows()).toEqual([pushedText, "priority=5,in_port=2 actions=drop"]);
    };
    await drift("del-flows", "in_port=1", 1);
    await drift("mod-flows", "in_port=1 actions=drop", 2);
    await drift("add-flow", "priority=100,in_port=1 actions=drop", 3);
    expect(await events("drift-repaired")).toHaveLength(3);
  });

  test("a flow is not put in the place of somebody else's, and goes there when that is free", async () => {
    await openVSwitch.ofctl("add-flow", "cookie=0x77,priority=100,in_port=1 actions=drop");
    const flow = await add(pushed);
    expect(flow).toMatchObject({ state: "refused" });
    expect(flow.reason).toContain("somebody else's flow (cookie 0x77)");
    expect(await flows()).toEqual(["cookie=0x77, priority=100,in_port=1 actions=drop"]);
    await openVSwitch.ofctl("del-flows", "in_port=1");
    await until(() => controller.switches.flows(dpid)[0]?.state === "installed");
    expect(await flows()).toEqual([pushedText]);
  });

  test("a flow that the switch refuses is told with its error, and holds up no other", async () => {
    const refused = await add({ flow: "in_port=1 actions=group:9" });
    expect(refused).toMatchObject({
      state: "refused",
      reason: expect.stringContaining("OFPBAC_BAD_OUT_GROUP") as string,
    });
    expect(await add({ flow: "in_port=2 actions=output:1" })).toMatchObject({ state: "installed" });
    expect(controller.switches.get(dpid).flows).toEqual({ wanted: 2, installed: 1, refused: 1 });
    expect(controller.realised.revision()).toBe(store.revision());
    expect(await events("static-flow-refused")).not.toEqual([]);
  });

  test("a port that isn't there is accepted, and said", async () => {
    expect(await add({ flow: "in_port=1 actions=output:9" })).toMatchObject({
      state: "installed",
      warnings: ["the switch has no port 9 at present"],
    });
  });

  test("packets that a flow sends to the controller are counted, and the last ones shown", async () => {
    const { id } = await add({ flow: "in_port=1 actions=CONTROLLER" });
    for (let packet = 0; packet < 20; packet += 1)
      await openVSwitch.appctl(
        "netdev-dummy/receive",
        "p1",
        `in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x88b5)`,
      );
    await until(() => controller.switches.packets(dpid).count === 20);
    const { last } = controller.switches.packets(dpid);
    expect(last).toHaveLength(16);
    expect(last[0]).toMatchObject({ inPort: "1", table: 0, flow: id, reason: "action" });
    expect(last[0]?.start).toMatch(/^02000000000202000000000188b5/);
  });

  test("a second connection of the same datapath id is sent away while the first one answers", async () => {
    await add(pushed);
    await using other = await startOpenVSwitch(1);
    await other.vsctl("set", "bridge", "br0", `other_config:datapath-id=${dpid}`);
    const { address } = controller.switches.get(dpid);
    await other.vsctl("set-controller", "br0", `tcp:127.0.0.1:${controller.openflowPort}`);
    await vi.waitFor(async () => expect(await events("switch-claimed-twice")).not.toEqual([]), patience);
    expect(controller.switches.get(dpid)).toMatchObject({ state: "ready", address });
    expect(await other.ofctl("dump-flows")).not.toContain("actions=");
  });
});

describe.skipIf(isMissing)(`a plain switch that speaks OpenFlow 1.0, ${title}`, { timeout: 30_000 }, () => {
  beforeEach(async () => {
    await openVSwitch.vsctl("set", "bridge", "br0", "protocols=OpenFlow10");
    await until(() => controller.switches.list().some(({ version }) => version === "1.0"));
  });

  test("it is listed with its ports and statistics", async () => {
    await until(() => controller.switches.get(dpid).description !== null);
    expect(controller.switches.get(dpid)).toMatchObject({
      version: "1.0",
      state: "discovered",
      description: { hardware: "Open vSwitch" },
      ports: [{ port: "1" }, { port: "2" }, { port: "LOCAL" }],
    });
    const { ports, tableCount } = await controller.switches.statistics(dpid);
    expect([ports.length, tableCount]).toEqual([3, 254]);
  });

  test("its flows are kept as those of any other, and what it can't say is refused", async () => {
    expect(await add({ flow: "in_port=1 actions=mod_vlan_vid:100,output:2" })).toMatchObject({ state: "installed" });
    expect(await trace("in_port=1")).toContain("Datapath actions: push_vlan(vid=100,pcp=0),2");
    expect(await add({ flow: "table=3,tcp,nw_dst=10.0.0.0/8,tp_dst=80 actions=CONTROLLER:64" })).toMatchObject({
      state: "installed",
    });
    await expect(add({ flow: "in_port=2 actions=push_vlan:0x88a8,output:1" })).rejects.toMatchObject({
      code: "FABRIC__FLOW_NOT_EXPRESSIBLE",
      context: { version: "1.0", switch: dpid },
    });
    expect(controller.switches.flows(dpid)).toHaveLength(2);
    const before = counter.flowMods;
    await restart();
    await until(() => state() === "ready");
    expect(controller.switches.get(dpid).flows).toEqual({ wanted: 2, installed: 2, refused: 0 });
    expect(counter.flowMods).toBe(before);
    const dump = await openVSwitch.appctl("bridge/dump-flows", "br0");
    expect(dump).toContain(" in_port=1,actions=mod_vlan_vid:100,output:2");
    expect(dump).toMatch(/table_id=3, .*tcp,nw_dst=10\.0\.0\.0\/8,tp_dst=80,actions=CONTROLLER:64/);
  });
});
