import type { DriftKind } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ControllerWorld,
  isMissing,
  network,
  otherPort,
  patience,
  port,
  until,
  withOpenVSwitch,
  withoutPorts,
} from "./controller-under-test.ts";

let world: ControllerWorld;

beforeEach(async () => {
  if (!isMissing) world = await ControllerWorld.start();
});

afterEach(async () => {
  if (!isMissing) await world[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)(`what others change, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let right: string[];

  beforeEach(async () => {
    await world.connect("a", world.host);
    await world.makePort(port, "02:00:00:00:00:01");
    await world.plug(world.host, "tap1", port);
    await world.settled(port);
    right = (await world.flowsOf(world.host)).sort();
  });
  const putBack = async (drifts = 1): Promise<void> => {
    await until(() => (world.status("system-a")?.counters.driftRepaired ?? 0) >= drifts);
    await vi.waitFor(async () => expect((await world.flowsOf(world.host)).sort()).toEqual(right), patience);
    await until(async () => (await world.events("drift-repaired")).length > 0);
    expect(world.status("system-a")?.drift.flow).toBe(world.status("system-a")?.counters.driftRepaired);
  };

  test("a flow of ours that is deleted is put back and recorded", async () => {
    await world.host.ofctl("del-flows", "br-int", "table=30");
    await putBack();
  });

  test("a flow of ours that is changed is put back and recorded", async () => {
    await world.host.ofctl("mod-flows", "br-int", "table=30,actions=drop");
    await putBack();
  });

  test("a flow that is added under our cookie is removed and recorded", async () => {
    await world.host.ofctl("add-flow", "br-tun", "table=7,cookie=0x4c53000000000001,actions=drop");
    await putBack();
  });

  test("a flow of somebody else's in the place of ours is replaced and recorded", async () => {
    const [classify] = right.filter((flow) => flow.includes("in_port=tap1") || flow.includes("in_port=2"));
    const match = /priority=\d+,in_port="?[\w-]+"?/.exec(classify ?? "")?.[0] ?? "";
    await world.host.ofctl("add-flow", "br-int", `table=0,cookie=0x1,${match},actions=drop`);
    await putBack();
  });

  test("flows, bridges, ports and external_ids of others are left alone", async () => {
    await world.host.ofctl("add-flow", "br-int", "table=99,cookie=0x1,priority=3,actions=drop");
    await world.host.vsctl(
      "add-br",
      "br-other",
      "--",
      "add-port",
      "br-other",
      "x1",
      "--",
      "set",
      "Interface",
      "x1",
      "type=dummy",
    );
    await world.host.vsctl("add-port", "br-int", "x2", "--", "set", "Interface", "x2", "type=dummy");
    await world.host.vsctl("set", "Bridge", "br-int", "external_ids:theirs=1");
    // A change of ours that comes after theirs: what they did was seen.
    await world.makePort(otherPort, "02:00:00:00:00:02");
    await world.plug(world.host, "tap2", otherPort);
    await world.settled(otherPort);
    expect(await world.host.flows("br-int")).toContainEqual(expect.stringContaining("table=99"));
    expect(await world.host.vsctl("list-ports", "br-other")).toBe("x1");
    expect(await world.host.vsctl("list-ports", "br-int")).toContain("x2");
    expect(await world.host.vsctl("get", "Bridge", "br-int", "external_ids:theirs")).toBe('"1"');
    expect(world.status("system-a")?.counters.driftRepaired).toBe(0);
  });

  test.each<[string, DriftKind, RegExp, string[]]>([
    [
      "the fail mode",
      "bridge",
      /fail_mode of bridge br-int was standalone/,
      ["set", "Bridge", "br-int", "fail_mode=standalone"],
    ],
    [
      "the protocols",
      "bridge",
      /protocols of bridge br-tun was \[.*OpenFlow10/,
      ["set", "Bridge", "br-tun", "protocols=OpenFlow10,OpenFlow13"],
    ],
    [
      "the datapath type",
      "bridge",
      /datapath_type of bridge br-int was netdev/,
      ["set", "Bridge", "br-int", "datapath_type=netdev"],
    ],
    [
      "the mark",
      "external-ids",
      /external_ids:loomstack of bridge br-int was gone/,
      ["remove", "Bridge", "br-int", "external_ids", "loomstack"],
    ],
    [
      "the record of a local VLAN",
      "external-ids",
      /external_ids:loomstack-vlan-\S+ of bridge br-int was 7/,
      ["set", "Bridge", "br-int", `external_ids:loomstack-vlan-${network}=7`],
    ],
    [
      "the record of local VLANs, by one in conflict",
      "external-ids",
      /loomstack-vlan-0 of bridge br-int was 1/,
      ["set", "Bridge", "br-int", "external_ids:loomstack-vlan-0=1"],
    ],
    [
      "the controller",
      "controller",
      /controller tcp:127.0.0.1:1 of bridge br-int was added/,
      ["set-controller", "br-int", "tcp:127.0.0.1:1"],
    ],
    [
      "the controller, by removing it",
      "controller",
      /controller tcp:\S+ of bridge br-tun was gone/,
      ["del-controller", "br-tun"],
    ],
    [
      "how the controller is reached",
      "controller",
      /connection_mode of controller \S+ of bridge br-int was in-band/,
      [
        "set",
        "Controller",
        "br-int",
        "connection_mode=in-band",
        "max_backoff=8000",
        "inactivity_probe=0",
        "enable_async_messages=false",
      ],
    ],
    ["the patch", "port", /port patch-int of bridge br-tun was gone/, ["del-port", "br-tun", "patch-int"]],
    [
      "the mark and VLAN of a port",
      "port",
      /tag of port patch-tun of bridge br-int was 9/,
      ["set", "Port", "patch-tun", "tag=9", "external_ids:loomstack=x"],
    ],
    [
      "the patch's other end",
      "interface",
      /options of interface patch-tun of bridge br-int was \{peer=nobody\}/,
      ["set", "Interface", "patch-tun", "options:peer=nobody"],
    ],
    [
      "the patch's type",
      "interface",
      /type of interface patch-tun of bridge br-int was dummy/,
      ["set", "Interface", "patch-tun", "type=dummy"],
    ],
    ["a whole bridge", "bridge", /bridge br-tun was gone/, ["del-br", "br-tun"]],
  ])(
    "in the database: %s is put back, counted and recorded, and the flows are what they were",
    async (_, kind, words, command) => {
      await world.host.vsctl("--no-wait", ...command);
      await until(() => (world.status("system-a")?.counters.driftRepaired ?? 0) > 0);
      expect(world.status("system-a")?.drift[kind]).toBeGreaterThan(0);
      await until(async () => (await world.events("drift-repaired")).some(({ message }) => words.test(message)));
      await vi.waitFor(async () => {
        expect(world.status("system-a")?.state).toBe("ready");
        expect(withoutPorts(await world.flowsOf(world.host))).toEqual(withoutPorts(right));
      }, patience);
      expect(await world.host.vsctl("get", "Bridge", "br-int", "external_ids")).toMatch(
        new RegExp(`^\\{loomstack=owned, loomstack-vlan-${network}="1"\\}$`),
      );
      expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    },
  );

  test("a port of ours that is told to drop packets is opened again, counted and recorded; a guest's is left alone", async () => {
    const config = async (name: string): Promise<string> =>
      new RegExp(`\\(${name}\\).*\\n\\s+config:\\s+(\\S+)`).exec(
        await world.host.ofctl("dump-ports-desc", "br-int"),
      )?.[1] ?? "";
    await world.host.ofctl("mod-port", "br-int", "tap1", "no-forward");
    await world.host.ofctl("mod-port", "br-int", "patch-tun", "no-forward");
    await until(() => world.status("OVS/a")?.drift.port === 1);
    expect([await config("patch-tun"), await config("tap1")]).toEqual(["0", "NO_FWD"]);
    expect(await world.events("drift-repaired")).toMatchObject([
      { message: expect.stringContaining("port patch-tun of bridge br-int was told: noForward") as string },
    ]);
  });

  test("the meter for packets to the controller is put back, counted and recorded", async () => {
    const meters = (): Promise<string> => world.host.ofctl("dump-meters", "br-int");
    await until(async () => (await meters()).includes("meter=controller"));
    await world.host.ofctl("del-meters", "br-int");
    await until(async () => (await meters()).includes("meter=controller"));
    await until(() => world.status("OVS/a")?.drift.meter === 1);
    await until(async () => (await world.events("drift-repaired")).some(({ message }) => /meter/.test(message)));
  });

  test("somebody who fights for a flow gets it less and less often, and fills no record", async () => {
    const ceasefire = new AbortController();
    const fight = (async () => {
      while (!ceasefire.signal.aborted) await world.host.ofctl("del-flows", "br-int", "table=30");
    })();
    await until(() => (world.status("system-a")?.counters.driftRepaired ?? 0) >= 60);
    ceasefire.abort();
    await fight;
    await putBack();
    expect((await world.events("drift-repaired")).length).toBeLessThanOrEqual(25);
    expect(await world.events("drift-contested")).toHaveLength(1);
    expect(world.status("system-a")).toMatchObject({
      state: "ready",
      reason: expect.stringContaining("somebody else undoes again and again what is put back") as string,
    });
  });

  test("ovs-vswitchd is killed: the port is not ACTIVE; it is started again: the flows are back", async () => {
    await world.host.killSwitch();
    await until(() => world.status("system-a")?.state === "preparing");
    expect(world.controller.realised.port(port)).toMatchObject({
      status: "BUILD",
      reason: expect.stringContaining("OpenFlow") as string,
    });
    expect(await world.controller.realised.reached(world.store.revision(), AbortSignal.abort())).toBe(false);
    world.host.startSwitch();
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(withoutPorts(await world.flowsOf(world.host))).toEqual(withoutPorts(right));
  });

  test("ovsdb-server is killed: the hypervisor is lost; it is started again: it heals, and no flow is sent", async () => {
    const before = world.sent("system-a");
    await world.host.killDatabase();
    await until(() => world.status("system-a")?.state === "lost");
    expect(world.controller.realised.port(port)).toMatchObject({ status: "DOWN", hypervisor: "system-a" });
    await world.host.startDatabase();
    expect(await world.settled(port)).toMatchObject({ status: "ACTIVE" });
    expect(world.sent("system-a")).toBe(before);
    expect((await world.flowsOf(world.host)).sort()).toEqual(right);
  });
});
