import type { Ip, Mac } from "@loomstack/core";
import type { Trace, TraceRequest } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing, until, withOpenVSwitch } from "../controller-under-test.ts";
import { uuid } from "../intent/intent-under-test.ts";
import type { OpenVSwitchUnderTest } from "../open-vswitch-under-test.ts";
import type { PathCapacity } from "../paths/path-measure.ts";
import { macOf, ping, to, TracedHypervisors } from "./traced-hypervisors-under-test.ts";

describe.skipIf(isMissing)(`tracing packets, ${withOpenVSwitch}`, { timeout: 30_000 }, () => {
  let hypervisors: TracedHypervisors;
  let a: OpenVSwitchUnderTest;
  let b: OpenVSwitchUnderTest;

  beforeAll(async () => {
    hypervisors = await TracedHypervisors.start();
    ({ a, b } = hypervisors);
  }, 30_000);
  afterAll(async () => hypervisors[Symbol.asyncDispose]());

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
    const trace = await hypervisors.trace(request);
    expect(trace).toMatchObject({ reached, verdict: expect.stringMatching(verdict) as string });
    await hypervisors.compare(trace);
  });

  test("an interface that is down, or takes no packets of that size, is named on either side", async () => {
    await a.appctl("netdev-dummy/set-admin-state", "tap13", "down");
    await until(() =>
      hypervisors.registry
        .get("system-a")
        ?.observed?.bridges.get("br-int")
        ?.ports.get("tap13")
        ?.interfaces.some(({ row }) => row.admin_state === "down"),
    );
    const verdictOf = async (request: TraceRequest): Promise<string> => (await hypervisors.trace(request)).verdict;
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
    expect(await hypervisors.trace(ping(to(12), { size: 1_400 }))).toMatchObject({ reached: true, bytes: 1_400 });
    await b.vsctl("set", "Interface", "tap12", "mtu_request=1500");
    await until(async () => (await hypervisors.trace(ping(to(12), { size: 1_500 }))).reached);
  });

  test("what the underlay doesn't carry ends behind the tunnel port, and a path that can't be measured ends nothing", async () => {
    const over = async (capacity: PathCapacity): Promise<Trace> =>
      hypervisors.trace(ping(to(12), { size: 1_450 }), () => Promise.resolve(capacity), 1_500);
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
    const out = await hypervisors.trace(ping("192.0.2.99" as Ip));
    const large = await hypervisors.trace(ping(to(12), { size: 1_451 }));
    expect(large.remark).toBe("the network's MTU is 1450: guests that heed it don't send 1451 bytes at once");
    expect(out.remark).toMatch(
      /^192.0.2.99 is not on its network, and goes to the gateway 10.0.0.1; no port .* 10.0.0.1,/,
    );
  });

  test("each step says whose flow it was, and why", async () => {
    const { steps } = await hypervisors.trace(ping(to(12)));
    expect(steps.map(({ hypervisor, bridge }) => `${hypervisor} ${bridge}`)).toContain("system-b br-tun");
    for (const { owner, why, feature } of steps) expect([owner, why, feature]).not.toContain(null);
    expect(steps[0]).toMatchObject({ table: "classify", owner: `port ${uuid(11)}`, feature: "classify" });
  });

  test("a packet that can't be is refused, and one from a port that is nowhere isn't sent", async () => {
    await expect(hypervisors.trace(ping(macOf(12), { protocol: { name: "arp" } }))).rejects.toThrow(/not a MAC/);
    for (const other of [macOf(12), to(12), "2001:db8::12" as Ip])
      await expect(hypervisors.trace(ping(other, { protocol: { name: "rs" } }))).rejects.toThrow(/asks ff02::2/);
    await expect(hypervisors.trace(ping(to(12), { sourceIp: "2001:db8::1" as Ip }))).rejects.toThrow(/versions of IP/);
    await expect(hypervisors.trace(ping(to(12), { from: uuid(404) }))).rejects.toThrow(/port/);
    await expect(hypervisors.trace(ping(to(12), { size: 27 }))).rejects.toThrow(/from 28 to 65535 bytes, and not 27/);
    await expect(hypervisors.trace(ping(to(99), { size: 1_400 }))).rejects.toThrow(/a question .* has 28 bytes/);
    expect(await hypervisors.trace(ping(to(12), { from: uuid(15) }))).toMatchObject({
      reached: false,
      steps: [],
      verdict: expect.stringMatching(/^the packet is not sent: port \S+15 is on no hypervisor/) as string,
    });
  });

  test("a switch that is stopped can't be seen, and the packet's way ends before it", async () => {
    await b.killSwitch();
    await until(() => hypervisors.world.status("system-b")?.state === "preparing");
    const trace = await hypervisors.trace(ping(to(12)));
    expect(trace).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(/^hypervisor system-b can't be seen: .*br-/) as string,
    });
    expect(trace.steps.at(-1)).toMatchObject({ hypervisor: "system-a", bridge: "br-tun", table: "encapsulate" });
    const toAll = await hypervisors.trace(ping("ff:ff:ff:ff:ff:ff" as Mac));
    expect(toAll).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(
        /^hypervisor system-b can't be seen: .*; the packet is output to .*tap13/,
      ) as string,
    });
    b.startSwitch();
    await hypervisors.settled();
  });

  const all = "255.255.255.255" as Ip;
  const [server, router, routers] = ["169.254.169.253", "fe80::4c:53ff:fe00:6", "ff02::2"] as Ip[] as [Ip, Ip, Ip];
  const udp = (destinationPort: number) => ({ protocol: { name: "udp", destinationPort } }) as const;
  const arp = { protocol: { name: "arp" } } as const;

  test.each<[string, TraceRequest, RegExp, RegExp | null]>([
    [
      "for its address, in DHCP",
      ping(all, udp(67)),
      /\(dhcp\): it offers 10\.0\.0\.11\/24 for 86400 s, with gateway 10\.0\.0\.1, .* MTU 1450$/,
      null,
    ],
    [
      "for its address anew, in DHCP",
      ping(all, { ...udp(67), sourceIp: to(11) }),
      /\(dhcp\): it gives 10\.0\.0\.11\/24/,
      null,
    ],
    [
      "for its lease, of the DHCP server",
      ping(server, udp(67)),
      /\(dhcp\): it gives 10\.0\.0\.11\/24/,
      /as DHCP server and resolver$/,
    ],
    [
      "for a name",
      ping(server, udp(53)),
      /\(dns\): it says that 11\.0\.0\.10\.in-addr\.arpa is host-10-0-0-11\.loomstack\.internal$/,
      /as DHCP server and resolver$/,
    ],
    [
      "for a name over IPv6",
      ping(router, udp(53)),
      /\(dns\): it says that 1\.1\.0\..*\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa is host-10-0-0-11\./,
      /as router, resolver/,
    ],
    ["for its address, in DHCPv6", ping("ff02::1:2" as Ip, udp(547)), /\(dhcpv6\): it offers 2001:db8::11$/, null],
    [
      "for a router",
      ping(routers, { protocol: { name: "rs" } }),
      /\(router-advertisement\): it advertises 2001:db8::\/64, .* with MTU 1450$/,
      null,
    ],
  ])("what a guest asks %s is answered by the controller", async (_, request, verdict, remark) => {
    const trace = await hypervisors.trace(request);
    expect(trace.verdict).toMatch(/^the packet is answered by the controller, which system-a, br-int shows it to /);
    expect(trace).toMatchObject({
      reached: true,
      verdict: expect.stringMatching(verdict) as string,
      remark: remark === null ? null : (expect.stringMatching(remark) as string),
    });
    await hypervisors.compare(trace);
  });

  test("what the controller doesn't answer, though it is shown it, is told so", async () => {
    const relayed = ping("ff02::1:2" as Ip, { ...udp(547), sourceIp: "2001:db8::11" as Ip });
    expect(await hypervisors.trace(relayed)).toMatchObject({
      reached: false,
      verdict:
        "not answered by the controller, which system-a, br-int shows it to (dhcpv6): it is no question that it knows",
    });
  });

  test.each<[string, TraceRequest]>([
    ["IPv4", ping(server, arp)],
    ["IPv6", ping(router, arp)],
  ])("who has the network's own address is answered by the switch in %s", async (_, request) => {
    const trace = await hypervisors.trace(request);
    expect(trace).toMatchObject({
      reached: true,
      verdict: expect.stringMatching(/^the packet is answered to port/) as string,
    });
    await hypervisors.compare(trace);
  });

  test.each([server, router])("a ping to %s, which is the network itself, is dropped as such", async (address) => {
    const trace = await hypervisors.trace(ping(address));
    expect(trace).toMatchObject({
      reached: false,
      verdict: expect.stringMatching(
        /table forward: 02:4c:53:00:00:06 is the network itself, which answers no/,
      ) as string,
    });
    await hypervisors.compare(trace);
  });
});
