/** A plain switch that crashes and comes back empty. With a real ovs-vswitchd. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger, systemClock } from "@loomstack/core";
import { openSqliteStore } from "@loomstack/model";
import { missingOpenVSwitch } from "@loomstack/testkit";
import { describe, expect, test, vi } from "vitest";
import { startController } from "../controller.ts";
import { startOpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { startFlowModCounter } from "./flow-mod-counter-under-test.ts";

const isMissing = missingOpenVSwitch !== undefined;
const title = `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`;
const dpid = "00000000000000a1";
const patience = { timeout: 15_000, interval: 10 };

describe.skipIf(isMissing)(`a plain switch that is killed, ${title}`, { timeout: 40_000 }, () => {
  test("what it has lost is sent once, and until then nobody says that it is there", async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(path.join(tmpdir(), "loomstack-switches-"));
    stack.defer(() => rm(folder, { recursive: true }));
    const store = stack.use(await openSqliteStore(path.join(folder, "store.sqlite")));
    const counter = stack.use(await startFlowModCounter());
    const host = stack.use(await startOpenVSwitchUnderTest({ systemId: "s", tunnelEndpoint: "192.0.2.1" }));
    const openflow = { host: "127.0.0.1", port: 0 };
    const { switches, openflowPort } = stack.use(
      await startController({ store, clock: systemClock, random: Math.random, logger: silentLogger, openflow }),
    );
    counter.setTarget(openflowPort);
    await host.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy", "fail_mode=secure");
    await host.vsctl("set", "bridge", "br0", "protocols=OpenFlow13", `other_config:datapath-id=${dpid}`);
    await host.vsctl("set-controller", "br0", `tcp:127.0.0.1:${counter.port}`);
    const flows = ["in_port=1 actions=output:2", "in_port=2 actions=output:1"];
    for (const flow of flows) await switches.addFlow(dpid, { flow }, AbortSignal.timeout(10_000));
    const states = (): string[] => switches.flows(dpid).map(({ state }) => state);
    await vi.waitFor(() => expect(states()).toEqual(["installed", "installed"]), patience);
    expect(counter.flowMods).toBe(2);

    await host.killSwitch();
    await vi.waitFor(() => expect(states()).toEqual(["not-connected", "not-connected"]), patience);
    host.startSwitch();
    await vi.waitFor(() => expect(states()).toEqual(["installed", "installed"]), patience);
    expect(counter.flowMods).toBe(4);
    expect((await host.flows("br0")).map((flow) => flow.replace(/^cookie=\w+, /, ""))).toEqual(flows);
  });
});
