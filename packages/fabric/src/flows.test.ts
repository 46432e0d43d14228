import { deletePort } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ControllerWorld, isMissing, patience, port, until, withOpenVSwitch } from "./controller-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`the flows of a hypervisor, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("a port's flows come with its interface and go with it", async () => {
    await world.connect("a", world.host);
    const empty = await world.flowsOf(world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    expect(world.controller.realised.port(port)).toMatchObject({ status: "DOWN", hypervisor: null });
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "system-a" });
    const withPort = await world.flowsOf(world.host);
    expect(withPort.some((flow) => flow.includes("02:00:00:00:00:01"))).toBe(true);
    await world.host.vsctl("--no-wait", "del-port", "tap1");
    await until(() => world.controller.realised.port(port).status === "DOWN");
    await vi.waitFor(async () => expect(await world.flowsOf(world.host)).toEqual(empty), patience);
    await vi.waitFor(
      async () => expect(await world.host.vsctl("get", "Bridge", "br-int", "external_ids")).not.toContain("vlan"),
      patience,
    );
  });

  test("whenever a port is ACTIVE its flows are there: in each of many rounds of plugging and unplugging", async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    for (let round = 0; round < 10; round += 1) {
      await world.plug(world.host, `tap${round}`, port);
      const { status: found } = await world.settled(port);
      const ofPort = (flow: string): boolean => flow.includes("02:00:00:00:00:01");
      const held = (await world.host.flows("br-int")).filter(ofPort).length;
      const wanted = world.controller.hypervisors.flows("system-a").filter(({ flow }) => ofPort(flow)).length;
      expect([found, held]).toEqual(["ACTIVE", wanted]);
      expect(held).toBeGreaterThan(5);
      await world.host.vsctl("--no-wait", "del-port", `tap${round}`);
      await until(() => world.controller.realised.port(port).status === "DOWN");
    }
  });

  test("a controller that starts anew sends nothing", async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    const before = await world.flowsOf(world.host);
    await world.restart();
    expect(world.controller.realised.port(port).status).not.toBe("ACTIVE");
    expect(await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000))).toBe(true);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.status("system-a")?.counters).toMatchObject({
      flowModsSent: 0,
      ovsdbTransactions: 0,
      driftRepaired: 0,
    });
    expect(await world.flowsOf(world.host)).toEqual(before);
  });

  test("what was removed while the controller was away is removed when it is back, with its VLAN", async () => {
    await world.connect("a", world.host);
    const empty = await world.flowsOf(world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    await world.restart(() => world.store.transact((tx) => deletePort(tx, port)));
    await vi.waitFor(async () => expect(await world.flowsOf(world.host)).toEqual(empty), patience);
    await vi.waitFor(
      async () => expect(await world.host.vsctl("get", "Bridge", "br-int", "external_ids")).not.toContain("vlan"),
      patience,
    );
  });
});
