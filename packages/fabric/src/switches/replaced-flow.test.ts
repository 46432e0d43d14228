/** A static flow that is changed under its id. With a real ovs-vswitchd. */
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import type { StaticFlowStatus } from "@loomstack/model";
import { connectToSwitch, flowMod, ofPort } from "@loomstack/openflow";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PlainSwitchUnderTest, startPlainSwitchUnderTest } from "./plain-switch-under-test.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const flow = { tableId: 0, priority: 0, cookie: 0n, match: {}, instructions: [] };

describe.skipIf(isMissing)(`a static flow that is replaced, ${title}`, { timeout: 60_000 }, () => {
  let under: PlainSwitchUnderTest<OpenVSwitch>;
  let id: Uuid;
  beforeAll(async () => void (under = await startPlainSwitchUnderTest(await startOpenVSwitch(2))), 60_000);
  afterAll(async () => under[Symbol.asyncDispose]());

  const replace = async (flow: string): Promise<StaticFlowStatus> =>
    under.switches.replaceFlow(under.dpid, id, { flow }, AbortSignal.timeout(10_000));

  test("other actions are one flow mod, and the cookie stays", async () => {
    ({ id } = await under.add("priority=5,in_port=1 actions=output:2"));
    const cookie = /cookie=\w+/.exec(await under.openVSwitch.ofctl("dump-flows"))?.[0];
    expect(await replace("priority=5,in_port=1 actions=drop")).toMatchObject({ id, state: "installed" });
    expect(await under.flows()).toEqual(["priority=5,in_port=1 actions=drop"]);
    expect([under.counter.flowMods, /cookie=\w+/.exec(await under.openVSwitch.ofctl("dump-flows"))?.[0]]).toEqual([
      2,
      cookie,
    ]);
  });

  test("another match comes and the one before goes in one bundle", async () => {
    const before = under.counter.bundles;
    expect(await replace("priority=6,in_port=2 actions=output:1")).toMatchObject({ id, state: "installed" });
    expect(await under.flows()).toEqual(["priority=6,in_port=2 actions=output:1"]);
    expect([under.counter.flowMods, under.counter.bundles]).toEqual([4, before + 1]);
    expect(under.switches.get(under.dpid).counters.driftRepaired).toBe(0);
  });

  test("where the switch refuses the new one, the one before stays until it takes it", async () => {
    const refused = await replace("priority=7,in_port=1 actions=group:9");
    expect(refused).toMatchObject({ state: "refused", reason: expect.stringContaining("as it was before") as string });
    expect(await under.flows()).toEqual(["priority=6,in_port=2 actions=output:1"]);
    await under.openVSwitch.ofctl("add-group", "group_id=9,type=all,bucket=actions=output:2");
    await under.add("priority=1,in_port=1 actions=drop");
    const all = ["priority=1,in_port=1 actions=drop", "priority=7,in_port=1 actions=group:9"];
    await vi.waitFor(async () => expect(await under.flows()).toEqual(all), { timeout: 10_000 });
    expect(under.switches.get(under.dpid).counters.driftRepaired).toBe(0);
  });

  test("what isn't there can't be replaced, nor by one that there is already", async () => {
    await expect(replace("priority=1,in_port=1 actions=output:2")).rejects.toMatchObject({
      code: "MODEL__FLOW_EXISTS",
    });
    await expect(
      under.switches.replaceFlow("00000000000000b2", id, { flow: "actions=drop" }, AbortSignal.timeout(10_000)),
    ).rejects.toMatchObject({ code: "MODEL__NOT_FOUND" });
  });

  describe("on a switch that speaks OpenFlow 1.0", () => {
    const both = ["priority=1,in_port=1,actions=drop", "priority=8,in_port=2,actions=output:1"];
    const flows = async (): Promise<readonly string[]> =>
      ((await under.openVSwitch.appctl("bridge/dump-flows", "br0")).match(/priority=\d+,in_port=\d,.*/g) ?? []).sort();

    test("the new one comes before the old one goes", async () => {
      await under.openVSwitch.vsctl("set", "bridge", "br0", "protocols=OpenFlow10");
      const isReady = { version: "1.0", state: "ready" };
      await vi.waitFor(() => expect(under.switches.list()).toMatchObject([isReady]), { timeout: 15_000 });
      const { flowMods, bundles } = under.counter;
      expect(await replace("priority=8,in_port=2 actions=output:1")).toMatchObject({ state: "installed" });
      expect(await flows()).toEqual(both);
      expect([under.counter.flowMods, under.counter.bundles]).toEqual([flowMods + 2, bundles]);
    });

    test("what others delete, change or add of ours is put right at the next look", async () => {
      const options = { remote: under.openVSwitch.management, clock: systemClock, logger: silentLogger };
      const other = await connectToSwitch({ ...options, versions: ["1.0"] });
      const [mine] = (await other.dumpFlows()).filter(({ priority }) => priority === 8);
      expect(mine).toBeDefined();
      const changes = [
        ...(await other.dumpFlows()).map((each) => flowMod("delete-strict", each)),
        flowMod("add", { ...flow, priority: 1, match: { inPort: ofPort(1) }, cookie: 7n }),
        flowMod("add", { ...flow, priority: 99, match: { inPort: ofPort(2) }, cookie: mine?.cookie ?? 0n }),
      ];
      await other.apply(changes);
      other.close("the harm is done");
      // Whatever is asked for makes it look at once; without, it looks every five seconds.
      const { id: another } = await under.add("priority=2,in_port=2 actions=drop");
      expect(await flows()).toEqual([both[0], "priority=2,in_port=2,actions=drop", both[1]]);
      expect(under.switches.get(under.dpid).counters.driftRepaired).toBe(3);
      await under.switches.deleteFlow(under.dpid, another, AbortSignal.timeout(10_000));
      expect(await flows()).toEqual(both);
    });

    test("there is no meter, and packets come all the same", async () => {
      await under.add("priority=9,in_port=1 actions=CONTROLLER");
      expect(under.switches.get(under.dpid)).toMatchObject({
        state: "ready",
        puntMeter: { metered: false, reason: "OpenFlow 1.0, which the switch speaks, has no meters" },
      });
      const packet = "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x88b5)";
      await under.openVSwitch.appctl("netdev-dummy/receive", "p1", packet);
      await vi.waitFor(() => expect(under.switches.packets(under.dpid).count).toBe(1), { timeout: 10_000 });
    });
  });
});
