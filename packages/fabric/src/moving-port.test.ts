import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, otherPort, port, until, withOpenVSwitch } from "./controller-under-test.ts";
import type { OpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

const guest = "020000000001";
const neighbour = "020000000002";
let world: ControllerWorld;
let destination: OpenVSwitchUnderTest;

/** A guest of the first hypervisor, and its neighbour on the second one, where it will move. */
beforeEach(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start();
  destination = await world.startHost("system-b", "192.0.2.2");
  await world.connect("a", world.host);
  await world.connect("b", destination);
  await world.makePort(port, "02:00:00:00:00:01");
  await world.makePort(otherPort, "02:00:00:00:00:02");
  await world.plug(world.host, "tap1", port);
  await world.plug(destination, "tap2", otherPort);
  await until(() => world.controller.realised.port(port).reason.includes("no probe"));
  await confirmed();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

/** Every hypervisor holds what it should. */
async function confirmed(): Promise<void> {
  await until(async () => {
    await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
    return ["system-a", "system-b"].every((key) => world.status(key)?.state === "ready");
  });
}

const arrivals = async (host: OpenVSwitchUnderTest): Promise<string[]> =>
  (await host.flows("br-int")).filter((flow) => /learn\(|table=arrival|table=35/.test(flow));

/** libvirt plugs the interface where the guest will run, while it still runs where it was. */
async function plugDestination(): Promise<void> {
  await world.plug(destination, "tap1", port);
  await until(async () => (await arrivals(destination)).some((flow) => flow.includes("learn(")));
  await until(async () => (await world.host.flows("br-tun")).some((flow) => flow.includes("dl_dst=02:00:00:00:00:01")));
  await confirmed();
}

const receive = async (host: OpenVSwitchUnderTest, tap: string, frame: string): Promise<string> =>
  host.appctl("netdev-dummy/receive", tap, frame.padEnd(120, "0"));

/** From the neighbour to the guest: Ethernet, then a type that nobody looks into. */
const toGuest = `${guest}${neighbour}88b6`;
/** What QEMU announces a guest with, wherever it goes on: RARP to everybody. */
const announcement = `ffffffffffff${guest}80350001080006040003${guest}00000000${guest}00000000`;

/** How many packets have gone out to an interface. */
async function sentTo(host: OpenVSwitchUnderTest, tap: string): Promise<number> {
  const text = await host.ofctl("dump-ports", "br-int", tap);
  return Number(/tx pkts=(\d+)/.exec(text)?.[1]);
}

describe.skipIf(isMissing)(`a guest that moves, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("is heard where it arrives from its first packet there, without the controller, and its old place gets all until then", async () => {
    await plugDestination();
    const controller = world.controller;
    await world.restart(async () => {
      const patch = await sentTo(destination, "patch-tun");
      await receive(destination, "tap2", toGuest);
      await until(async () => (await sentTo(destination, "patch-tun")) === patch + 1);
      expect(await sentTo(destination, "tap1")).toBe(0);
      await receive(destination, "tap1", announcement);
      await until(async () => (await arrivals(destination)).length === 2);
      const before = await sentTo(destination, "tap1");
      await receive(destination, "tap2", toGuest);
      await until(async () => (await sentTo(destination, "tap1")) === before + 1);
    });
    expect(world.controller).not.toBe(controller);
    await confirmed();
    expect([world.sent("system-a"), world.sent("system-b")]).toEqual([0, 0]);
    expect(await arrivals(destination)).toHaveLength(2);
  });

  test("belongs to its new place alone once the old one lets go, and nothing is left of the move", async () => {
    const settled = async (host: OpenVSwitchUnderTest): Promise<string[]> => [
      ...(await host.flows("br-int")),
      ...(await host.flows("br-tun")),
    ];
    await plugDestination();
    await receive(destination, "tap1", announcement);
    await until(async () => (await arrivals(destination)).length === 2);
    await world.host.vsctl("--no-wait", "del-port", "tap1");
    await until(() => world.controller.realised.port(port).hypervisor === "system-b");
    await until(async () => (await arrivals(destination)).length === 0);
    await until(async () => (await settled(world.host)).every((flow) => !flow.includes("02:00:00:00:00:01")));
    await confirmed();
    const before = await sentTo(destination, "tap1");
    await receive(destination, "tap2", toGuest);
    await until(async () => (await sentTo(destination, "tap1")) === before + 1);
    for (const key of ["system-a", "system-b"]) expect(world.status(key)?.counters.driftRepaired).toBe(0);
  });

  test("stays where it is when its move is given up, and the flows are those of before", async () => {
    const before = [await world.flowsOf(world.host), await world.flowsOf(destination)];
    await plugDestination();
    await destination.vsctl("--no-wait", "del-port", "tap1");
    await until(async () => (await arrivals(destination)).length === 0);
    await confirmed();
    expect(world.controller.realised.port(port).hypervisor).toBe("system-a");
    const after = [await world.flowsOf(world.host), await world.flowsOf(destination)];
    expect(after.map((flows) => flows.sort())).toEqual(before.map((flows) => flows.sort()));
  });
});
