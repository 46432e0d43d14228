/** What somebody can and can't reach who says that he is a hypervisor which is there already. */
import { makeTlsIdentities, type TlsIdentities } from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, localhost, port, until, withOpenVSwitch } from "../controller-under-test.ts";
import { type OpenVSwitchUnderTest, startOpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { openWay } from "./way-under-test.ts";

let identities: TlsIdentities;
let cleanup = new AsyncDisposableStack();

beforeAll(async () => {
  if (!isMissing) identities = await makeTlsIdentities();
});

afterAll(async () => {
  if (!isMissing) await identities[Symbol.asyncDispose]();
});

afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const inTheClear = async (): Promise<ControllerWorld> => cleanup.use(await ControllerWorld.start());
const overTls = async (): Promise<ControllerWorld> => {
  const tls = { controller: identities.client, hypervisors: identities.serverFiles };
  return cleanup.use(await ControllerWorld.start({ tls }));
};
/** A machine with the identity of the first hypervisor, and a certificate of its own. */
const startClone = async (commonName: string): Promise<OpenVSwitchUnderTest> => {
  const options = { systemId: "system-a", tunnelEndpoint: "192.0.2.9", tls: await identities.issue(commonName) };
  return cleanup.use(await startOpenVSwitchUnderTest(options));
};
const refused = async (world: ControllerWorld, text: string): Promise<unknown> =>
  until(async () => (await world.events("hypervisor-refused")).some(({ message }) => message.includes(text)));
const endpoint = (world: ControllerWorld): unknown => world.status("system-a")?.tunnelEndpoint;

describe.skipIf(isMissing)(`claimed identities, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  test("in the clear a clone takes the place of one that is silent, touches nothing of it, and is told when that is back", async () => {
    const world = await inTheClear();
    await world.controller.hypervisors.accept("system-a");
    const way = cleanup.use(await openWay(world.controller.ovsdbPort ?? 0));
    await world.dialIn(world.host, way.port);
    await world.ready("system-a");
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    const before = await world.flowsOf(world.host);

    way.silence();
    const clone = await world.startHost("system-a", "192.0.2.9");
    await world.dialIn(clone);
    await until(() => endpoint(world) === "192.0.2.9" && world.status("system-a")?.state === "ready");
    await world.dialIn(world.host);
    await refused(world, "one of them is a clone");
    expect([endpoint(world), await world.flowsOf(world.host)]).toEqual(["192.0.2.9", before]);

    const sent = world.sent("system-a");
    await clone.vsctl("--no-wait", "del-manager");
    await until(() => endpoint(world) === "192.0.2.1" && world.status("system-a")?.state === "ready");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "system-a" });
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);
  });

  test("over TLS a clone with a certificate of its own gets nothing, even while the one that is there is silent or gone", async () => {
    const world = await overTls();
    await world.controller.hypervisors.accept("system-a");
    const way = cleanup.use(await openWay(world.controller.ovsdbPort ?? 0));
    await world.dialIn(world.host, way.port);
    await world.ready("system-a");
    await until(() => world.status("system-a")?.certificate === "CN=server 7");

    way.silence();
    const clone = await startClone("clone");
    await world.dialIn(clone);
    await refused(world, `its certificate is that of "CN=clone"`);
    expect(endpoint(world)).toBe("192.0.2.1");
    await until(() => world.status("system-a")?.state === "lost");
    const node = { type: "OVS", id: "clone", address: localhost, port: clone.port };
    await expect(world.controller.hypervisors.connect(node, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: "FABRIC__HYPERVISOR_REFUSED",
    });
    expect([world.status("system-a")?.state, await clone.vsctl("list-br")]).toEqual(["lost", ""]);
    await world.dialIn(world.host);
    await world.ready("system-a");
  });

  test("over TLS whoever shows another certificate than the one that an administrator now names is out at once", async () => {
    const world = await overTls();
    await world.controller.hypervisors.accept("system-a");
    await world.dialIn(world.host);
    await world.ready("system-a");
    await world.controller.hypervisors.accept("system-a", "CN=the right one");
    await refused(world, `its certificate is that of "CN=server 7"`);
    await until(() => world.status("system-a")?.state === "lost");
    const rightOne = await startClone("the right one");
    await world.dialIn(rightOne);
    await world.ready("system-a");
    expect([endpoint(world), world.status("system-a")?.certificate]).toEqual(["192.0.2.9", "CN=the right one"]);
  });

  test("one that dials in from another address is the same: its tunnels end there, no flow is sent, and accepting it again changes nothing", async () => {
    const world = await inTheClear();
    await world.host.vsctl("--no-wait", "remove", "Open_vSwitch", ".", "other_config", "local_ip");
    await world.controller.hypervisors.accept("system-a");
    await world.dialIn(world.host);
    await world.ready("system-a");
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(endpoint(world)).toBe("127.0.0.1");
    const [sent, before] = [world.sent("system-a"), await world.flowsOf(world.host)];

    const way = cleanup.use(await openWay(world.controller.ovsdbPort ?? 0, { from: "127.0.0.2" }));
    await world.dialIn(world.host, way.port);
    await until(() => endpoint(world) === "127.0.0.2" && world.status("system-a")?.state === "ready");
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE", hypervisor: "system-a" });
    expect([world.sent("system-a"), await world.flowsOf(world.host)]).toEqual([sent, before]);

    const revision = world.store.revision();
    expect(await world.controller.hypervisors.accept("system-a")).toMatchObject({ state: "ready" });
    expect([world.store.revision(), world.controller.hypervisors.list().length]).toEqual([revision, 1]);
  });
});
