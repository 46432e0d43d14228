import type { Ip, Mac, OfPort, Uuid } from "@loomstack/core";
import { createPort, createSubnet, type Intent, loadIntent, type Trace, type TraceRequest } from "@loomstack/model";
import { parseFlow } from "@loomstack/openflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ControllerWorld, isMissing, network, until, withOpenVSwitch } from "../controller-under-test.ts";
import { HypervisorRegistry } from "../hypervisors.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import { readHeld } from "./explained-hypervisor.ts";
import type { HeldHypervisor } from "./held-hypervisor.ts";
import { ofprotoTables, portNames, tracedTables } from "./ofproto-trace-under-test.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import { traceOver, tracePacket } from "./packet-trace.ts";

const subnet = uuid(2);
const subnet6 = uuid(3);
/** On which hypervisor the guests are; 15 is on none. */
const guests = { 11: "a", 12: "b", 13: "a", 14: "a", 15: undefined } as const;
const to = (n: number): Ip => `10.0.0.${n}` as Ip;
const macOf = (n: number): Mac => `02:00:00:00:00:${n}` as Mac;
const ping = (destination: Ip | Mac, change: Partial<TraceRequest> = {}): TraceRequest => ({
  from: uuid(11),
  to: destination,
  protocol: { name: "icmp" },
  ...change,
});

describe.skipIf(isMissing)(`tracing packets, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let world: ControllerWorld;
  let a: OpenVSwitchUnderTest;
  let b: OpenVSwitchUnderTest;

  beforeAll(async () => {
    world = await ControllerWorld.start();
    a = world.host;
    b = await world.startHost("system-b", "192.0.2.2");
    // ovs-ctl writes it where there is one; what Open vSwitch can answer depends on it.
    for (const host of [a, b]) await host.vsctl("--no-wait", "set", "Open_vSwitch", ".", "ovs_version=3.1.0");
    await world.connect("a", a);
    await world.connect("b", b);
    await makeSubnets(world);
    for (const [n, host] of Object.entries(guests)) {
      await makeGuest(world, Number(n));
      if (host !== undefined) await world.plug(host === "a" ? a : b, `tap${n}`, uuid(Number(n)));
    }
    await settled(world);
  }, 30_000);
  afterAll(async () => world[Symbol.asyncDispose]());

  /** Whether ofproto/trace sees the same tables and outputs, where the packet comes in on each hypervisor. */
  const compare = async (trace: Trace): Promise<void> => {
    for (const [key, host] of [
      ["system-a", a],
      ["system-b", b],
    ] as const)
      expect(tracedTables(trace, key)).toEqual(await ofprotoTables(host, trace, key));
  };

  test.each<[string, TraceRequest, boolean, RegExp]>([
    ["to a guest on the same hypervisor", ping(to(13)), true, /output to port \S+13 on system-a, br-int \(tap13\)$/],
    ["to a guest on another one", ping(to(12)), true, /output to port \S+12 on system-b, br-int \(tap12\)$/],
    ["in TCP", ping(to(12), { protocol: { name: "tcp", destinationPort: 80 } }), true, /tap12/],
    ["in UDP", ping(to(12), { protocol: { name: "udp", destinationPort: 53 } }), true, /tap12/],
    ["in IPv6", ping("2001:db8::12" as Ip), true, /tap12/],
    ["to a MAC address", ping(macOf(12)), true, /tap12/],
    ["to everybody", ping("255.255.255.255" as Ip), true, /tap13\) and output to port \S+12 on system-b/],
    ["who has it, in ARP", ping(to(12), { protocol: { name: "arp" } }), true, /answered to port \S+11 /],
    ["who has it, in IPv6", ping("2001:db8::12" as Ip, { protocol: { name: "arp" } }), true, /answered to port \S+11 /],
    [
      "to the DHCPv6 servers, which the network itself is",
      ping("ff02::1:2" as Ip, { protocol: { name: "udp", destinationPort: 547 } }),
      false,
      /^answered by the controller, which system-a, br-int shows it to \(dhcpv6\): the network gives IPv6 addresses/,
    ],
    ["to nobody's IP address", ping(to(99)), false, /^nobody is known to have the address; .*tap13.* and .*tap12/],
    [
      "to nobody's MAC address",
      ping(macOf(77)),
      false,
      /^dropped on system-a, br-int table forward: no port of network \S+ has the MAC address 02:00:00:00:00:77$/,
    ],
    [
      "from another MAC address",
      ping(to(13), { sourceMac: macOf(66) }),
      false,
      /^dropped on system-a, br-int table portSecurity: no flow lets port \S+11 send from 02:00:00:00:00:66 with 10.0.0.11$/,
    ],
    [
      "from another IP address",
      ping(to(13), { sourceIp: to(9) }),
      false,
      /^dropped on system-a, br-int table portSecurity: no flow lets port \S+11 send from 02:00:00:00:00:11 with 10.0.0.9$/,
    ],
    [
      "in ARP as another",
      ping(to(13), { sourceIp: to(9), protocol: { name: "arp" } }),
      false,
      /portSecurity: .* in ARP as 02:00:00:00:00:11 with 10.0.0.9$/,
    ],
    [
      "from a port that is down",
      ping(to(13), { from: uuid(14) }),
      false,
      /^dropped on system-a, br-int table classify: port \S+14 is administratively down$/,
    ],
    [
      "to a port that is down",
      ping(to(14)),
      false,
      /table forward: 02:00:00:00:00:14 is port \S+14's, and port \S+14 is administratively down$/,
    ],
    [
      "to a port that is nowhere",
      ping(to(15)),
      false,
      /port \S+15 is on no hypervisor: none has an interface with this id$/,
    ],
    ["out of the network", ping("192.0.2.99" as Ip), false, /^nobody is known to have the address; /],
  ])("a packet %s goes where ofproto/trace says", async (_, request, reached, verdict) => {
    const trace = await traceNow(world, request);
    expect(trace).toMatchObject({ reached, verdict: expect.stringMatching(verdict) as string });
    await compare(trace);
  });

  test("an interface that is down, or takes no packets of that size, is named on either side", async () => {
    await a.appctl("netdev-dummy/set-admin-state", "tap13", "down");
    await until(() =>
      registryOf(world)
        .get("system-a")
        ?.observed?.bridges.get("br-int")
        ?.ports.get("tap13")
        ?.interfaces.some(({ row }) => row.admin_state === "down"),
    );
    const verdictOf = async (request: TraceRequest): Promise<string> => (await traceNow(world, request)).verdict;
    expect(await verdictOf(ping(to(13)))).toMatch(
      /^dropped behind system-a, br-int: it is output to port \S+13 on system-a, br-int \(tap13\), but tap13 is down/,
    );
    expect(await verdictOf(ping(to(11), { from: uuid(13) }))).toMatch(
      /^the packet is not sent: on system-a, tap13 is down on the hypervisor$/,
    );
    await a.appctl("netdev-dummy/set-admin-state", "tap13", "up");
    expect(await verdictOf(ping(to(12), { size: 1_501 }))).toMatch(
      /^the packet is not sent: on system-a, tap11 takes packets of at most 1500 bytes, and it has 1501$/,
    );
    await b.vsctl("set", "Interface", "tap12", "mtu_request=1400");
    await until(async () => /tap12 takes packets of at most 1400/.test(await verdictOf(ping(to(12), { size: 1_401 }))));
    expect(await traceNow(world, ping(to(12), { size: 1_400 }))).toMatchObject({ reached: true, bytes: 1_400 });
    await b.vsctl("set", "Interface", "tap12", "mtu_request=1500");
    await until(async () => (await traceNow(world, ping(to(12), { size: 1_500 }))).reached);
  });

  test("what the underlay doesn't carry ends behind the tunnel port, and a path that can't be measured ends nothing", async () => {
    const [intent, hypervisors] = [await loadIntent(world.store), registryOf(world)];
    const over = async (capacity: PathCapacity): Promise<Trace> => {
      const paths = { measure: () => Promise.resolve(capacity) };
      return (await tracePacket({ intent, hypervisors, paths, underlayMtu: 1_500 }, ping(to(12), { size: 1_450 })))
        .trace;
    };
    expect(await over("too-large")).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(
        /^dropped behind system-a, br-tun: with what vxlan adds, its 1450 bytes are more than the underlay carries from system-a \(192.0.2.1\) to system-b \(192.0.2.2\): .*The configuration says that it is 1500\.$/,
      ) as string,
    });
    expect((await over("silent")).verdict).toMatch(
      /^dropped behind system-a, br-tun: no probe passes the vxlan tunnel/,
    );
    for (const capacity of ["carried", "unknown"] as const) expect((await over(capacity)).reached).toBe(true);
  });

  test("what isn't plain about the packet is said", async () => {
    const out = await traceNow(world, ping("192.0.2.99" as Ip));
    const large = await traceNow(world, ping(to(12), { size: 1_451 }));
    expect(large.remark).toBe("the network's MTU is 1450: guests that heed it don't send 1451 bytes at once");
    expect(out.remark).toMatch(
      /^192.0.2.99 is not on its network, and goes to the gateway 10.0.0.1; no port .* 10.0.0.1,/,
    );
  });

  test("each step says whose flow it was, and why", async () => {
    const { steps } = await traceNow(world, ping(to(12)));
    expect(steps.map(({ hypervisor, bridge }) => `${hypervisor} ${bridge}`)).toContain("system-b br-tun");
    for (const { owner, why, feature } of steps) expect([owner, why, feature]).not.toContain(null);
    expect(steps[0]).toMatchObject({ table: "classify", owner: `port ${uuid(11)}`, feature: "classify" });
  });

  test("a packet that can't be is refused, and one from a port that is nowhere isn't sent", async () => {
    await expect(traceNow(world, ping(macOf(12), { protocol: { name: "arp" } }))).rejects.toThrow(/not a MAC/);
    await expect(traceNow(world, ping(to(12), { sourceIp: "2001:db8::1" as Ip }))).rejects.toThrow(/versions of IP/);
    await expect(traceNow(world, ping(to(12), { from: uuid(404) }))).rejects.toThrow(/port/);
    await expect(traceNow(world, ping(to(12), { size: 27 }))).rejects.toThrow(/from 28 to 65535 bytes, and not 27/);
    await expect(traceNow(world, ping(to(99), { size: 1_400 }))).rejects.toThrow(/a question .* has 28 bytes/);
    expect(await traceNow(world, ping(to(12), { from: uuid(15) }))).toMatchObject({
      reached: false,
      steps: [],
      verdict: expect.stringMatching(/^the packet is not sent: port \S+15 is on no hypervisor/) as string,
    });
  });

  test("a switch that is stopped can't be seen, and the packet's way ends before it", async () => {
    await b.killSwitch();
    await until(() => world.status("system-b")?.state === "preparing");
    const trace = await traceNow(world, ping(to(12)));
    expect(trace).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(/^hypervisor system-b can't be seen: .*br-/) as string,
    });
    expect(trace.steps.at(-1)).toMatchObject({ hypervisor: "system-a", bridge: "br-tun", table: "encapsulate" });
    const toAll = await traceNow(world, ping("ff:ff:ff:ff:ff:ff" as Mac));
    expect(toAll).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(
        /^hypervisor system-b can't be seen: .*; the packet is output to .*tap13/,
      ) as string,
    });
    b.startSwitch();
    await settled(world);
  });

  describe("what is broken while no controller repairs it", () => {
    let intent: Intent;
    const held = new Map<string, HeldHypervisor | string>();

    beforeAll(async () => {
      const registry = registryOf(world);
      for (const key of registry.keys) held.set(key, await readHeld(registry.get(key) ?? expect.fail(key)));
      intent = await loadIntent(world.store);
      await world.controller[Symbol.asyncDispose]();
    });

    const look = async (): Promise<void> => {
      const [ofA, ofB] = await Promise.all([heldNow(held.get("system-a"), a), heldNow(held.get("system-b"), b)]);
      held.set("system-a", ofA).set("system-b", ofB);
    };
    /** Traces over what the switches hold now, and compares with ofproto/trace. */
    const trace = async (request = ping(to(12))): Promise<Trace> => {
      await look();
      const result = traceOver({ intent, hypervisors: held, paths: carriesAll }, request);
      expect(result.walk?.unseen).toEqual(new Set());
      await compare(result.trace);
      return result.trace;
    };
    /** The flow as ovs-ofctl has it, and without its cookie and actions. */
    const flowOf = async (host: OpenVSwitchUnderTest, bridge: BridgeName, pattern: RegExp) => {
      const text = (await host.flows(bridge)).find((line) => pattern.test(line)) ?? expect.fail(String(pattern));
      return { text, key: text.replace(/cookie=\w+, /, "").replace(/ actions=.*/, "") };
    };

    test.each<[string, "a" | "b", BridgeName, RegExp, string]>([
      [
        "where it is encapsulated",
        "a",
        "br-tun",
        /table=10.*dl_dst=02:00:00:00:00:12/,
        "system-a, br-tun table encapsulate",
      ],
      ["where the tunnel ends", "b", "br-tun", /tun_src=192.0.2.1/, "system-b, br-tun table classify"],
      ["where it is delivered", "b", "br-int", /table=30.*dl_dst=02:00:00:00:00:12/, "system-b, br-int table forward"],
      ["of a table's misses", "a", "br-int", /table=20, priority=0 /, "system-a, br-int table arpResponder"],
    ])("a flow that is missing %s is named", async (_, hypervisor, bridge, pattern, where) => {
      const host = hypervisor === "a" ? a : b;
      const { text, key } = await flowOf(host, bridge, pattern);
      await host.ofctl("del-flows", bridge, "--strict", key);
      expect(await trace()).toMatchObject({
        reached: false,
        verdict: expect.stringContaining(
          `dropped on ${where}: the switch doesn't hold a flow that should be there: `,
        ) as string,
      });
      await host.ofctl("add-flow", bridge, text);
    });

    test.each<[string, string, RegExp]>([
      [
        "drops it",
        "drop",
        /^dropped on system-a, br-int table forward: the packet is taken by a flow that isn't ours: .*cookie=0x1.*; ours for it is .*dl_dst=02:00:00:00:00:12/,
      ],
      [
        "sends it to another guest",
        "output:3",
        /^the packet is output to port \S+13 .*, and not to port \S+12; on its way, .*isn't ours/,
      ],
      [
        "goes on as ours would not",
        "push_vlan:0x8100,set_field:5000->vlan_vid,output:1",
        /^dropped on system-a, br-tun table encapsulate: .*local VLAN 904; on its way, system-a, br-int table forward: .*isn't ours/,
      ],
      [
        "outputs to nowhere",
        "output:99",
        /^dropped on system-a, br-int: it is output to port 99, which isn't there; on its way/,
      ],
    ])("a foreign flow that %s is blamed", async (_, actions, verdict) => {
      const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
      await a.ofctl("add-flow", "br-int", `cookie=0x1,${key},actions=${actions}`);
      expect(await trace()).toMatchObject({ reached: false, verdict: expect.stringMatching(verdict) as string });
      await a.ofctl("del-flows", "br-int", "--strict", key);
    });

    test("a flow of ours that should be gone is told from somebody else's", async () => {
      const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
      await a.ofctl("add-flow", "br-int", `cookie=0x4c53000000000001,${key},actions=drop`);
      expect((await trace()).verdict).toMatch(
        /: the packet is taken by a flow of ours that should be gone: .*; in its place/,
      );
      await a.ofctl("del-flows", "br-int", "--strict", key);
    });

    test("registers don't pass a patch", async () => {
      const key = "table=10,priority=200,reg0=1";
      await a.ofctl("add-flow", "br-tun", `cookie=0x1,${key},actions=drop`);
      expect((await trace()).reached).toBe(true);
      await a.ofctl("del-flows", "br-tun", "--strict", key);
    });

    test("a foreign flow whose actions aren't understood is named, and nothing is guessed", async () => {
      const key = "table=30,priority=200,dl_dst=02:00:00:00:00:12";
      await a.ofctl("add-flow", "br-int", `cookie=0x1,${key},actions=NORMAL`);
      await look();
      const unclear = traceOver({ intent, hypervisors: held, paths: carriesAll }, ping(to(12))).trace;
      expect(unclear.verdict).toMatch(
        /^unclear in system-a, br-int table forward: this flow's action NORMAL isn't understood/,
      );
      await a.ofctl("del-flows", "br-int", "--strict", key);
    });

    test("a flow of ours that was changed is named with what it should be", async () => {
      const { text, key } = await flowOf(b, "br-int", /table=30.*dl_dst=02:00:00:00:00:12/);
      await b.ofctl("mod-flows", "br-int", "--strict", `${key},actions=drop`);
      expect((await trace()).verdict).toMatch(
        /^dropped on system-b, br-int table forward: a flow of ours is not as it should be: it is .*actions=drop, and should be .*actions=output:tap12/,
      );
      await b.ofctl("add-flow", "br-int", text);
    });

    test("a tunnel port that is missing is named, on either side", async () => {
      await b.vsctl("del-port", "loom-vxlan");
      const there = await trace();
      expect(there.verdict).toBe("dropped on system-b, br-tun: it has no vxlan tunnel port to receive it by");
      await a.vsctl("del-port", "loom-vxlan");
      expect((await trace()).verdict).toMatch(
        /^dropped on system-a, br-tun: it is output to port \d+, which isn't there$/,
      );
    });
  });
});

/** Between dummies no probe passes. */
const capacity: PathCapacity = "carried";
const carriesAll = { get: () => capacity, measure: () => Promise.resolve(capacity) };

function registryOf({ controller: { hypervisors } }: ControllerWorld): HypervisorRegistry {
  if (!(hypervisors instanceof HypervisorRegistry)) throw new TypeError("the hypervisors are none of ours");
  return hypervisors;
}

async function traceNow(world: ControllerWorld, request: TraceRequest): Promise<Trace> {
  const [intent, hypervisors] = [await loadIntent(world.store), registryOf(world)];
  return (await tracePacket({ intent, hypervisors, paths: carriesAll }, request)).trace;
}

async function makeSubnets(world: ControllerWorld): Promise<void> {
  const common = { networkId: network, name: "", tenantId: "", enableDhcp: false };
  await world.store.transact(async (tx) => {
    await createSubnet(tx, { ...common, id: subnet, cidr: "10.0.0.0/24", gatewayIp: to(1) });
    const dhcpv6 = { enableDhcp: true, ipv6AddressMode: "dhcpv6-stateful" } as const;
    await createSubnet(tx, { ...common, ...dhcpv6, id: subnet6, cidr: "2001:db8::/64", gatewayIp: null });
  });
}

async function makeGuest(world: ControllerWorld, n: number): Promise<void> {
  const id: Uuid = uuid(n);
  const fixedIps = [
    { subnetId: subnet, ipAddress: to(n) },
    { subnetId: subnet6, ipAddress: `2001:db8::${n}` as Ip },
  ];
  const names = { name: "", tenantId: "", deviceId: "", deviceOwner: "" };
  await world.store.transact((tx) =>
    createPort(tx, { id, networkId: network, macAddress: macOf(n), fixedIps, adminStateUp: n !== 14, ...names }),
  );
}

/** All flows are in place; without probes, which dummies don't pass on, no port becomes ACTIVE. */
async function settled(world: ControllerWorld): Promise<void> {
  await until(() => [11, 12, 13].every((n) => /no probe/.test(world.controller.realised.port(uuid(n)).reason)));
  await world.controller.realised.reached(world.store.revision(), AbortSignal.timeout(10_000));
}

/** The same hypervisor with the flows and the ports that its switch has now. */
async function heldNow(
  before: HeldHypervisor | string | undefined,
  host: OpenVSwitchUnderTest,
): Promise<HeldHypervisor> {
  if (typeof before !== "object") throw new TypeError("the hypervisor could not be seen");
  const bridges = new Map(before.bridges);
  for (const bridge of bridgeNames) {
    const [names, lines] = await Promise.all([portNames(host, bridge), host.flows(bridge)]);
    const ports = [...(before.bridges.get(bridge)?.ports ?? [])].filter(([port]) => names.has(String(port)));
    const flows = lines.map((line) => parseFlow(line));
    bridges.set(bridge, { flows, ports: new Map<OfPort, (typeof ports)[number][1]>(ports) });
  }
  return { ...before, bridges };
}
