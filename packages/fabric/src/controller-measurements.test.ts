import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, otherPort, port, until, withOpenVSwitch } from "./controller-under-test.ts";
import { uuid } from "./intent/intent-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});
afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`what the controller measures, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("ports that come up, lost connections, probes, what is shown to the controller, and rounds that fail are counted", async () => {
    const other = await world.startHost("system-b", "192.0.2.2");
    await world.connect("a", world.host);
    await world.connect("b", other);
    const before = world.controller.measurements.read();
    expect(before).toMatchObject({ networks: 1, ports: 0, connectsWaiting: 0, paths: { wanted: 0, probesSent: 0 } });
    await world.makePort(port, "52:54:00:00:00:01");
    await world.makePort(otherPort, "52:54:00:00:00:02");
    await world.plug(world.host, "tap1", port);
    // The dummy datapath carries nothing between two machines: the second port would wait for its probe.
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    await until(() => world.controller.measurements.read().portsRealising === 0);
    await world.plug(other, "tap2", otherPort);
    await until(() => world.controller.measurements.read().paths.wanted === 2);
    await until(() => world.controller.measurements.read().paths.probesSent > 1);
    const after = world.controller.measurements.read();
    const count = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);
    expect(count(after.portsRealised.counts)).toBe(1);
    expect(count(after.rounds.counts)).toBeGreaterThan(count(before.rounds.counts));
    const status = world.status("OVS/a");
    expect(status?.counters).toMatchObject({ ovsdbConnections: 1, openflowConnections: 2, packetsPunted: 0 });
    // ARP of a port whose addresses nobody told us is shown to the controller.
    const arp = `ffffffffffff52540000000108060001080006040001525400000001c0000209${"00".repeat(28)}`;
    await world.host.appctl("netdev-dummy/receive", "tap1", arp);
    await until(() => world.status("OVS/a")?.counters.packetsPunted === 1);
    const given = new AbortController();
    const waiting = world.controller.realised.portSettled(otherPort, given.signal);
    expect(world.controller.measurements.read().realisedWaiting).toBe(1);
    given.abort();
    await waiting;
    expect(world.controller.measurements.read().realisedWaiting).toBe(0);
    await world.ready("OVS/a");
    // The address that was learnt makes flows, too.
    await until(() => world.status("OVS/a")?.bridges.every((one) => one.flows > 0 && one.flows === one.desiredFlows));
    // A table that takes no more has rounds fail until it does.
    const full = ["--id=@full", "create", "Flow_Table", "flow_limit=1", "overflow_policy=refuse"];
    await world.host.vsctl("--", ...full, "--", "set", "Bridge", "br-int", "flow_tables:18=@full");
    await world.plug(world.host, "tap3", uuid(13));
    await world.makePort(uuid(13), "52:54:00:00:00:03");
    await until(() => (world.status("OVS/a")?.counters.roundsFailed ?? 0) > 0);
    await world.host.vsctl("clear", "Bridge", "br-int", "flow_tables");
    await world.ready("OVS/a");
    await world.host.killDatabase();
    await until(() => world.status("OVS/a")?.state === "lost");
    // Nobody answers there: that it was tried is all that a start has to wait for.
    await world.restart();
    await until(() => world.controller.measurements.read().hypervisorsUntried === 0);
    expect(world.status("OVS/a")?.state).toBe("connecting");
    await world.host.startDatabase();
    await until(() => world.status("OVS/a")?.counters.ovsdbConnections === 1);
  });
});
