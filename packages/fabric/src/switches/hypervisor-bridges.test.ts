/** Bridges of a hypervisor are no plain switches, whatever was asked of them before. With real Open vSwitch. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ipv4, silentLogger, systemClock } from "@loomstack/core";
import { listStaticFlows, listSwitches, openSqliteStore, type Store } from "@loomstack/model";
import { missingOpenVSwitch } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Controller, startController } from "../controller.ts";
import { type OpenVSwitchUnderTest, startOpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const localhost = "127.0.0.1" as Ipv4;
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const flow = { flow: "in_port=1 actions=drop" };

let stack: AsyncDisposableStack;
let store: Store;
let controller: Controller;
let host: OpenVSwitchUnderTest;

const connect = (): Promise<unknown> =>
  controller.hypervisors.connect({ type: "OVS", id: "a", address: localhost, port: host.port }, soon());
const bridge = (name: string): string =>
  controller.hypervisors.list()[0]?.bridges.find((one) => one.name === name)?.dpid ?? "none";

beforeEach(async () => {
  if (isMissing) return;
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-switches-"));
  stack.defer(() => rm(folder, { recursive: true }));
  store = stack.use(await openSqliteStore(path.join(folder, "store.sqlite")));
  host = stack.use(await startOpenVSwitchUnderTest({ systemId: "system-a", tunnelEndpoint: "192.0.2.1" }));
  controller = stack.use(
    await startController({
      ...{ store, clock: systemClock, random: Math.random, logger: silentLogger },
      openflow: { host: localhost, port: 0 },
    }),
  );
});

afterEach(async () => {
  if (!isMissing) await stack.disposeAsync();
});

describe.skipIf(isMissing)(`a hypervisor's bridge, ${title}`, { timeout: 30_000 }, () => {
  test("it is listed as the hypervisor's, and takes no static flow", async () => {
    await connect();
    const dpids = ["br-int", "br-tun"].map(bridge).sort();
    expect(controller.switches.list()).toMatchObject(
      dpids.map((dpid) => ({ dpid, state: "hypervisor", hypervisor: "system-a", connected: true, registered: false })),
    );
    const before = await host.flows("br-int");
    for (const work of [
      controller.switches.addFlow(bridge("br-int"), flow, soon()),
      controller.switches.register(bridge("br-int")),
    ])
      await expect(work).rejects.toMatchObject({ code: "FABRIC__SWITCH_OF_HYPERVISOR" });
    expect(await host.flows("br-int")).toEqual(before);
    expect([await listSwitches(store.db), await listStaticFlows(store.db)]).toEqual([[], []]);
  });

  test("one that was added before its hypervisor was known belongs to the hypervisor: its static flows go, and it keeps the meter", async () => {
    const dpid = "00000000000000b7";
    await host.vsctl("--no-wait", "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=dummy");
    await host.vsctl("--no-wait", "set", "bridge", "br-int", `other_config:datapath-id=${dpid}`);
    await host.vsctl(
      "set",
      "bridge",
      "br-int",
      "fail_mode=secure",
      "protocols=OpenFlow13",
      "external_ids:loomstack=adopt",
    );
    await host.vsctl("set-controller", "br-int", `tcp:127.0.0.1:${controller.openflowPort}`);
    await vi.waitFor(() => expect(controller.switches.list()).toMatchObject([{ dpid, connected: true }]), 10_000);
    const { id } = await controller.switches.addFlow(dpid, flow, soon());
    expect(await host.flows("br-int")).toEqual([expect.stringContaining("in_port=1 actions=drop")]);
    const punting = (await controller.switches.addFlow(dpid, { flow: "in_port=2 actions=CONTROLLER:64" }, soon())).id;
    const meters = async (): Promise<string> => host.ofctl("dump-meters", "br-int");
    expect(await meters()).toContain("meter=controller");
    await connect();
    expect(await meters()).toContain("meter=controller");
    expect(bridge("br-int")).toBe(dpid);
    expect(await host.flows("br-int")).not.toContainEqual(expect.stringContaining("in_port=1 actions=drop"));
    const status = { state: "not-connected", reason: "it belongs to hypervisor system-a" };
    expect(controller.switches.flows(dpid)).toMatchObject([
      { id, ...status },
      { id: punting, ...status },
    ]);
    for (const one of [id, punting]) await controller.switches.deleteFlow(dpid, one, soon());
    await controller.switches.unregister(dpid);
    expect(controller.hypervisors.list()).toMatchObject([{ state: "ready", counters: { driftRepaired: 0 } }]);
    expect(await meters()).toContain("meter=controller");
  });
});
