import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, localhost, port, until, withOpenVSwitch } from "./controller-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`connecting hypervisors, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("connect makes the bridges and answers ready; connecting again changes nothing", async () => {
    expect(await world.connect("a", world.host)).toMatchObject({
      state: "ready",
      systemId: "system-a",
      tunnelEndpoint: "192.0.2.1",
      bridges: [
        { name: "br-int", connected: true },
        { name: "br-tun", connected: true },
      ],
    });
    expect((await world.host.vsctl("list-br")).split("\n")).toEqual(["br-int", "br-tun"]);
    const { flowModsSent, ovsdbTransactions } = world.status("system-a")?.counters ?? {};
    const counters = { flowModsSent, ovsdbTransactions };
    const revision = world.store.revision();
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready", counters });
    expect(world.store.revision()).toBeLessThanOrEqual(revision + 1);
    expect(await world.events("hypervisor-ready")).toHaveLength(1);
  });

  test("calls to connect at the same time make one hypervisor, and one that gives up doesn't take it from the other", async () => {
    const node = { type: "OVS", id: "a", address: localhost, port: world.host.port };
    const giveUp = new AbortController();
    const results = Promise.allSettled([
      world.controller.hypervisors.connect(node, giveUp.signal),
      world.controller.hypervisors.connect(node, AbortSignal.timeout(10_000)),
    ]);
    giveUp.abort();
    expect(await results).toMatchObject([
      { status: "rejected", reason: { code: expect.stringMatching(/^FABRIC__HYPERVISOR_/) as string } },
      { status: "fulfilled", value: { state: "ready" } },
    ]);
    await world.restart();
    await world.ready("system-a");
  });

  test("a hypervisor that can't be reached is told at once and not kept; the old address stays", async () => {
    const nowhere = { type: "OVS", id: "a", address: localhost, port: 1 };
    await expect(world.controller.hypervisors.connect(nowhere, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_UNREACHABLE",
    });
    expect(world.controller.hypervisors.list()).toEqual([]);
    await world.connect("a", world.host);
    await expect(world.controller.hypervisors.connect(nowhere, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_UNREACHABLE",
    });
    await world.ready("system-a");
  });

  test("a hypervisor that loses its power while a call connects it is told, is not kept, and can be connected again", async () => {
    await world.host.killSwitch();
    const connecting = world.connect("a", world.host).catch((error: unknown) => error);
    await until(() => world.status("system-a")?.state === "preparing");
    await world.host.killDatabase();
    expect(await connecting).toMatchObject({ code: "FABRIC__HYPERVISOR_UNREACHABLE" });
    expect(world.controller.hypervisors.list()).toEqual([]);
    await world.host.startDatabase();
    world.host.startSwitch();
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready" });
  });

  test("connect with another address, while the first connect is under way, leaves one hypervisor: the last", async () => {
    const first = world.connect("a", world.host).catch((error: unknown) => error);
    const b = await world.startHost("system-b", "192.0.2.2");
    const second = world.connect("a", b);
    expect(await second).toMatchObject({ state: "ready", systemId: "system-b" });
    await first;
    expect(world.controller.hypervisors.list()).toMatchObject([{ node: { port: b.port }, state: "ready" }]);
  });

  test("a hypervisor that is disconnected can be connected again at once, and one that holds ports stays", async () => {
    await world.connect("a", world.host);
    await world.controller.hypervisors.disconnect("OVS", "a");
    expect(world.controller.hypervisors.list()).toEqual([]);
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready" });
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    await expect(world.controller.hypervisors.disconnect("OVS", "a")).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_IN_USE",
    });
    expect(world.status("system-a")?.state).toBe("ready");
  });

  test("of two nodes with one system-id the second is refused, until the first is gone", async () => {
    await world.connect("a", world.host);
    await expect(world.connect("clone", world.host)).rejects.toMatchObject({ code: "FABRIC__HYPERVISOR_REFUSED" });
    expect(world.status("OVS/clone")).toBeUndefined();
    await world.controller.hypervisors.disconnect("OVS", "a");
    expect(await world.connect("clone", world.host)).toMatchObject({ state: "ready" });
  });

  test("a bridge br-int that somebody else made is left alone, and taken once it is handed over", async () => {
    await world.host.vsctl("add-br", "br-int");
    await expect(world.connect("a", world.host)).rejects.toMatchObject({ code: "FABRIC__HYPERVISOR_REFUSED" });
    expect(await world.host.vsctl("list-br")).toBe("br-int");
    await world.host.vsctl("br-set-external-id", "br-int", "loomstack", "adopt");
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready" });
  });

  test("a name of ours that somebody else has is told, and ours made once it is free", async () => {
    await world.host.vsctl(
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
      world.controller.hypervisors.connect(
        { type: "OVS", id: "a", address: localhost, port: world.host.port },
        AbortSignal.timeout(500),
      ),
    ).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_NOT_READY",
      message: expect.stringContaining("port patch-tun of bridge br-x has that name") as string,
    });
    expect(await world.host.vsctl("list-br")).toBe("br-x");
    const connecting = world.connect("a", world.host);
    await until(() => /has that name/.test(world.status("system-a")?.reason ?? ""));
    await world.host.vsctl("--no-wait", "del-port", "patch-tun");
    expect(await connecting).toMatchObject({ state: "ready" });
    expect(await world.host.vsctl("list-br")).toContain("br-x");
  });
});
