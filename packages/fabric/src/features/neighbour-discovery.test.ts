import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Ipv4, type Ipv6, type Mac, macToBytes, solicitedNodeOf } from "@loomstack/core";
import { formatFlow, formatMatch, Port } from "@loomstack/openflow";
import { FakeSwitch, missingOpenVSwitch, type OpenVSwitch, type Packet, startOpenVSwitch } from "@loomstack/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeIcmpv6Frame } from "../packets/icmpv6.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";
import { arp, dualStack, FakeOverlay, guest, type Guest, ip } from "./overlay-under-test.ts";

const a1 = dualStack(guest(1, 1, 0));
const a2 = dualStack(guest(1, 2, 1));
const a3 = dualStack(guest(1, 3, 0));
const b1 = dualStack(guest(2, 1, 0));
const b2 = dualStack(guest(2, 2, 1));
/** Its addresses are not known. */
const a4 = guest(1, 4, 0, false);
const guests = [a1, a2, a3, b1, b2, a4];
const overlay = new FakeOverlay(guests);

const linkLocal = (one: Guest): Ipv6 => `fe80::ff:fe00:${one.mac.slice(-1)}` as Ipv6;
const unspecified = "::" as Ipv6;
const allNodes = { ethDst: "33:33:00:00:00:01" as Mac, ipv6Dst: "ff02::1" as Ipv6 };
const fromGuest = (from: Guest): Packet => ({ ethSrc: from.mac, ethType: etherType.ipv6, ipv6Src: from.address6 });
const icmp = (from: Guest, type: number): Packet => ({
  ...fromGuest(from),
  ...allNodes,
  ipProto: ipProto.icmpv6,
  icmpv6Type: type,
});
const tcp = (from: Guest, to: Guest): Packet => ({
  ...fromGuest(from),
  ethDst: to.mac,
  ipv6Dst: to.address6,
  ipProto: 6,
});
const solicitation = (from: Guest, ndTarget: Ipv6): Packet => ({
  ...icmp(from, icmpv6Type.neighbourSolicitation),
  ethDst: `33:33:ff:00:00:0${ndTarget.slice(-1)}` as Mac,
  ipv6Dst: solicitedNodeOf(ndTarget),
  ndTarget,
  ndSll: from.mac,
});
const advertisement = (from: Guest, ndTarget: Ipv6, ndTll: Mac = from.mac): Packet => ({
  ...icmp(from, icmpv6Type.neighbourAdvertisement),
  ndTarget,
  ndTll,
});
const noOption = "00:00:00:00:00:00" as Mac;
const probing = (from: Guest): Packet => ({
  ...solicitation(from, from.address6),
  ipv6Src: unspecified,
  ndSll: noOption,
});

test("an IPv6 packet reaches the guest that has the address, on this hypervisor and on another, as it was sent", () => {
  expect(overlay.send(a1, tcp(a1, a3)).reached).toEqual([a3.id]);
  expect(overlay.send(a1, tcp(a1, a2))).toEqual({ reached: [a2.id], seen: tcp(a1, a2) });
  const local = { ...tcp(a1, a2), ipv6Src: linkLocal(a1), ipv6Dst: linkLocal(a2) };
  expect(overlay.send(a1, local).reached).toEqual([a2.id]);
});

test("who solicits an address of the network gets its advertisement on the spot, and nobody else hears the question", () => {
  const { reached, seen } = overlay.send(a1, solicitation(a1, a2.address6));
  expect(reached).toEqual([a1.id]);
  expect(seen).toEqual({
    ethSrc: a2.mac,
    ethDst: a1.mac,
    ethType: etherType.ipv6,
    ipProto: ipProto.icmpv6,
    ipv6Src: a2.address6,
    ipv6Dst: a1.address6,
    icmpv6Type: icmpv6Type.neighbourAdvertisement,
    ndTarget: a2.address6,
    ndReserved: 0x6000_0000,
    ndOptionsType: 2,
    ndTll: a2.mac,
  });
  const inOther = overlay.send(b1, solicitation(b1, b2.address6));
  expect(inOther).toMatchObject({ reached: [b1.id], seen: { ndTll: b2.mac } });
});

test("duplicate address detection is answered by nobody but the others of the network, who all hear it", () => {
  expect(overlay.send(a1, probing(a1)).reached).toEqual([a2.id, a3.id, a4.id]);
  const forAnother = { ...probing(a1), ndTarget: a2.address6 };
  expect(overlay.send(a1, forAnother).reached).toEqual([a2.id, a3.id, a4.id]);
});

test("a solicitation without an option, for a link-local address or for one that nobody has goes to the others", () => {
  const others = [a2.id, a3.id, a4.id];
  expect(overlay.send(a1, { ...solicitation(a1, a2.address6), ndSll: noOption }).reached).toEqual(others);
  expect(overlay.send(a1, solicitation(a1, linkLocal(a2))).reached).toEqual(others);
  expect(overlay.send(a1, solicitation(a1, "2001:db8::9" as Ipv6)).reached).toEqual(others);
});

test("where switches can't answer, a solicitation goes to the one port that has the address", () => {
  const older = new FakeOverlay(guests, false);
  for (const to of [a2, a3]) expect(older.send(a1, solicitation(a1, to.address6)).reached).toEqual([to.id]);
  expect(older.send(a1, solicitation(a1, a2.address6)).seen).toMatchObject({ icmpv6Type: 135, ndSll: a1.mac });
  expect(older.send(a1, probing(a1)).reached).toEqual([a2.id, a3.id, a4.id]);
});

/** What a guest with known addresses may say, and who hears it. */
const allowed: readonly (readonly [string, Packet])[] = [
  ["an advertisement of its own address", advertisement(a1, a1.address6)],
  ["an advertisement of its link-local address", { ...advertisement(a1, linkLocal(a1)), ipv6Src: linkLocal(a1) }],
  ["an advertisement without an option", advertisement(a1, a1.address6, noOption)],
  ["a report of the groups that it is in", { ...icmp(a1, icmpv6Type.listenerReportV2), ipv6Src: linkLocal(a1) }],
  ["such a report before it has an address", { ...icmp(a1, icmpv6Type.listenerReportV2), ipv6Src: unspecified }],
  ["a router solicitation", { ...icmp(a1, icmpv6Type.routerSolicitation), ipv6Src: unspecified }],
  ["a DHCPv6 request", { ...fromGuest(a1), ...allNodes, ipProto: ipProto.udp, udpSrc: 546, udpDst: 547 }],
  ["an echo request", icmp(a1, 128)],
];

test.each(allowed)("a guest may send %s", (_, packet) => {
  expect(overlay.send(a1, packet).reached).toEqual([a2.id, a3.id, a4.id]);
});

const forged: readonly (readonly [string, Packet])[] = [
  ["from another's IPv6 address", { ...icmp(a1, 128), ipv6Src: a2.address6 }],
  ["from another's link-local address", { ...icmp(a1, 128), ipv6Src: linkLocal(a2) }],
  ["from another's MAC address", { ...icmp(a1, 128), ethSrc: a2.mac }],
  ["from no address", { ...icmp(a1, 128), ipv6Src: unspecified }],
  ["an advertisement of another's address", advertisement(a1, a2.address6)],
  ["an advertisement of another's MAC address", advertisement(a1, a1.address6, a2.mac)],
  ["an advertisement of another's address without an option", advertisement(a1, a2.address6, noOption)],
  ["a solicitation in the name of another's MAC address", { ...solicitation(a1, a3.address6), ndSll: a2.mac }],
  ["a router advertisement", icmp(a1, icmpv6Type.routerAdvertisement)],
  ["a router advertisement, link-local", { ...icmp(a1, icmpv6Type.routerAdvertisement), ipv6Src: linkLocal(a1) }],
  ["an answer of a DHCPv6 server", { ...fromGuest(a1), ...allNodes, ipProto: ipProto.udp, udpSrc: 547 }],
  [
    "an answer of a DHCP server",
    { ethSrc: a1.mac, ethDst: a2.mac, ethType: 0x0800, ipv4Src: a1.address, ipProto: 17, udpSrc: 67 },
  ],
];

test.each(forged)("what a guest sends %s reaches nobody", (_, packet) => {
  expect(overlay.send(a1, packet).reached).toEqual([]);
});

const anywhere = "2001:db8::77" as Ipv6;
const ownLinkLocal = { ipv6Src: linkLocal(a4) };

/** What a guest may say whose addresses nobody told us: a4. */
const allowedUntold: readonly (readonly [string, Packet])[] = [
  ["traffic from an address that nobody has", { ...icmp(a4, 128), ipv6Src: anywhere }],
  ["traffic from its link-local address", { ...icmp(a4, 128), ...ownLinkLocal }],
  ["an advertisement of an address that nobody has", advertisement(a4, anywhere)],
  ["such an advertisement without an option", advertisement(a4, anywhere, noOption)],
  ["an advertisement of its link-local address", { ...advertisement(a4, linkLocal(a4)), ...ownLinkLocal }],
  ["an advertisement of a link-local address that it made up", advertisement(a4, "fe80::77" as Ipv6)],
  ["a question whether another's address is free", { ...probing(a4), ndTarget: a1.address6 }],
  ["a question who has an address that nobody has", solicitation(a4, anywhere)],
];
const forgedUntold: readonly (readonly [string, Packet])[] = [
  ["an advertisement of another's MAC address", advertisement(a4, anywhere, a1.mac)],
  ["an advertisement from another's MAC address", { ...advertisement(a4, anywhere), ethSrc: a1.mac }],
  ["an advertisement of another's address", advertisement(a4, a1.address6)],
  ["an advertisement of another's address without an option", advertisement(a4, a2.address6, noOption)],
  ["an advertisement of another's link-local address", { ...advertisement(a4, linkLocal(a2)), ...ownLinkLocal }],
  ["a solicitation in the name of another's MAC address", { ...solicitation(a4, a1.address6), ndSll: a2.mac }],
  ["a solicitation in the name of another's address", { ...solicitation(a4, anywhere), ipv6Src: a1.address6 }],
  [
    "a router solicitation from another's address",
    { ...icmp(a4, icmpv6Type.routerSolicitation), ipv6Src: a2.address6 },
  ],
  ["traffic from another's address", { ...icmp(a4, 128), ipv6Src: a2.address6 }],
  ["traffic from another's link-local address", { ...icmp(a4, 128), ipv6Src: linkLocal(a1) }],
  ["a router advertisement", icmp(a4, icmpv6Type.routerAdvertisement)],
  ["a DHCPv6 server's answer", { ...fromGuest(a4), ...allNodes, ipProto: ipProto.udp, udpSrc: 547 }],
  ["ARP about another's IPv4 address", { ...arp(a4, "10.0.0.77" as Ipv4), arpSpa: a2.address }],
  ["IPv4 traffic from another's address", { ...ip(a4, a1), ipv4Src: a2.address }],
];

test.each(allowedUntold)("a guest whose addresses nobody told us may send %s", (_, packet) => {
  expect(overlay.send(a4, packet).reached).toEqual([a1.id, a2.id, a3.id]);
});

test.each(forgedUntold)(
  "what a guest whose addresses nobody told us sends reaches nobody when it is %s",
  (_, packet) => {
    expect(overlay.send(a4, packet).reached).toEqual([]);
  },
);

test("a guest whose addresses nobody told us is told where others are", () => {
  expect(overlay.send(a4, solicitation(a4, a2.address6))).toMatchObject({ reached: [a4.id], seen: { ndTll: a2.mac } });
});

test("a guest that has IPv4 addresses only sends no IPv6", () => {
  const [four, other] = [guest(3, 1, 0), dualStack(guest(3, 2, 1))];
  const mixed = new FakeOverlay([four, other]);
  expect(mixed.send(four, { ...icmp(four, 128), ipv6Src: linkLocal(four) }).reached).toEqual([]);
});

const isMissing = missingOpenVSwitch !== undefined;

describe.skipIf(isMissing)(
  `with Open vSwitch${isMissing ? ` (skipped: there is no ${missingOpenVSwitch})` : ""}`,
  () => {
    const flows = overlay.intFlows(0);
    const fake = FakeSwitch.with(flows);
    let ovs: OpenVSwitch;
    beforeAll(async () => {
      ovs = await startOpenVSwitch(16);
      const lines = flows.map((flow) => formatFlow(flow));
      await ovs.ofctlFile("add-flows", lines);
    }, 30_000);
    afterAll(() => ovs[Symbol.asyncDispose]());

    const questions: readonly (readonly [string, Packet])[] = [
      ["a solicitation", solicitation(a1, a2.address6)],
      ["a solicitation without an option", { ...solicitation(a1, a2.address6), ndSll: noOption }],
      ["duplicate address detection", probing(a1)],
    ];

    const ofA1 = [...questions, ...allowed, ...forged].map(([what, packet]) => [what, packet, a1] as const);
    const ofUntold = [...allowedUntold, ...forgedUntold].map(([what, packet]) => [what, packet, a4] as const);

    test.each([...ofA1, ...ofUntold])("%s goes where the fake switches say", async (_, packet, from) => {
      const inPort = overlay.portOf(from);
      // Of the names that several protocols share, ofproto/trace takes those of IPv4's ICMP and of TCP only.
      const match = formatMatch({ ...packet, inPort })
        .join(",")
        .replace("icmp_type", "icmpv6_type")
        .replaceAll(/tp_(src|dst)/g, "udp_$1");
      const trace = await ovs.appctl("ofproto/trace", "br0", match);
      const actions = /Datapath actions: (.*)/.exec(trace)?.[1] ?? "";
      const bare = actions.replaceAll(/\w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, "").split(",");
      const traced = bare.filter((part) => /^\d+$/.test(part)).map(Number);
      const { outputs } = fake.inject(packet, inPort);
      // A copy for the controller is an action of its own, which is not among the ports.
      expect(traced).toEqual(outputs.map(({ port }) => port).filter((port) => port !== Port.controller));
      expect(actions.includes("userspace")).toBe(outputs.some(({ port }) => port === Port.controller));
    });

    test.each([
      ["an advertisement with its option", 1, true],
      ["an advertisement whose option is there twice, so that it says nothing to the switch", 2, false],
    ])("%s passes or doesn't as bytes", async (_, options, passes) => {
      const option = Uint8Array.of(2, 1, ...macToBytes(a4.mac));
      const body = Uint8Array.from([
        ...[0x20, 0, 0, 0, ...Buffer.from(hexOf(anywhere), "hex")],
        ...Array.from({ length: options }, () => [...option]).flat(),
      ]);
      const envelope = { ethSrc: a4.mac, ethDst: allNodes.ethDst, src: anywhere, dst: allNodes.ipv6Dst, hopLimit: 255 };
      const frame = encodeIcmpv6Frame(envelope, { type: icmpv6Type.neighbourAdvertisement, code: 0, body });
      const inPort = `in_port=${overlay.portOf(a4)}`;
      const trace = await ovs.appctl("ofproto/trace", "br0", inPort, Buffer.from(frame).toString("hex"));
      expect(/Datapath actions: (.*)/.exec(trace)?.[1] !== "drop").toBe(passes);
    });

    test("the advertisement that comes out is one that a host believes: hop limit, option and checksum are right", async () => {
      const port = `p${overlay.portOf(a1)}`;
      const file = path.join(path.dirname(ovs.management.slice("unix:".length)), "sent.pcap");
      await ovs.vsctl("set", "Interface", port, `options:tx_pcap=${file}`);
      await ovs.appctl("netdev-dummy/receive", port, solicitationBytes(a1, a2).toString("hex"));
      const header = 24 + 16;
      const frame = await vi.waitFor(
        async () => {
          const bytes = await readFile(file);
          expect(bytes.length).toBeGreaterThan(header);
          return bytes.subarray(header);
        },
        { timeout: 10_000, interval: 10 },
      );
      expect(frame.subarray(0, 12).toString("hex")).toBe((a1.mac + a2.mac).replaceAll(":", ""));
      expect(frame[21]).toBe(255);
      const message = frame.subarray(54);
      expect(message.toString("hex", 0, 2)).toBe("8800");
      expect(message.toString("hex", 4)).toBe(`60000000${hexOf(a2.address6)}0201${a2.mac.replaceAll(":", "")}`);
      expect(checksum(frame)).toBe(0);
    });
  },
);

function hexOf(address: Ipv6): string {
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string): string[] => text.split(":").filter((group) => group !== "");
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => "0");
  return [...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, "0")).join("");
}

/** A neighbour solicitation with its option, as RFC 4861, 4.3 has it. */
function solicitationBytes(from: Guest, to: Guest): Buffer {
  const group = hexOf(solicitedNodeOf(to.address6));
  const ethernet = `3333${group.slice(-8)}${from.mac.replaceAll(":", "")}86dd`;
  const header = `6000000000203aff${hexOf(from.address6)}${group}`;
  const option = Buffer.from(macToBytes(from.mac)).toString("hex");
  const frame = Buffer.from(`${ethernet}${header}8700000000000000${hexOf(to.address6)}0101${option}`, "hex");
  frame.writeUInt16BE(checksum(frame), 56);
  return frame;
}

/** The Internet checksum of an ICMPv6 message with its pseudo-header (RFC 8200, 8.1); 0 for one that has its own. */
function checksum(frame: Buffer): number {
  const message = frame.subarray(54);
  const summed = Buffer.concat([frame.subarray(22, 54), Buffer.from([0, message.length, 0, 58]), message]);
  let sum = 0;
  for (let at = 0; at < summed.length; at += 2) sum += summed.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
