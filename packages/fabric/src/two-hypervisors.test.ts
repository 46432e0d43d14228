import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ControllerWorld,
  isMissing,
  otherPort,
  patience,
  port,
  until,
  withOpenVSwitch,
} from "./controller-under-test.ts";
import { uuid } from "./intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`two hypervisors, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let b: OpenVSwitchUnderTest;

  beforeEach(async () => {
    b = await world.startHost("system-b", "192.0.2.2");
    await world.connect("a", world.host);
    await world.connect("b", b);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.makePort(otherPort, "02:00:00:00:00:02");
    await world.plug(world.host, "tap1", port);
    await world.plug(b, "tap2", otherPort);
    await until(
      () => world.status("system-b")?.state === "ready" && /no probe/.test(world.controller.realised.port(port).reason),
    );
    await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
  });

  test("each has the other's port behind the tunnel, and without probes neither port is ACTIVE", async () => {
    expect(await world.host.flows("br-tun")).toContainEqual(expect.stringContaining("192.0.2.2->tun_dst"));
    expect(await b.flows("br-tun")).toContainEqual(expect.stringContaining("192.0.2.1->tun_dst"));
    for (const id of [port, otherPort]) {
      expect(world.controller.realised.port(id)).toMatchObject({
        status: "BUILD",
        reason: expect.stringContaining("no probe passes the vxlan tunnel") as string,
      });
    }
  });

  test("a restart while one can't be seen changes nothing of the other", async () => {
    const before = await world.flowsOf(world.host);
    await world.restart(() => b.killDatabase());
    await world.ready("system-a");
    await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.controller.realised.port(otherPort).status).toBe("DOWN");
    expect(world.status("system-a")?.counters).toMatchObject({ flowModsSent: 0, ovsdbTransactions: 0 });
    expect(await world.flowsOf(world.host)).toEqual(before);
    await b.startDatabase();
    await world.ready("system-b");
    expect([world.sent("system-a"), world.sent("system-b")]).toEqual([0, 0]);
  });

  test("the tunnel is held until the flows that use it are gone, and goes then", async () => {
    expect(await world.host.vsctl("list-ports", "br-tun")).toContain("loom-vxlan");
    await b.vsctl("--no-wait", "del-port", "tap2");
    await vi.waitFor(async () => expect(await world.host.vsctl("list-ports", "br-tun")).toBe("patch-int"), patience);
    expect((await world.flowsOf(world.host)).filter((flow) => flow.includes("tun_dst"))).toEqual([]);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
  });

  test("a port named as a tunnel port that somebody put there does not keep the controller busy", async () => {
    await b.vsctl("--no-wait", "del-port", "tap2");
    await vi.waitFor(async () => expect(await world.host.vsctl("list-ports", "br-tun")).toBe("patch-int"), patience);
    await world.host.vsctl("add-port", "br-tun", "loom-gre", "--", "set", "Interface", "loom-gre", "type=dummy");
    await world.makePort(uuid(13), "02:00:00:00:00:03");
    await world.plug(world.host, "tap3", uuid(13));
    expect(await world.settled(uuid(13))).toMatchObject({ status: "ACTIVE" });
    expect(await world.host.vsctl("list-ports", "br-tun")).toContain("loom-gre");
  });
});
