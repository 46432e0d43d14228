/** A flood of packets for the controller is dropped where it starts. With a real ovs-vswitchd. */
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { listEvents, type SwitchStatus } from "@loomstack/model";
import { connectToSwitch, ofPort, packetOut, Port } from "@loomstack/openflow";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PlainSwitchUnderTest, startPlainSwitchUnderTest } from "./plain-switch-under-test.ts";
import { puntRate } from "./punt-metering.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const { packetsPerSec, burstPackets } = puntRate;
const ours = `meter=controller pktps burst stats bands= type=drop rate=${packetsPerSec} burst_size=${burstPackets}`;
const theirs = "meter=controller pktps burst bands= type=drop rate=7 burst_size=7";
const mostPackets = 20_000;
/** As if it came in on port 1. */
const packet = packetOut({
  inPort: ofPort(1),
  actions: [{ kind: "output", port: Port.table }],
  data: Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, ...new Uint8Array(46)]),
});

describe.skipIf(isMissing)(`the meter for packets to the controller, ${title}`, { timeout: 60_000 }, () => {
  let under: PlainSwitchUnderTest<OpenVSwitch>;
  let punting: Uuid;
  beforeAll(async () => void (under = await startPlainSwitchUnderTest(await startOpenVSwitch(2))), 60_000);
  afterAll(async () => under[Symbol.asyncDispose]());

  /** As the switch has it; undefined for none. */
  const meter = async (): Promise<string | undefined> =>
    /^meter=controller [^]*?type=.*$/m
      .exec(await under.openVSwitch.ofctl("dump-meters"))?.[0]
      .trim()
      .replaceAll(/\s+/g, " ");
  const status = (): SwitchStatus["puntMeter"] => under.switches.get(under.dpid).puntMeter;
  const another = async (vlan: number): Promise<unknown> => under.add(`in_port=2,dl_vlan=${vlan} actions=output:1`);

  test("there is none until a flow sends packets there", async () => {
    await another(1);
    expect([await meter(), status()]).toEqual([
      undefined,
      { metered: false, reason: "none of its flows sends packets to the controller" },
    ]);
    punting = (await under.add("in_port=1 actions=CONTROLLER:64")).id;
    const reason = "the switch drops what goes beyond 1000 packets a second";
    expect([await meter(), status()]).toEqual([ours, { metered: true, reason }]);
  });

  test("a flood is dropped at the switch, and flows are programmed meanwhile", async () => {
    const { openVSwitch, switches, dpid } = under;
    const options = { remote: openVSwitch.management, clock: systemClock, logger: silentLogger };
    const flooder = await connectToSwitch(options);
    const flood = flooder.apply(Array.from({ length: mostPackets }, () => packet));
    const programmed = Array.from({ length: 50 }, (_, index) => under.add(`priority=${index},dl_vlan=7 actions=drop`));
    const states = (await Promise.all(programmed)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["installed"]));
    await flood;
    flooder.close("the flood is over");
    const stats = await openVSwitch.ofctl("meter-stats", "meter=controller");
    const counts = [/packet_in_count:(\d+)/, / packet_count:(\d+)/].map((one) => Number(one.exec(stats)?.[1]));
    const [seen = 0, dropped = 0] = counts;
    expect(seen).toBe(mostPackets);
    expect(dropped).toBeGreaterThan(mostPackets / 4);
    await vi.waitFor(() => expect(switches.packets(dpid).count).toBeGreaterThan(0));
    expect(switches.packets(dpid).count).toBeLessThanOrEqual(seen - dropped);
  });

  test("a controller that starts anew finds it, and one that was removed is put back", async () => {
    await under.restart(() => under.openVSwitch.ofctl("del-meters"));
    await vi.waitFor(async () => expect([await meter(), status()?.metered]).toEqual([ours, true]), { timeout: 15_000 });
    await under.openVSwitch.ofctl("del-meters");
    await another(2);
    expect([await meter(), status()?.metered]).toEqual([ours, true]);
    expect(under.switches.get(under.dpid).counters.driftRepaired).toBe(1);
  });

  test("somebody else's is left alone and told, and ours comes when that goes", async () => {
    await under.openVSwitch.ofctl("mod-meter", theirs.replace("bands= ", "bands="));
    await another(3);
    expect([await meter(), status()]).toEqual([
      theirs,
      { metered: false, reason: `somebody else has set the switch's meter for controllers: ${theirs}` },
    ]);
    const kinds = async (): Promise<string[]> =>
      (await listEvents(under.store.db, { since: 0, limit: 1_000 })).map(({ kind }) => kind);
    const toldOf = async (): Promise<number> => (await kinds()).filter((kind) => kind === "punt-meter-foreign").length;
    await vi.waitFor(async () => expect(await toldOf()).toBe(1));
    await under.restart();
    await vi.waitFor(async () => expect(await toldOf()).toBe(2), { timeout: 15_000 });
    await under.openVSwitch.ofctl("del-meters");
    await another(4);
    expect([await meter(), status()?.metered]).toEqual([ours, true]);
  });

  test("it goes with the last flow that sends packets there", async () => {
    await under.switches.deleteFlow(under.dpid, punting, AbortSignal.timeout(10_000));
    expect([await meter(), status()?.metered]).toEqual([undefined, false]);
  });
});
