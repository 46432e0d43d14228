import type { Ipv4 } from "@loomstack/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ControllerWorld,
  freePort,
  isMissing,
  otherPort,
  port,
  until,
  withOpenVSwitch,
} from "../controller-under-test.ts";
import { openWay } from "./way-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

const accept = async (): Promise<unknown> => world.controller.hypervisors.accept("system-a");
const reachedBy = (): string => world.status("system-a")?.connection ?? "";

describe.skipIf(isMissing)(`hypervisors that dial in, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("one that nobody has accepted is told once, with what accepts it, and not touched", async () => {
    await world.dialIn(world.host);
    await until(async () => (await world.events("hypervisor-refused")).length > 0);
    expect(await world.events("hypervisor-refused")).toMatchObject([
      {
        hypervisor: "system-a",
        message: expect.stringMatching(/dials in from tcp:127.0.0.1.*loomstack hypervisors accept system-a/) as string,
      },
    ]);
    expect([world.controller.hypervisors.list(), await world.host.vsctl("list-br")]).toEqual([[], ""]);
  });

  test("one that was refused is taken on the same connection when it is accepted, and one that gets a system-id, too", async () => {
    const ovsdbPort = world.controller.ovsdbPort ?? 0;
    await using way = await openWay(ovsdbPort);
    await world.dialIn(world.host, way.port);
    await until(async () => (await world.events("hypervisor-refused")).length > 0);
    await accept();
    await world.ready("system-a");

    const other = await world.startHost("unnamed", "192.0.2.2");
    await using otherWay = await openWay(ovsdbPort);
    await world.dialIn(other, otherWay.port);
    await until(async () => (await world.events("hypervisor-refused")).length > 1);
    await world.controller.hypervisors.accept("system-b");
    await other.vsctl("--no-wait", "set", "Open_vSwitch", ".", "external_ids:system-id=system-b");
    await world.ready("system-b");
  });

  test("one that is accepted is managed like any other, over restarts of either side, and no flow is sent again", async () => {
    expect(await accept()).toMatchObject({ key: "system-a", state: "connecting", reason: "it has not dialled in yet" });
    await world.dialIn(world.host);
    await world.ready("system-a");
    expect(reachedBy()).toMatch(/^dialled in from tcp:127.0.0.1:\d+$/);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "system-a" });
    const [before, sent, from] = [await world.flowsOf(world.host), world.sent("system-a"), reachedBy()];

    // From another port of its own, as behind NAT.
    await world.host.killDatabase();
    await until(() => world.status("system-a")?.state === "lost");
    await world.host.startDatabase();
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(reachedBy()).not.toBe(from);
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);

    await world.restart();
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([0, before]);
  });

  test("one that dials in and is dialled is one; when the connection that counts ends the other takes over, and no flow is sent", async () => {
    await accept();
    await world.dialIn(world.host);
    await world.ready("system-a");
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    await world.connect("a", world.host);
    expect(world.controller.hypervisors.list().length).toBe(1);
    expect(reachedBy()).toMatch(/^dialled in from tcp:/);
    const [sent, before] = [world.sent("system-a"), await world.flowsOf(world.host)];

    await world.host.vsctl("--no-wait", "del-manager");
    await until(() => reachedBy().startsWith("dialled tcp:"));
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);
    expect(await world.events("hypervisor-refused")).toEqual([]);
  });

  test("a clone that dials in is told and sent away, and the one that is there stays", async () => {
    await world.connect("a", world.host);
    const clone = await world.startHost("system-a", "192.0.2.9");
    await world.dialIn(clone);
    await until(async () => (await world.events("hypervisor-refused")).length > 0);
    expect(await world.events("hypervisor-refused")).toMatchObject([
      { hypervisor: "system-a", message: expect.stringContaining("one of them is a clone") as string },
    ]);
    expect(world.status("system-a")).toMatchObject({ state: "ready", tunnelEndpoint: "192.0.2.1" });
    expect(await clone.vsctl("list-br")).toBe("");
  });

  test("one that was refused because of a clone is taken as soon as the clone is gone", async () => {
    await world.connect("a", world.host);
    // Nothing changes in its database from now on.
    await world.host.killSwitch();
    await world.host.killDatabase();
    const clone = await world.startHost("system-a", "192.0.2.9");
    await world.dialIn(clone);
    await until(() => reachedBy().startsWith("dialled in from"));
    await world.host.startDatabase();
    await until(async () => (await world.events("hypervisor-refused")).length > 0);
    await clone.vsctl("--no-wait", "del-manager");
    await until(() => reachedBy().startsWith("dialled tcp:"));
    world.host.startSwitch();
    await world.ready("system-a");
    expect(world.status("system-a")?.tunnelEndpoint).toBe("192.0.2.1");
  });

  test("one that is registered at another address is the same: its peer's tunnels lead there, and nothing is sent to itself", async () => {
    const peer = await world.startHost("system-b", "192.0.2.2");
    await world.host.vsctl("--no-wait", "remove", "Open_vSwitch", ".", "other_config", "local_ip");
    await world.connect("a", world.host);
    await world.connect("b", peer);
    for (const [host, id, n] of [[world.host, port, 1] as const, [peer, otherPort, 2] as const]) {
      await world.makePort(id, `02:00:00:00:00:0${n}`);
      await world.plug(host, `tap${n}`, id);
    }
    const leadsTo = async (address: string): Promise<boolean> =>
      (await peer.flows("br-tun")).some((flow) => flow.includes(`${address}->tun_dst`));
    await until(() => leadsTo("127.0.0.1"));
    await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
    await until(() => world.status("system-a")?.state === "ready");
    const [sent, before] = [world.sent("system-a"), await world.flowsOf(world.host)];

    const address = "127.0.0.2" as Ipv4;
    const elsewhere = await freePort(address);
    await world.host.vsctl("--no-wait", "set-manager", `ptcp:${elsewhere}:${address}`);
    const node = { type: "OVS", id: "a", address, port: elsewhere };
    const connected = async (): Promise<boolean> =>
      world.controller.hypervisors.connect(node, AbortSignal.timeout(5_000)).then(
        () => true,
        () => false,
      );
    await until(connected);
    await until(async () => (await leadsTo(address)) && !(await leadsTo("127.0.0.1")));
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);
    expect(world.controller.hypervisors.list()).toHaveLength(2);
  });

  test("one whose ovsdb-server comes back on another port is the same: its ports stay, and no flow is sent", async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    const [sent, before] = [world.sent("system-a"), await world.flowsOf(world.host)];
    await world.host.killDatabase();
    const moved = await world.host.startDatabaseElsewhere();
    expect(await world.connect("moved", { ...world.host, port: moved })).toMatchObject({ key: "system-a" });
    await world.ready("system-a");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "system-a" });
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);
    expect(world.controller.hypervisors.list()).toMatchObject([{ node: { id: "moved", port: moved } }]);
  });
});
