import { silentLogger, systemClock } from "@loomstack/core";
import { makeTlsIdentities, type TlsIdentities } from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startController } from "./controller.ts";
import { startOpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";
import {
  ControllerWorld,
  freePort,
  isMissing,
  localhost,
  port,
  until,
  withOpenVSwitch,
} from "./controller-under-test.ts";

let identities: TlsIdentities;
let world: ControllerWorld;

beforeAll(async () => {
  if (!isMissing) identities = await makeTlsIdentities();
});

afterAll(async () => {
  if (!isMissing) await identities[Symbol.asyncDispose]();
});

beforeEach(async () => {
  if (isMissing) return;
  world = await ControllerWorld.start({ tls: { controller: identities.client, hypervisors: identities.serverFiles } });
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`a controller with a certificate, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("databases and switches are spoken to by TLS alone, and flows come with their ports", async () => {
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready" });
    expect(await world.host.vsctl("get-controller", "br-int")).toMatch(/^ssl:127\.0\.0\.1:\d+$/);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    await world.restart();
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.sent("system-a")).toBe(0);
  });

  test("a hypervisor that listens because its database says so, with the keys that it says, is reached", async () => {
    // What README tells an administrator: `ovs-vsctl set-ssl …`, which the fixture has run, and `set-manager pssl:…`.
    const listening = await freePort(localhost);
    await world.host.vsctl("--no-wait", "set-manager", `pssl:${listening}:${localhost}`);
    const node = { type: "OVS", id: "a", address: localhost, port: listening };
    const connect = async (): Promise<unknown> =>
      world.controller.hypervisors.connect(node, AbortSignal.timeout(5_000)).catch(() => undefined);
    await until(connect);
    expect(world.status("system-a")).toMatchObject({
      state: "ready",
      connection: `dialled ssl:${localhost}:${listening}`,
      certificate: "CN=server 7",
    });
  });

  test("a hypervisor that dials in shows its certificate, and another subject under its system-id is refused", async () => {
    await world.controller.hypervisors.accept("system-a", "CN=somebody else");
    await world.dialIn(world.host);
    await until(async () => (await world.events("hypervisor-refused")).length > 0);
    const [refused] = await world.events("hypervisor-refused");
    expect(refused?.message).toMatch(/loomstack hypervisors accept system-a --certificate 'CN=server 7'$/);
    expect(await world.host.vsctl("list-br")).toBe("");
    await world.controller.hypervisors.accept("system-a", "CN=server 7");
    await world.ready("system-a");
    expect(world.status("system-a")?.connection).toMatch(/^dialled in from ssl:127.0.0.1:\d+$/);
    await world.host.vsctl("--no-wait", "del-manager");
    await world.controller.hypervisors.forget("system-a");
    expect(await world.connect("a", world.host)).toMatchObject({ state: "ready" });
    await until(() => world.status("system-a")?.certificate === "CN=server 7");
  });

  test("a switch that claims a bridge with somebody else's certificate gets no flow, and the hypervisor's own is taken", async () => {
    await world.connect("a", world.host);
    const dpid = await world.host.vsctl("get", "Bridge", "br-int", "datapath_id");
    const target = await world.host.vsctl("get-controller", "br-int");
    await world.host.killSwitch();
    await until(() => world.status("system-a")?.state === "preparing");
    const identity = { systemId: "intruder", tunnelEndpoint: "192.0.2.66" };
    await using intruder = await startOpenVSwitchUnderTest({ ...identity, tls: await identities.issue("intruder") });
    const claims = ["--", "set", "Bridge", "br-int", `other_config:datapath-id=${dpid}`, "fail_mode=secure"];
    await intruder.vsctl("add-br", "br-int", ...claims, "--", "set-controller", "br-int", target);
    await until(async () => (await world.events("switch-refused")).length > 0);
    expect((await world.events("switch-refused"))[0]?.message).toMatch(/certificate of "CN=intruder".*"CN=server 7"/);
    await until(() => /CN=intruder/.test(world.status("system-a")?.reason ?? ""));
    expect(await intruder.flows("br-int")).toEqual([]);
    world.host.startSwitch();
    await world.ready("system-a");
    expect(await intruder.flows("br-int")).toEqual([]);
  });

  test("a plain switch has to show the certificate that it has shown first, after a restart, too, until another is named", async () => {
    const dpid = "00000000000000a1";
    const register = async (certificate: string | null): Promise<unknown> =>
      world.controller.switches.register(dpid, { certificate });
    const certificateOf = (): unknown => world.controller.switches.list().find((one) => one.dpid === dpid)?.certificate;
    const join = async (host: typeof world.host): Promise<unknown> => {
      const row = ["--", "set", "Bridge", "br0", `other_config:datapath-id=${dpid}`, "fail_mode=secure"];
      const target = `ssl:127.0.0.1:${world.controller.openflowPort}`;
      const controller = ["--", "set-controller", "br0", target, "--", "set", "Controller", "br0", "max_backoff=1000"];
      return host.vsctl("add-br", "br0", ...row, ...controller);
    };
    await join(world.host);
    await world.controller.switches.addFlow(dpid, { flow: "in_port=1 actions=drop" }, AbortSignal.timeout(10_000));
    await until(() => certificateOf() === "CN=server 7");
    await world.restart(() => world.host.killSwitch());
    const identity = { systemId: "intruder", tunnelEndpoint: "192.0.2.66" };
    await using intruder = await startOpenVSwitchUnderTest({ ...identity, tls: await identities.issue("intruder") });
    await join(intruder);
    await until(async () => (await world.events("switch-refused")).length > 0);
    expect(await intruder.flows("br0")).toEqual([]);
    expect(world.controller.switches.get(dpid).reason).toMatch(/"CN=intruder".*"CN=server 7"/);
    await register("CN=intruder");
    await until(async () => (await intruder.flows("br0")).length === 1);
    await register("CN=server 7");
    await until(() => world.controller.switches.get(dpid).state === "not-connected");
    await register(null);
    await until(() => certificateOf() === "CN=intruder");
  });

  test("a controller without one sees nothing of such a hypervisor", async () => {
    const { store } = world;
    await using plain = await startController({
      ...{ store, clock: systemClock, random: Math.random, logger: silentLogger },
      openflow: { host: localhost, port: 0 },
    });
    const node = { type: "OVS", id: "plain", address: localhost, port: world.host.port };
    await expect(plain.hypervisors.connect(node, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_UNREACHABLE",
    });
    expect(await world.host.vsctl("list-br")).toBe("");
  });

  test("what a hypervisor lacks for its switches to connect is told", async () => {
    // One that has read its keys already would keep them.
    await world.host.killSwitch();
    await world.host.vsctl("--no-wait", "del-ssl");
    world.host.startSwitch();
    const node = { type: "OVS", id: "a", address: localhost, port: world.host.port };
    const connecting = world.controller.hypervisors.connect(node, AbortSignal.timeout(10_000));
    await until(() => /ovs-vsctl set-ssl/.test(world.status("system-a")?.reason ?? ""));
    const { key, cert, ca } = identities.serverFiles;
    await world.host.vsctl("--no-wait", "set-ssl", key, cert, ca);
    expect(await connecting).toMatchObject({ state: "ready" });
  });
});
