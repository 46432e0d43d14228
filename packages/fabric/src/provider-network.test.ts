import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ip, Mac } from "@loomstack/core";
import { createNetwork, createPort, createSubnet, deletePort } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, network as overlay, until, withOpenVSwitch } from "./controller-under-test.ts";
import { uuid } from "./intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "./open-vswitch-under-test.ts";

const mappings = "external_ids:loomstack-bridge-mappings";
const vlan = uuid(100);
const flat = uuid(101);
/** A guest of each network, on the one hypervisor that looks at the wire. */
const [onVlan, onFlat, onOverlay] = [uuid(21), uuid(22), uuid(23)];
const guestMac = "020000000021";
const outsideMac = "0200000000fe";

describe.skipIf(isMissing)(`provider networks, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;
  let host: OpenVSwitchUnderTest;
  let folder: string;

  beforeAll(async () => {
    world = await ControllerWorld.start();
    host = world.host;
    folder = await mkdtemp(join(tmpdir(), "loomstack-wire-"));
    await world.connect("a", host);
    const common = { name: "", tenantId: "", shared: false, adminStateUp: true, physicalNetwork: "physnet1" };
    await world.store.transact(async (tx) => {
      await createNetwork(tx, { id: vlan, ...common, networkType: "vlan", segmentationId: 100 });
      await createNetwork(tx, { id: flat, ...common, networkType: "flat", segmentationId: null });
      const subnet = { name: "", tenantId: "", gatewayIp: null, enableDhcp: false };
      await createSubnet(tx, { id: uuid(102), networkId: vlan, cidr: "10.0.0.0/24", ...subnet });
    });
    for (const [id, networkId, ip] of [
      [onVlan, vlan, "10.0.0.21"],
      [onFlat, flat],
      [onOverlay, overlay],
    ] as const)
      await makePort(id, networkId, ip);
  }, 30_000);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function makePort(id: ReturnType<typeof uuid>, networkId: typeof id, ip?: string): Promise<void> {
    const macAddress = `02:00:00:00:00:${id.slice(-2)}` as Mac;
    const device = { name: "", tenantId: "", deviceId: "", deviceOwner: "", adminStateUp: true };
    const fixedIps = ip === undefined ? [] : [{ ipAddress: ip as Ip }];
    await world.store.transact((tx) => createPort(tx, { id, networkId, macAddress, ...device, fixedIps }));
    await world.plug(host, `tap${id.slice(-2)}`, id);
  }

  const port = (id: typeof onVlan) => world.controller.realised.port(id);
  const isDown = (reason: string) =>
    until(() => port(onVlan).status === "DOWN" && port(onVlan).reason.includes(reason));
  const isUp = async (): Promise<void> => {
    for (const id of [onVlan, onFlat, onOverlay]) expect(await world.settled(id)).toMatchObject({ status: "ACTIVE" });
  };
  const map = (text: string): Promise<string> => host.vsctl("set", "Open_vSwitch", ".", `${mappings}="${text}"`);
  const ports = async (bridge: string): Promise<string[]> => (await host.vsctl("list-ports", bridge)).split("\n");
  const addWire = (bridge: string, name: string): Promise<string> =>
    host.vsctl(
      ...["add-br", bridge, "--", "add-port", bridge, name, "--", "set", "Interface", name, "type=dummy"],
      `options:tx_pcap=${join(folder, name)}`,
    );

  /** All that a bridge of the administrator's is, without the port that may be ours. */
  const foreign = async (bridge: string): Promise<string> => {
    const row = (await host.vsctl("list", "Bridge", bridge))
      .split("\n")
      .filter((line) => !/^(ports|status)/.test(line));
    const others = (await ports(bridge)).filter((name) => !name.startsWith("loom-"));
    const rows = await Promise.all(
      others.map((name) => host.vsctl("--columns=name,tag,trunks,other_config,external_ids", "list", "Port", name)),
    );
    const flows = (await host.ofctl("dump-flows", bridge, "--no-stats"))
      .split("\n")
      .filter((line) => line.includes("actions"));
    return [...row, ...rows, ...flows].join("\n");
  };

  /** The frames that went out to a wire, in hexadecimal digits, one after the other. */
  const sent = async (wire: string): Promise<string> => (await readFile(join(folder, wire))).toString("hex");
  const receive = (device: string, frame: string): Promise<string> =>
    host.appctl("netdev-dummy/receive", device, frame.padEnd(120, "0"));
  const toGuest = async (device: string): Promise<number> =>
    Number(/tx pkts=(\d+)/.exec(await host.ofctl("dump-ports", "br-int", device))?.[1]);

  test("a port waits, and says what to do, while no bridge is mapped to its physical network", async () => {
    await isDown("no bridge is mapped to physical network physnet1; to map one: ovs-vsctl set Open_vSwitch");
    expect(await world.settled(onOverlay)).toMatchObject({ status: "ACTIVE" });
    await map("physnet1:br-ex");
    await isDown("physical network physnet1 is mapped to bridge br-ex, which isn't there");
    const [first] = await world.events("physical-network-missing");
    expect(first?.message).toContain("hypervisor system-a: no bridge is mapped to physical network physnet1");
  });

  test("the mapped bridge gets the end of one patch, and stays as it was in all else", async () => {
    await addWire("br-ex", "wire");
    const before = await foreign("br-ex");
    await isUp();
    expect(await ports("br-ex")).toEqual(["loom-from-physnet1", "wire"]);
    expect(await ports("br-int")).toContain("loom-to-physnet1");
    expect(await foreign("br-ex")).toBe(before);
    expect((await host.flows("br-tun")).join()).not.toContain("dl_vlan=100");
  });

  test("a guest's packets leave with the VLAN of their network, or without any", async () => {
    await receive("tap21", `${outsideMac}${guestMac}08004500001400000000400100000a0000150a000001`);
    await receive("tap22", `${outsideMac}02000000002288b6`);
    await until(async () => /0200000000fe0200000000228 ?8b6/.test(await sent("wire")));
    expect(await sent("wire")).toContain(`${outsideMac}${guestMac}810000640800`);
  });

  test("a guest that tags its packets itself reaches nobody", async () => {
    const before = await sent("wire");
    await receive("tap22", `${outsideMac}020000000022810000640800`);
    await receive("tap22", `${outsideMac}02000000002288b7`);
    await until(async () => (await sent("wire")).includes("88b7"));
    expect((await sent("wire")).slice(before.length)).not.toContain("8100");
  });

  test("what comes from outside reaches the guest that it is for, of its own network alone, and nothing goes back", async () => {
    const counts = async (): Promise<number[]> => Promise.all(["tap21", "tap22", "tap23"].map(toGuest));
    const [vlanGuest = 0, flatGuest = 0, overlayGuest = 0] = await counts();
    const before = await sent("wire");
    const everybody = "ffffffffffff";
    for (const [destination, tag] of [
      ...[
        [guestMac, "81000064"],
        [everybody, "81000064"],
        [everybody, ""],
        [everybody, "81000000"],
      ],
      // A VLAN and addresses that are nobody's.
      ...[
        [everybody, "81000065"],
        ["02000000aaaa", "81000064"],
        [guestMac, ""],
      ],
    ] as const)
      await receive("wire", `${destination}${outsideMac}${tag}88b6`);
    await until(async () => (await toGuest("tap22")) === flatGuest + 2);
    expect(await counts()).toEqual([vlanGuest + 2, flatGuest + 2, overlayGuest]);
    expect(await sent("wire")).toBe(before);
  });

  test("a trace says where a packet leaves to, and explain what made it so", async () => {
    const trace = await world.controller.explanations.trace({
      ...{ from: onVlan, to: "02:00:00:00:00:fe" as Mac, protocol: { name: "icmp" } },
    });
    expect(trace.verdict).toBe("leaves system-a towards physical network physnet1, with VLAN 100, by its bridge br-ex");
    expect(trace.ends).toMatchObject([{ kind: "outside", bridge: "br-int" }]);
    const { flows } = world.controller.explanations.explain({ kind: "network", id: vlan });
    expect(
      flows
        .filter(({ feature }) => feature === "uplink")
        .map(({ table }) => table)
        .sort(),
    ).toEqual(["classify", "classify", "forward"]);
  });

  test("a controller that starts anew sends nothing", async () => {
    const before = [await world.flowsOf(host), await ports("br-ex"), await foreign("br-ex")];
    await world.restart();
    await isUp();
    expect(world.status("system-a")?.counters).toMatchObject({
      flowModsSent: 0,
      ovsdbTransactions: 0,
      driftRepaired: 0,
    });
    expect([await world.flowsOf(host), await ports("br-ex"), await foreign("br-ex")]).toEqual(before);
  });

  test("our end of the patch is put back when somebody takes it away", async () => {
    await host.vsctl("--no-wait", "del-port", "loom-from-physnet1");
    await until(async () => (await ports("br-ex")).includes("loom-from-physnet1"));
    await isUp();
    expect(world.status("system-a")?.counters.driftRepaired).toBeGreaterThan(0);
  });

  test("the patch moves to another bridge with the mapping, and goes with it", async () => {
    await addWire("br-other", "wire2");
    const before = await foreign("br-other");
    await map("physnet1:br-other");
    await until(async () => (await ports("br-other")).includes("loom-from-physnet1"));
    expect(await ports("br-ex")).toEqual(["wire"]);
    await isUp();
    await host.vsctl("remove", "Open_vSwitch", ".", "external_ids", "loomstack-bridge-mappings");
    await isDown("no bridge is mapped");
    await until(async () => !(await ports("br-int")).includes("loom-to-physnet1"));
    expect(await ports("br-other")).toEqual(["wire2"]);
    expect(await foreign("br-other")).toBe(before);
    expect((await host.flows("br-int")).filter((flow) => flow.includes("dl_vlan=100"))).toEqual([]);
  });

  test("a mapping that OpenDaylight was given counts, and a bridge that goes takes the patch with it until it is back", async () => {
    await host.vsctl("set", "Open_vSwitch", ".", "other_config:provider_mappings=physnet1:br-ex");
    await isUp();
    await host.vsctl("del-br", "br-ex");
    await isDown("which isn't there");
    await until(async () => !(await ports("br-int")).includes("loom-to-physnet1"));
    await addWire("br-ex", "wire3");
    await isUp();
  });

  test.each([
    ["is ours", "physnet1:br-tun", "which is ours"],
    ["has another datapath", "physnet1:br-netdev", "whose datapath type is netdev"],
    ["is another physical network's", "physnet0:br-ex,physnet1:br-ex", "physnet0 is mapped to as well"],
  ])("a bridge that %s is not patched, and the port says so", async (_, text, reason) => {
    await host.vsctl(
      ...["--may-exist", "add-br", "br-netdev", "--", "set", "Bridge", "br-netdev", "datapath_type=netdev"],
    );
    await map(text);
    await isDown(reason);
    await until(async () => !(await ports("br-ex")).includes("loom-from-physnet1"));
    await map("physnet1:br-ex");
    await isUp();
  });

  test("somebody else's port with the name of ours stays, and the port says so", async () => {
    await map("physnet1:br-other");
    await until(async () => (await ports("br-other")).includes("loom-from-physnet1"));
    await map("nothing");
    await host.vsctl("remove", "Open_vSwitch", ".", "other_config", "provider_mappings");
    await until(async () => !(await ports("br-other")).includes("loom-from-physnet1"));
    await host.vsctl(
      "add-port",
      "br-other",
      "loom-from-physnet1",
      "--",
      "set",
      "Interface",
      "loom-from-physnet1",
      "type=dummy",
    );
    await map("physnet1:br-ex");
    await isDown("loom-from-physnet1, is that of something else");
    expect(await world.settled(onOverlay)).toMatchObject({ status: "ACTIVE" });
    await host.vsctl("del-port", "loom-from-physnet1");
    await isUp();
  });

  test("the patch goes with the last port that needs it", async () => {
    await world.store.transact((tx) => deletePort(tx, onFlat));
    expect(await world.settled(onVlan)).toMatchObject({ status: "ACTIVE" });
    await world.store.transact((tx) => deletePort(tx, onVlan));
    await until(async () => !(await ports("br-ex")).includes("loom-from-physnet1"));
    expect(await ports("br-int")).not.toContain("loom-to-physnet1");
  });
});
