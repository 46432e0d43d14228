/** What callers wait for, and are told when it doesn't come. With real Open vSwitch. */
import type { Revision, Uuid } from "@loomstack/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ControllerWorld,
  isMissing,
  network,
  otherPort,
  port,
  until,
  withOpenVSwitch,
} from "./controller-under-test.ts";
import type { OpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

/** An event of this kind about the port, with its reason. */
const told = (kind: string, about: Uuid, reason: RegExp): Promise<unknown> =>
  until(async () =>
    (await world.events(kind)).some(({ object, message }) => object === `port ${about}` && reason.test(message)),
  );
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
let world: ControllerWorld;
let b: OpenVSwitchUnderTest;

beforeAll(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start();
  b = await world.startHost("system-b", "192.0.2.2", true);
  await world.connect("a", world.host);
  await world.connect("b", b);
}, 30_000);

afterAll(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`what is realised, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("a change is realised where it matters, and each hypervisor can be waited for alone", async () => {
    const { realised } = world.controller;
    await world.makePort(port, "02:00:00:00:00:01");
    expect(realised.object("network", network)).toMatchObject({ realised: true, hypervisors: [] });
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    await told("port-active", port, /is ACTIVE, and was DOWN: every hypervisor concerned has confirmed its flows/);
    expect(realised.network(network)).toMatchObject({ status: "ACTIVE" });
    const revision = world.store.revision();
    expect(await realised.objectRealised("network", network, soon())).toMatchObject({
      realised: true,
      hypervisors: [{ who: "system-a", realised: true, confirmed: revision }],
    });
    for (const key of ["system-a", "system-b", undefined]) {
      expect(await realised.reached(revision, soon(), key)).toBe(true);
      expect(realised.lacking(revision, key)).toEqual([]);
    }
  });

  test("a revision that nobody has asked for yet isn't reached, and that is said", async () => {
    const { realised } = world.controller;
    const next = (world.store.revision() + 1) as Revision;
    expect(await realised.reached(next, AbortSignal.abort())).toBe(false);
    expect(realised.lacking(next)).toMatchObject([
      { who: "intent", reason: expect.stringContaining("nothing") as string },
    ]);
    expect(await realised.reached(next, AbortSignal.abort(), "OVS/none")).toBe(false);
    expect(realised.lacking(next, "OVS/none")).toMatchObject([{ who: "OVS/none", reason: "it is not managed" }]);
  });

  test("a tunnel port that Open vSwitch can't make holds up only what needs it, says why, and heals", async () => {
    const { realised } = world.controller;
    // Somebody else's tunnel, with the same endpoint and key as ours would have.
    const options = ["type=vxlan", "options:remote_ip=flow", "options:key=flow"];
    const theirs = ["add-br", "br-x", "--", "add-port", "br-x", "vx1", "--", "set", "Interface", "vx1", ...options];
    await b.vsctl(...theirs);
    await world.makePort(otherPort, "02:00:00:00:00:02");
    await world.plug(b, "tap2", otherPort);
    await until(() =>
      /can't make the tunnel port loom-vxlan: .*File exists/.test(world.status("system-b")?.reason ?? ""),
    );
    expect(world.status("system-b")?.state).toBe("preparing");
    await until(() => /no probe passes .*: Open vSwitch can't make/.test(realised.port(otherPort).reason));
    expect(realised.port(otherPort)).toMatchObject({ status: "BUILD", hypervisor: "system-b" });
    expect((await b.flows("br-int")).filter((flow) => flow.includes("02:00:00:00:00:02"))).not.toEqual([]);
    const mine = await realised.objectRealised("port", otherPort, soon());
    expect(mine).toMatchObject({ realised: true });
    await b.vsctl("--no-wait", "del-br", "br-x");
    await world.ready("system-b");
    expect(await b.flows("br-tun")).toContainEqual(expect.stringContaining("192.0.2.1->tun_dst"));
  });

  test("a guest's interface that Open vSwitch can't make is BUILD, with Open vSwitch's words", async () => {
    const { realised } = world.controller;
    await world.host.vsctl("--no-wait", "set", "Interface", "tap1", "type=nonsense");
    await until(() => /interface tap1 an OpenFlow port: ./.test(realised.port(port).reason));
    expect(realised.port(port)).toMatchObject({ status: "BUILD", hypervisor: "system-a" });
    await told("port-build", port, /interface tap1 an OpenFlow port/);
  });

  test("a hypervisor that is lost, or whose interface goes, takes its port back, with the reason", async () => {
    const { realised } = world.controller;
    await world.host.vsctl("--no-wait", "del-port", "tap1");
    await until(() => realised.port(port).status === "DOWN");
    expect(realised.port(port).reason).toBe("no connected hypervisor has an interface with this port's id");
    await b.killDatabase();
    await until(() => realised.port(otherPort).status === "DOWN");
    expect(realised.port(otherPort).reason).toMatch(/^hypervisor system-b can't be seen: ./);
    await told("port-down", port, /no connected hypervisor has an interface/);
    await told("port-down", otherPort, /system-b can't be seen/);
    expect(await realised.reached(world.store.revision(), AbortSignal.abort(), "system-b")).toBe(false);
    expect(realised.lacking(world.store.revision(), "system-b")[0]?.reason).toMatch(/./);
  });
});
