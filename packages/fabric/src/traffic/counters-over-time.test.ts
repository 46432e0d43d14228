import type { Uuid } from "@loomstack/core";
import type { PortTraffic } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ControllerWorld,
  isMissing,
  network,
  otherPort,
  port,
  until,
  withOpenVSwitch,
} from "../controller-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";

const mac = "020000000001";
const link = `fe80${"0".repeat(12)}000000fffe000001`;
const allNodes = `ff02${"0".repeat(26)}01`;
/** What no guest may send, each refused by another flow; the last one is told by neighbour security. */
const refusedFrames = {
  fromAnotherMac: `ffffffffffff0200000000990800${"00".repeat(46)}`,
  inArpAsAnother: `ffffffffffff${mac}080600010800060400010200000000990a000009${"00".repeat(28)}`,
  asDhcpServer: `ffffffffffff${mac}08004500003000000000401100000a000001ffffffff00430044001c0000${"00".repeat(20)}`,
  asRouter: `333300000001${mac}86dd6000000000103aff${link}${allNodes}86000000${"00".repeat(12)}`,
};
const allowed = `ffffffffffff${mac}0800${"00".repeat(46)}`;
let world: ControllerWorld;

beforeEach(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start();
  await world.connect("a", world.host);
  await world.makePort(port, "02:00:00:00:00:01");
  await world.makePort(otherPort, "02:00:00:00:00:02");
  await world.plug(world.host, "tap1", port);
  await world.plug(world.host, "tap2", otherPort);
  await world.settled(port);
  await world.settled(otherPort);
});
afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

async function receive(host: OpenVSwitchUnderTest, tap: string, frame: string): Promise<void> {
  await host.appctl("netdev-dummy/receive", tap, frame);
}

async function traffic(id: Uuid, holds: (told: PortTraffic) => boolean): Promise<PortTraffic> {
  const { traffic: reader } = world.controller;
  await until(async () => holds(await reader.port(id)));
  return reader.port(id);
}

const refusedOf = (packets: number) => (told: PortTraffic) => told.refused?.packets === String(packets);
const drops = async (key: string): Promise<number> => Number((await world.controller.traffic.refusals()).get(key));

describe.skipIf(isMissing)(`counters of traffic, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("what a port may not send is counted for it, whatever the reason, and all of it for its hypervisor", async () => {
    for (const frame of Object.values(refusedFrames)) await receive(world.host, "tap1", frame);
    await receive(world.host, "tap1", allowed);
    await receive(world.host, "tap2", refusedFrames.fromAnotherMac);
    const told = await traffic(port, refusedOf(4));
    const bytes = Object.values(refusedFrames).reduce((sum, frame) => sum + Math.max(60, frame.length / 2), 0);
    expect(told.refused).toMatchObject({ bytes: String(bytes) });
    await traffic(otherPort, refusedOf(1));
    expect((await world.controller.traffic.network(network)).refused).toMatchObject({ packets: "5" });
    expect(await drops("system-a")).toBe(5);
  });

  test("a restart of the controller leaves them, a move begins the port's anew, and one of Open vSwitch the hypervisor's", async () => {
    const destination = await world.startHost("system-b", "192.0.2.2");
    await receive(world.host, "tap1", refusedFrames.fromAnotherMac);
    await receive(world.host, "tap1", refusedFrames.asRouter);
    const first = await traffic(port, refusedOf(2));

    await world.restart();
    await world.ready("system-a");
    const again = await traffic(port, refusedOf(2));
    expect(again.counters).toEqual(first.counters);

    await world.connect("b", destination);
    await world.host.vsctl("--no-wait", "del-port", "br-int", "tap1");
    await world.plug(destination, "tap1", port);
    const moved = await traffic(
      port,
      ({ hypervisor, counters, refused }) => hypervisor === "system-b" && counters !== null && refused !== null,
    );
    expect(moved).toMatchObject({ counters: { rxPackets: "0" }, refused: { packets: "0" } });
    expect(moved.refused?.since).toBeGreaterThan(first.refused?.since ?? Infinity);
    await until(async () => (await world.host.flows("br-int")).every((flow) => !flow.includes("in_port=tap1")));
    // What the port was refused stays counted where that was.
    expect([await drops("system-a"), await drops("system-b")]).toEqual([2, 0]);

    await world.host.killSwitch();
    await until(async () => Number.isNaN(await drops("system-a")));
    world.host.startSwitch();
    await world.ready("system-a");
    expect(await drops("system-a")).toBe(0);
    await receive(world.host, "tap2", refusedFrames.fromAnotherMac);
    await until(async () => (await drops("system-a")) === 1);
  });
});
