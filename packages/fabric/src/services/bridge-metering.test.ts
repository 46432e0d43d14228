/** With a real ovs-vswitchd. */
import { silentLogger, systemClock } from "@loomstack/core";
import { connectToSwitch, type SwitchConnection } from "@loomstack/openflow";
import { FakeClock, missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { puntRate } from "../switches/punt-metering.ts";
import { BridgeMetering } from "./bridge-metering.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const patience = { timeout: 10_000, interval: 10 };
const ours = `type=drop rate=${puntRate.packetsPerSec} burst_size=${puntRate.burstPackets}`;
const theirs = "type=drop rate=7 burst_size=7";

describe.skipIf(isMissing)(`the meter of a hypervisor's bridge, ${title}`, { timeout: 30_000 }, () => {
  let openVSwitch: OpenVSwitch;
  let connection: SwitchConnection;
  let clock: FakeClock;
  let events: string[];
  beforeEach(async () => {
    openVSwitch = await startOpenVSwitch(1);
    connection = await connectToSwitch({
      remote: openVSwitch.management,
      clock: systemClock,
      logger: silentLogger,
    });
    clock = new FakeClock();
    events = [];
  });
  afterEach(async () => {
    connection.close("the test is over");
    await openVSwitch[Symbol.asyncDispose]();
  });

  const keep = (): BridgeMetering =>
    new BridgeMetering({
      ...{ connection, clock, bridge: "br-int", logger: silentLogger },
      event: (_, kind) => events.push(kind),
      repaired: ({ what }) => events.push(what),
    });
  const meter = async (): Promise<string | undefined> =>
    /type=.*$/m.exec(await openVSwitch.ofctl("dump-meters"))?.[0].trim();
  const shows = (expected: string): Promise<void> =>
    vi.waitFor(async () => expect(await meter()).toBe(expected), patience);

  test("is set at once, left alone while it is right, and put back when somebody has removed it", async () => {
    using _metering = keep();
    await shows(ours);
    await vi.waitFor(() => expect(clock.waiting).toBe(1), patience);
    clock.turn(1_000);
    await vi.waitFor(() => expect(clock.waiting).toBe(1), patience);
    expect(events).toEqual([]);
    await openVSwitch.ofctl("del-meters");
    clock.turn(1_000);
    await shows(ours);
    await vi.waitFor(() => expect(events).toEqual(["br-int's meter for packets to the controller was gone"]), patience);
  });

  test("stays somebody else's where it is set otherwise, which is told", async () => {
    await openVSwitch.ofctl("add-meter", `meter=controller pktps burst bands=${theirs}`);
    using _metering = keep();
    await vi.waitFor(() => expect(events).toEqual(["punt-meter-missing"]), patience);
    expect(await meter()).toBe(theirs);
  });
});
