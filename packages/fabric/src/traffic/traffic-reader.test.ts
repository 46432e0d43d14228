import { type Uuid, parseUuid } from "@loomstack/core";
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
import { sumOf } from "./sum-of-counters.ts";

const frame = `ffffffffffff5254000000010806${"00".repeat(46)}`;
const frameBytes = 60;
let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});
afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

/** What is told of a port, once that holds: who asks too soon gets what was read before. */
async function traffic(id: Uuid, holds: (told: PortTraffic) => boolean): Promise<PortTraffic> {
  const { traffic: reader } = world.controller;
  await until(async () => holds(await reader.port(id)));
  return reader.port(id);
}

describe.skipIf(isMissing)(`traffic of ports, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("what a guest sends is counted; the count begins anew with the interface, and says since when", async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "52:54:00:00:00:01");
    await world.makePort(otherPort, "52:54:00:00:00:02");
    const { traffic: reader } = world.controller;
    expect(await reader.port(port)).toMatchObject({ hypervisor: null, counters: null, since: null });
    await world.plug(world.host, "tap1", port);
    await world.plug(world.host, "tap2", otherPort);
    await world.settled(port);
    await world.settled(otherPort);
    for (const _ of [1, 2, 3]) await world.host.appctl("netdev-dummy/receive", "tap1", frame);
    await world.host.appctl("netdev-dummy/receive", "tap2", frame);
    const first = await traffic(port, ({ counters }) => counters?.rxPackets === "3");
    expect(first).toMatchObject({
      hypervisor: "system-a",
      counters: { rxBytes: String(3 * frameBytes) },
      reason: "as br-int of hypervisor system-a counts it",
    });
    await traffic(otherPort, ({ counters }) => counters?.rxPackets === "1");
    const whole = await reader.network(network);
    expect(whole.ports.map((one) => one.port).sort()).toEqual([port, otherPort].sort());
    expect(whole.sum).toMatchObject({ rxPackets: "4", rxBytes: String(4 * frameBytes) });

    await world.host.vsctl("del-port", "br-int", "tap1");
    await traffic(port, ({ counters }) => counters === null);
    await world.plug(world.host, "tap1", port);
    const again = await traffic(port, ({ counters }) => counters?.rxPackets === "0");
    expect(again.since).toBeGreaterThan(first.since ?? Infinity);
  });

  test("a port of a hypervisor that can't be asked has no counters, and says why", async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "52:54:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    await world.host.killSwitch();
    const told = await traffic(port, ({ counters }) => counters === null);
    expect(told.reason).toContain("system-a");
    expect((await world.controller.traffic.network(network)).sum).toMatchObject({ rxPackets: "0" });
  });

  test("what isn't there is refused", async () => {
    const nowhere = parseUuid("00000000-0000-4000-8000-0000000000ff");
    await expect(world.controller.traffic.port(nowhere)).rejects.toMatchObject({ code: "MODEL__NOT_FOUND" });
    await expect(world.controller.traffic.network(nowhere)).rejects.toMatchObject({ code: "MODEL__NOT_FOUND" });
  });
});

test("counters of 64 bits are summed exactly, and one that nobody counts stays unknown", () => {
  const of = (rxPackets: string | null) => ({
    ...{ rxPackets, txPackets: "0", rxBytes: null, txBytes: "0" },
    ...{ rxDropped: "0", txDropped: "0", rxErrors: "0", txErrors: "0" },
  });
  expect(sumOf([of("9007199254740993"), of("2"), of(null)])).toMatchObject({
    rxPackets: "9007199254740995",
    rxBytes: null,
  });
  expect(sumOf([])).toMatchObject({ rxPackets: "0", rxBytes: "0" });
});
