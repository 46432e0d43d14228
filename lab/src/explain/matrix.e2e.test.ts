/** Good and broken states: traces in both modes agree with ovs-vswitchd's own and with real pings. */
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../condition.ts";
import { hypervisorAt, type LabHypervisor } from "../lab.ts";
import { neutron } from "../story/controller-client.ts";
import {
  connectPath,
  type ControllerWorld,
  makeNetwork,
  openControllerWorld,
  plugGuest,
  portBody,
} from "../story/controller-world.ts";
import {
  addForeignFlow,
  deleteForeignFlow,
  giveTunnelNameBack,
  isolate,
  loseFlow,
  setInterfaceMtu,
  setLink,
  setUnderlayMtu,
  takeTunnelName,
} from "./damage.ts";
import {
  addIpv6,
  agree,
  isUnwatched,
  pings,
  realised,
  traced,
  type TracedGuest,
  type TracedPacket,
} from "./traced-world.ts";

let world: ControllerWorld;
let hv1: LabHypervisor;
let hv2: LabHypervisor;
/** On VXLAN: two on the first hypervisor, one on the second. On GRE and Geneve: one on each. */
let a: TracedGuest;
let near: TracedGuest;
let b: TracedGuest;
let place: { readonly network: string; readonly subnet: string };
let unplugged: ReturnType<typeof portBody>;
const overlay = new Map<string, readonly [TracedGuest, TracedGuest]>();

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  [hv1, hv2] = [hypervisorAt(world.lab, 0), hypervisorAt(world.lab, 1)];
  for (const type of ["vxlan", "gre", "geneve"] as const) {
    const { network, subnet } = await makeNetwork(world.controller, type);
    const one = await plugGuest(world, 0, { network, subnet, number: 11 });
    if (type === "vxlan") place = { network, subnet };
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
const answers = async (from: TracedGuest): Promise<unknown> =>
  until("the guest answers again", async () => pings({ from, to: 12 }), { timeoutMs: 20_000 });
const stateOf = async (host: number): Promise<string | undefined> =>
  (await world.controller.hypervisors()).find(({ node }) => node.address === hypervisorAt(world.lab, host).address)
    ?.state;

/** Whether the guest's kernel answers pings. */
const setAnswering = async (guest: TracedGuest, answers: boolean): Promise<void> => {
  const setting = `net.ipv4.icmp_echo_ignore_all=${answers ? 0 : 1}`;
  expect(await guest.run("sysctl", ["-w", setting])).toMatchObject({ exitCode: 0 });
};
const flowModsSent = async (): Promise<readonly number[]> =>
  (await world.controller.hypervisors()).map(({ counters }) => counters.flowModsSent);

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

/** What is broken, how it is mended, and what all say of a packet meanwhile. */
interface BrokenState {
  readonly doBreak: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
  /** By default from the first guest to the one on the other hypervisor. */
  readonly packet?: () => Partial<TracedPacket>;
  /** What the verdicts say. */
  readonly held: RegExp;
  readonly live?: RegExp;
  /** A packet that arrives all the same. */
  readonly arrives?: Partial<TracedPacket>;
}

const foreignFlow: BrokenState = {
  doBreak: async () => addForeignFlow(hv1),
  mend: async () => deleteForeignFlow(hv1),
  held: /table forward: the packet is taken by a flow that isn't ours/,
};
/** A port of the first network that nobody plugs. */
const makePort = async (): Promise<void> => {
  unplugged = portBody({ ...place, number: 14 });
  await world.controller.expect(201, "POST", `${neutron}/ports`, { port: unplugged });
  await realised(world);
};
const deletePort = async (): Promise<unknown> =>
  world.controller.expect(204, "DELETE", `${neutron}/ports/${unplugged.id}`);
const otherMac = "02:00:00:00:07:66";
const setMac = async (to: string, guest = a) => guest.run("ip", ["link", "set", "eth0", "address", to]);
const otherAddress = async (verb: string) => a.run("ip", ["address", verb, "192.168.7.99/24", "dev", "eth0"]);
const otherIpv6Address = async (verb: string) =>
  a.run("ip", ["address", verb, "2001:db8:7::99/64", "dev", "eth0", "nodad"]);
const setPortUp = async (isUp: boolean): Promise<void> => {
  await world.controller.expect(200, "PUT", `${neutron}/ports/${b.portId}`, { port: { admin_state_up: isUp } });
  await realised(world);
};
/** Of the first network, as its packets carry it to the second hypervisor. */
const tunnelKey = async (): Promise<string> => {
  const { steps } = await traced(world, { from: a, to: 12 }, "held");
  const arrival = steps.find(({ bridge, hypervisor }) => bridge === "br-tun" && hypervisor.endsWith("1"));
  const [key] = /tun_id=\w+/.exec(arrival?.packet ?? "") ?? expect.fail(arrival?.packet);
  return key;
};
const on = (type: string): TracedGuest => overlay.get(type)?.[0] ?? expect.fail(type);
test.each([
  ["that the port is allowed to use", { allowed_address_pairs: [{ ip_address: "192.168.7.99" }] }],
  ["of a port without port security", { port_security_enabled: false }],
])("from an address %s", async (_, change) => {
  const setPort = async (port: object): Promise<void> => {
    await world.controller.expect(200, "PUT", `${neutron}/ports/${a.portId}`, { port });
    await realised(world);
  };
  const claim = { sourceIp: "192.168.7.99" };
  await setPort(change);
  await otherAddress("add");
  try {
    await agree(world, { from: a, to: 12, claim }, { reached: true, held: arrives(12) });
    const back = new RegExp(`^the packet is output to port ${a.portId}`);
    if ("allowed_address_pairs" in change) await agree(world, { from: b, to: 99 }, { reached: true, held: back });
  } finally {
    await otherAddress("delete");
    await setPort({ allowed_address_pairs: [], port_security_enabled: true });
  }
});

test.each<[string, BrokenState]>([
  [
    "from a MAC address that isn't the port's",
    {
      doBreak: async () => setMac(otherMac),
      mend: async () => setMac("02:00:00:00:07:0b"),
      packet: () => ({ claim: { sourceMac: otherMac } }),
      held: /^dropped on OVS\/host-0, br-int table portSecurity: no flow lets port/,
    },
  ],
  [
    "in IPv6, from a MAC address that isn't the port's",
    {
      doBreak: async () => setMac(otherMac),
      mend: async () => setMac("02:00:00:00:07:0b"),
      packet: () => ({ isIpv6: true, claim: { sourceMac: otherMac } }),
      held: /^dropped on OVS\/host-0, br-int table portSecurity: no flow lets port .* send from 02:00:00:00:07:66/,
    },
  ],
  [
    "from an IP address that isn't the port's",
    {
      doBreak: async () => otherAddress("add"),
      mend: async () => otherAddress("delete"),
      packet: () => ({ claim: { sourceIp: "192.168.7.99" } }),
      held: /^dropped on OVS\/host-0, br-int table portSecurity: .* 192.168.7.99$/,
    },
  ],
  [
    "from an IPv6 address that isn't the port's",
    {
      doBreak: async () => otherIpv6Address("add"),
      mend: async () => otherIpv6Address("delete"),
      packet: () => ({ isIpv6: true, claim: { sourceIp: "2001:db8:7::99" } }),
      held: /^dropped on OVS\/host-0, br-int table \w+: .* 2001:db8:7::99$/,
    },
  ],
  [
    "in IPv6, to a port that is administratively down",
    {
      doBreak: async () => setPortUp(false),
      mend: async () => setPortUp(true),
      packet: () => ({ isIpv6: true }),
      held: /table forward: .* is administratively down$/,
    },
  ],
  [
    "to a port that is administratively down",
    {
      doBreak: async () => setPortUp(false),
      mend: async () => setPortUp(true),
      held: /table forward: .* is administratively down$/,
    },
  ],
  ["past somebody else's flow", foreignFlow],
  ["in IPv6, past somebody else's flow", { ...foreignFlow, packet: () => ({ isIpv6: true }) }],
  ["over GRE, past somebody else's flow", { ...foreignFlow, packet: () => ({ from: on("gre") }) }],
  [
    "from a MAC address that isn't the port's, over Geneve",
    {
      doBreak: async () => setMac(otherMac, on("geneve")),
      mend: async () => setMac("02:00:00:00:07:0b", on("geneve")),
      packet: () => ({ from: on("geneve"), claim: { sourceMac: otherMac } }),
      held: /^dropped on OVS\/host-0, br-int table portSecurity: no flow lets port/,
    },
  ],
  [
    "to a port that no hypervisor has an interface for",
    {
      doBreak: makePort,
      mend: deletePort,
      packet: () => ({ to: 14 }),
      held: /table forward: 02:00:00:00:07:0e is port .* is on no hypervisor: none has an interface with this id$/,
    },
  ],
  [
    "with more bytes than the guest's interface takes, and with as many as it does",
    {
      doBreak: async () => setInterfaceMtu(hv2, b, 1_300),
      mend: async () => setInterfaceMtu(hv2, b, 1_450),
      packet: () => ({ size: 1_400 }),
      held: /^dropped behind OVS\/host-1, br-int: .* takes packets of at most 1300 bytes, and it has 1400$/,
      arrives: { size: 1_300 },
    },
  ],
  [
    "past a flow that is missing, because its table takes no more",
    {
      doBreak: async () => loseFlow(hv2, await tunnelKey()),
      mend: async () => {
        await hv2.vsctl("clear", "Bridge", "br-tun", "flow_tables");
        await answers(a);
      },
      held: /^dropped on OVS\/host-1, br-tun table decapsulate: the switch doesn't hold a flow that should be there/,
      live: /^dropped on OVS\/host-1, br-tun table decapsulate: .*; OVS\/host-1, br-tun couldn't be watched: .*$/,
    },
  ],
  [
    "to a guest whose interface is down",
    {
      doBreak: async () => setLink(hv2, b, "down"),
      // Its kernel has taken the IPv6 address away with the link.
      mend: async () => {
        await setLink(hv2, b, "up");
        await b.run("ip", ["address", "replace", "2001:db8:7::12/64", "dev", "eth0", "nodad"]);
      },
      held: /^dropped behind OVS\/host-1, br-int: .* has no link/,
    },
  ],
  [
    "with more bytes than the underlay carries, and with as many as it does",
    {
      doBreak: async () => setUnderlayMtu(hv2, 1_400),
      mend: async () => setUnderlayMtu(hv2, 1_500),
      packet: () => ({ size: 1_400 }),
      held: /^dropped behind OVS\/host-0, br-tun: with what vxlan adds, its 1400 bytes are more .* that it is 1500\.$/,
      arrives: { size: 1_300 },
    },
  ],
  ...(["vxlan", "gre"] as const).map((type): [string, BrokenState] => [
    `to a peer that the underlay doesn't lead to, over ${type}`,
    {
      doBreak: async () => isolate(world.lab, "on"),
      mend: async () => isolate(world.lab, "off"),
      packet: () => ({ from: on(type) }),
      held: new RegExp(`^dropped behind OVS/host-0, br-tun: no probe passes the ${type} tunnel`),
    },
  ]),
  [
    "in IPv6, to a peer that the underlay doesn't lead to",
    {
      doBreak: async () => isolate(world.lab, "on"),
      mend: async () => isolate(world.lab, "off"),
      packet: () => ({ isIpv6: true }),
      held: /^dropped behind OVS\/host-0, br-tun: no probe passes the vxlan tunnel/,
    },
  ],
  [
    "through a tunnel port whose name somebody else has taken",
    {
      doBreak: async () => takeTunnelName(hv2),
      mend: async () => {
        await giveTunnelNameBack(hv2);
        await answers(on("geneve"));
      },
      packet: () => ({ from: on("geneve") }),
      held: /^dropped on OVS\/host-1, br-tun: it has no geneve tunnel port/,
    },
  ],
  [
    "to a hypervisor whose switch is stopped",
    {
      doBreak: async () => {
        await hv2.killVswitchd();
        await until("it is missed", async () => (await stateOf(1)) !== "ready", { timeoutMs: 30_000 });
      },
      mend: async () => {
        await hv2.startVswitchd();
        await world.controller.portActive(b.portId);
      },
      held: /^hypervisor OVS\/host-1 can't be seen: /,
    },
  ],
])("%s", async (_, { doBreak, mend, packet, held, live, arrives: alike }) => {
  const usual: TracedPacket = { from: a, to: 12 };
  await doBreak();
  // Whatever is found, the next test begins with everything mended.
  try {
    await agree(world, { ...usual, ...packet?.() }, { reached: false, held, ...(live && { live }) });
    if (alike !== undefined) await agree(world, { ...usual, ...alike }, { reached: true, held: arrives(12) });
  } finally {
    await mend();
  }
});

test("from a port that no hypervisor has an interface for, nothing is sent", async () => {
  await makePort();
  try {
    const packet: TracedPacket = { from: { ...a, portId: unplugged.id }, to: 12 };
    const verdict = expect.stringMatching(/^the packet is not sent: port \S+ is on no hypervisor/) as string;
    expect(await traced(world, packet, "held")).toMatchObject({ reached: false, verdict });
    const live = { from: unplugged.id, to: "192.168.7.12", protocol: "icmp", mode: "live" };
    await world.controller.expect(409, "POST", "/api/v1/trace", live);
  } finally {
    await deletePort();
  }
});

test("a server that is killed in the middle of a trace is not missed by guests, and what watched goes by itself", async () => {
  // Nobody answers: the trace is under way until somebody ends it.
  await setAnswering(b, false);
  const flowsOf = async (hypervisor: LabHypervisor): Promise<string[]> =>
    (await hypervisor.ofctl("--no-stats", "dump-flows", "br-int")).split("\n").sort();
  const before = await flowsOf(hv1);
  const tracing = traced(world, { from: a, to: 12 }, "live").catch(() => undefined);
  await until("the trace is under way", async () => !(await isUnwatched(hv1)), { timeoutMs: 10_000, pauseMs: 10 });
  await world.server.stop("SIGKILL");
  await tracing;
  expect(await isUnwatched(hv1)).toBe(false);
  await setAnswering(b, true);
  await answers(a);
  expect(await pings({ from: a, to: 13 })).toBe(true);
  await until("its time limit", async () => isUnwatched(hv1), { timeoutMs: 20_000 });
  expect(await flowsOf(hv1)).toEqual(before);
  await world.server.start();
  await until("all is ready again", async () => (await stateOf(0)) === "ready" && (await stateOf(1)) === "ready", {
    timeoutMs: 20_000,
  });
  expect(await flowModsSent()).toEqual([0, 0]);
});

test("when all is mended, as at the beginning, and nothing is left of what watched", async () => {
  for (const isIpv6 of [false, true])
    await agree(world, { from: a, to: 12, isIpv6 }, { reached: true, held: arrives(12) });
  expect((await traced(world, { from: b, to: 11 }, "held")).reached).toBe(true);
  for (const hypervisor of [hv1, hv2]) expect(await isUnwatched(hypervisor)).toBe(true);
});
