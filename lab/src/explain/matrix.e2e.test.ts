/** Good and broken states: traces in both modes agree with ovs-vswitchd's own and with real pings. */
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../condition.ts";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { requireCommand } from "../process.ts";
import { neutron } from "../story/controller-client.ts";
import {
  connectPath,
  type ControllerWorld,
  makeNetwork,
  openControllerWorld,
  plugGuest,
} from "../story/controller-world.ts";
import { addIpv6, agree, isUnwatched, pings, realised, traced, type TracedGuest } from "./traced-world.ts";

let world: ControllerWorld;
let hv1: LabHypervisor;
let hv2: LabHypervisor;
/** On VXLAN: two on the first hypervisor, one on the second. On GRE and Geneve: one on each. */
let a: TracedGuest;
let near: TracedGuest;
let b: TracedGuest;
const overlay = new Map<string, readonly [TracedGuest, TracedGuest]>();

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  [hv1, hv2] = [hypervisorAt(world.lab, 0), hypervisorAt(world.lab, 1)];
  for (const type of ["vxlan", "gre", "geneve"] as const) {
    const { network, subnet } = await makeNetwork(world.controller, type);
    const one = await plugGuest(world, 0, { network, subnet, number: 11 });
    if (type === "vxlan") near = await plugGuest(world, 0, { network, subnet, number: 13 });
    const other = await plugGuest(world, 1, { network, subnet, number: 12 });
    overlay.set(type, [one, other]);
    if (type === "vxlan") [a, b] = [one, other];
  }
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const arrives = (number: number): RegExp =>
  new RegExp(`^the packet is output to port ${number === 12 ? b.portId : near.portId}`);
const active = async (guest: TracedGuest): Promise<void> => world.controller.portActive(guest.portId);
/** Whatever is found, the next test begins with everything mended. */
const whileBroken = async (
  doBreak: () => Promise<unknown>,
  mend: () => Promise<unknown>,
  look: () => Promise<void>,
): Promise<void> => {
  await doBreak();
  try {
    await look();
  } finally {
    await mend();
  }
};
const answers = async (from: TracedGuest): Promise<unknown> =>
  until("the guest answers again", async () => pings({ from, to: 12 }), { timeoutMs: 20_000 });
const stateOf = async (host: number): Promise<string | undefined> =>
  (await world.controller.hypervisors()).find(({ node }) => node.address === hypervisorAt(world.lab, host).address)
    ?.state;

test("to a guest on the same hypervisor, and answered from there", async () => {
  await agree(
    world,
    { from: a, to: 13 },
    { reached: true, held: arrives(13), live: /; its answer was back after \d+ ms$/ },
  );
});

test.each(["vxlan", "gre", "geneve"])("to a guest on another hypervisor over %s", async (type) => {
  const [one, other] = overlay.get(type) ?? expect.fail(type);
  const held = new RegExp(`^the packet is output to port ${other.portId} on OVS/host-1`);
  await agree(world, { from: one, to: 12 }, { reached: true, held, live: /; its answer was back after \d+ ms$/ });
});

test("in IPv6, to a guest on either hypervisor, which answers", async () => {
  await addIpv6(
    world,
    new Map([
      [11, a],
      [12, b],
      [13, near],
    ]),
  );
  for (const to of [12, 13])
    await agree(
      world,
      { from: a, to, isIpv6: true },
      { reached: true, held: arrives(to), live: /; its answer was back after \d+ ms$/ },
    );
  for (const protocol of ["tcp/9", "udp/9"])
    expect((await traced(world, { from: a, to: 12, isIpv6: true, protocol }, "live")).live?.answered).toBe(true);
});

test.each(["tcp/9", "udp/9"])(
  "to a closed port in %s, which the guest's kernel refuses, and that is an answer",
  async (protocol) => {
    const { reached, live, verdict } = await traced(world, { from: a, to: 12, protocol }, "live");
    expect([reached, live?.answered, verdict]).toEqual([
      true,
      true,
      expect.stringMatching(/its answer was back after/),
    ]);
  },
);

test("from a MAC address that isn't the port's", async () => {
  const mac = "02:00:00:00:07:66";
  const setMac = async (to: string) => a.run("ip", ["link", "set", "eth0", "address", to]);
  await whileBroken(
    async () => setMac(mac),
    async () => setMac("02:00:00:00:07:0b"),
    async () =>
      agree(
        world,
        { from: a, to: 12, claim: { sourceMac: mac } },
        {
          reached: false,
          held: /^dropped on OVS\/host-0, br-int table portSecurity: no flow lets port/,
        },
      ),
  );
});

test("from an IP address that isn't the port's", async () => {
  const address = async (verb: string) => a.run("ip", ["address", verb, "192.168.7.99/24", "dev", "eth0"]);
  await whileBroken(
    async () => address("add"),
    async () => address("delete"),
    async () =>
      agree(
        world,
        { from: a, to: 12, claim: { sourceIp: "192.168.7.99" } },
        {
          reached: false,
          held: /^dropped on OVS\/host-0, br-int table portSecurity: .* 192.168.7.99$/,
        },
      ),
  );
});

test("to a port that is administratively down", async () => {
  const setUp = async (up: boolean): Promise<void> => {
    const port = { admin_state_up: up };
    await world.controller.expect(200, "PUT", `${neutron}/ports/${b.portId}`, { port });
    await realised(world);
  };
  await whileBroken(
    async () => setUp(false),
    async () => setUp(true),
    async () =>
      agree(world, { from: a, to: 12 }, { reached: false, held: /table forward: .* is administratively down$/ }),
  );
});

test("past somebody else's flow", async () => {
  const flow = "table=30,priority=200,dl_dst=02:00:00:00:07:0c";
  await whileBroken(
    async () => hv1.ofctl("add-flow", "br-int", `cookie=0x1,${flow},actions=drop`),
    async () => hv1.ofctl("del-flows", "br-int", "--strict", flow),
    async () =>
      agree(
        world,
        { from: a, to: 12 },
        {
          reached: false,
          held: /table forward: the packet is taken by a flow that isn't ours/,
        },
      ),
  );
});

test("past a flow that is missing, because its table takes no more", async () => {
  const flows = (await hv2.ofctl("dump-flows", "br-tun", "table=20"))
    .split("\n")
    .filter((line) => /actions=/.test(line));
  const { steps } = await traced(world, { from: a, to: 12 }, "held");
  const key = /tun_id=\w+/.exec(
    steps.find(({ bridge, hypervisor }) => bridge === "br-tun" && hypervisor.endsWith("1"))?.packet ?? "",
  );
  const lost = flows.find((line) => line.includes(`${key?.[0]},`)) ?? expect.fail(flows.join("\n"));
  const match = /priority=\d+,\S+/.exec(lost)?.[0] ?? expect.fail(lost);
  await whileBroken(
    async () => {
      await hv2.vsctl(
        ...["set", "Bridge", "br-tun", "flow_tables:20=@table", "--", "--id=@table", "create", "Flow_Table"],
        ...[`flow_limit=${flows.length - 1}`, "overflow_policy=refuse"],
      );
      await hv2.ofctl("del-flows", "br-tun", "--strict", `table=20,${match}`);
    },
    async () => {
      await hv2.vsctl("clear", "Bridge", "br-tun", "flow_tables");
      await answers(a);
    },
    async () =>
      agree(
        world,
        { from: a, to: 12 },
        {
          reached: false,
          held: /^dropped on OVS\/host-1, br-tun table decapsulate: the switch doesn't hold a flow that should be there/,
          live: /^dropped on OVS\/host-1, br-tun table decapsulate: .*; OVS\/host-1, br-tun couldn't be watched: .*$/,
        },
      ),
  );
});

test("to a guest whose interface is down", async () => {
  const linkOfB = async (state: string): Promise<unknown> => {
    await b.run("ip", ["link", "set", "eth0", state]);
    const isSeen = async () => (await hv2.vsctl("get", "Interface", b.device, "link_state")).trim() === state;
    return until("Open vSwitch sees it", isSeen, { timeoutMs: 5_000 });
  };
  await whileBroken(
    async () => linkOfB("down"),
    async () => linkOfB("up"),
    async () =>
      agree(
        world,
        { from: a, to: 12 },
        { reached: false, held: /^dropped behind OVS\/host-1, br-int: .* has no link/ },
      ),
  );
});

test("with more bytes than the underlay carries, and with as many as it does", async () => {
  // What the hypervisor says to the controller has to pass, too: its own packets become as small.
  const setMtu = async (mtu: number): Promise<void> => {
    const route = ["10.9.0.0/24", "dev", "br-phy", "proto", "kernel", "scope", "link", "src", hv2.address];
    await hv2.run("ip", ["route", "replace", ...route, "mtu", String(mtu)]);
    await requireCommand("ip", ["link", "set", hv2.name, "mtu", String(mtu)]);
  };
  await whileBroken(
    async () => setMtu(1_400),
    async () => setMtu(1_500),
    async () => {
      await agree(
        world,
        { from: a, to: 12, size: 1_400 },
        {
          reached: false,
          held: /^dropped behind OVS\/host-0, br-tun: with what vxlan adds, its 1400 bytes are more .* that it is 1500\.$/,
        },
      );
      await agree(world, { from: a, to: 12, size: 1_300 }, { reached: true, held: arrives(12) });
    },
  );
});

test("to a peer that the underlay doesn't lead to", async () => {
  const isolate = async (state: "on" | "off"): Promise<void> => {
    for (const { name } of world.lab.hypervisors)
      await requireCommand("ip", ["link", "set", name, "type", "bridge_slave", "isolated", state]);
  };
  await whileBroken(
    async () => isolate("on"),
    async () => isolate("off"),
    async () =>
      agree(
        world,
        { from: a, to: 12 },
        {
          reached: false,
          held: /^dropped behind OVS\/host-0, br-tun: no probe passes the vxlan tunnel/,
        },
      ),
  );
});

test("through a tunnel port whose name somebody else has taken", async () => {
  const [one] = overlay.get("geneve") ?? expect.fail("no Geneve");
  await whileBroken(
    async () =>
      hv2.vsctl(
        ...[
          "--no-wait",
          "del-port",
          "br-tun",
          "loom-geneve",
          "--",
          "add-br",
          "br-other",
          "--",
          "set",
          "Bridge",
          "br-other",
        ],
        ...["datapath_type=netdev", "--", "add-port", "br-other", "loom-geneve"],
        ...["--", "set", "Interface", "loom-geneve", "type=dummy"],
      ),
    async () => {
      await hv2.vsctl("--no-wait", "del-br", "br-other");
      await answers(one);
    },
    async () =>
      agree(
        world,
        { from: one, to: 12 },
        {
          reached: false,
          held: /^dropped on OVS\/host-1, br-tun: it has no geneve tunnel port/,
        },
      ),
  );
});

test("to a hypervisor whose switch is stopped", async () => {
  await whileBroken(
    async () => {
      await hv2.killVswitchd();
      await until("it is missed", async () => (await stateOf(1)) !== "ready", { timeoutMs: 30_000 });
    },
    async () => {
      await hv2.startVswitchd();
      await active(b);
    },
    async () => agree(world, { from: a, to: 12 }, { reached: false, held: /^hypervisor OVS\/host-1 can't be seen: / }),
  );
});

test("when all is mended, as at the beginning, and nothing is left of what watched", async () => {
  await agree(world, { from: a, to: 12 }, { reached: true, held: arrives(12) });
  expect((await traced(world, { from: b, to: 11 }, "held")).reached).toBe(true);
  for (const hypervisor of [hv1, hv2]) expect(await isUnwatched(hypervisor)).toBe(true);
});
