import type { Ipv4, Ipv6, Mac } from "@loomstack/core";
import { type AddressPair, parsePairAddress } from "@loomstack/model";
import type { Packet } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";
import { arp, dualStack, FakeOverlay, guest, type Guest, ip } from "./overlay-under-test.ts";

const virtualMac = "00:00:5e:00:01:07" as Mac;
const virtual = "10.0.0.77" as Ipv4;
const virtual6 = "2001:db8::77" as Ipv6;
const pair = (address: string, macAddress: Mac | null = null): AddressPair => ({
  macAddress,
  prefix: parsePairAddress(address),
});
const allowedAddressPairs = [pair(virtual), pair(virtual6, virtualMac), pair(virtual, virtualMac), pair("10.8.0.0/16")];

/** Two routers that share addresses, on two hypervisors, and a client on each. */
const r1 = dualStack(guest(1, 1, 0), { allowedAddressPairs });
const r2 = dualStack(guest(1, 2, 1), { allowedAddressPairs });
const c1 = dualStack(guest(1, 3, 0));
const c2 = dualStack(guest(1, 4, 1));
/** It may send from any address. */
const open = dualStack(guest(1, 5, 0), { portSecurityEnabled: false });
const overlay = new FakeOverlay([r1, r2, c1, c2, open]);
const others = (from: Guest): readonly string[] =>
  [r1, r2, c1, c2, open].filter((one) => one !== from).map(({ id }) => id);

const nd = (from: Guest, type: number): Packet => ({
  ethSrc: from.mac,
  ethDst: "33:33:00:00:00:01" as Mac,
  ethType: etherType.ipv6,
  ipProto: ipProto.icmpv6,
  ipv6Src: from.address6,
  icmpv6Type: type,
});

test("a port sends from its allowed address pairs, with the MAC address of each, and from no others", () => {
  const sent = (packet: Partial<Packet>): readonly string[] => overlay.send(r1, { ...ip(r1, c2), ...packet }).reached;
  expect(sent({})).toEqual([c2.id]);
  expect(sent({ ipv4Src: virtual })).toEqual([c2.id]);
  expect(sent({ ipv4Src: virtual, ethSrc: virtualMac })).toEqual([c2.id]);
  expect(sent({ ipv4Src: "10.8.255.1" as Ipv4 })).toEqual([c2.id]);
  expect(sent({ ipv4Src: "10.8.255.1" as Ipv4, ethSrc: virtualMac })).toEqual([]);
  expect(sent({ ipv4Src: "10.9.0.1" as Ipv4 })).toEqual([]);
  expect(sent({ ethSrc: virtualMac })).toEqual([]);
});

test("a port announces its allowed address pairs in ARP and in neighbour discovery, and no others", () => {
  const announced = { ...arp(r1, virtual), ethSrc: virtualMac, arpSha: virtualMac, arpSpa: virtual };
  expect(overlay.send(r1, announced).reached).toEqual(others(r1));
  expect(overlay.send(r1, { ...announced, arpSha: r1.mac }).reached).toEqual([]);
  expect(overlay.send(c1, { ...announced, ethSrc: c1.mac, arpSha: c1.mac }).reached).toEqual([]);
  const advertisement: Packet = {
    ...nd(r1, icmpv6Type.neighbourAdvertisement),
    ethSrc: virtualMac,
    ipv6Src: virtual6,
    ndTarget: virtual6,
    ndTll: virtualMac,
  };
  expect(overlay.send(r1, advertisement).reached).toEqual(others(r1));
  expect(overlay.send(r1, { ...advertisement, ipv6Src: "fe80::200:5eff:fe00:107" as Ipv6 }).reached).toEqual(
    others(r1),
  );
  expect(overlay.send(r1, { ...advertisement, ndTll: r1.mac }).reached).toEqual([]);
  expect(overlay.send(r1, { ...advertisement, ndTarget: c1.address6 }).reached).toEqual([]);
});

test("who has a shared address is asked of the whole network, also when a port has it as its own", () => {
  expect(overlay.send(c1, arp(c1, virtual)).reached).toEqual(others(c1));
  const solicitation = { ...nd(c1, icmpv6Type.neighbourSolicitation), ndTarget: virtual6, ndSll: c1.mac };
  expect(overlay.send(c1, solicitation).reached).toEqual(others(c1));
  const borrower = dualStack(guest(1, 6, 1), { allowedAddressPairs: [pair(c2.address), pair("10.0.0.0/24")] });
  const shared = new FakeOverlay([c1, c2, borrower]);
  expect(shared.send(c1, arp(c1, c2.address)).reached).toEqual([c2.id, borrower.id]);
  // A prefix is no address: the port whose own it is answers as ever.
  expect(shared.send(c1, arp(c1, borrower.address)).reached).toEqual([c1.id]);
});

test("unicast to a shared MAC address reaches the ports that may use it, and no others", () => {
  const packet = { ...ip(c1, r1), ethDst: virtualMac, ipv4Dst: virtual };
  expect(overlay.send(c1, packet).reached).toEqual([r1.id, r2.id]);
  expect(overlay.send(c2, { ...packet, ethSrc: c2.mac, ipv4Src: c2.address }).reached).toEqual([r1.id, r2.id]);
  const fromVirtual = { ...packet, ethSrc: virtualMac, ipv4Src: virtual };
  expect(overlay.send(r1, fromVirtual).reached).toEqual([r2.id]);
});

test("a MAC address that is a port's own belongs to it, whatever pairs name it", () => {
  const greedy = dualStack(guest(1, 6, 1), { allowedAddressPairs: [pair(virtual, c2.mac)] });
  const world = new FakeOverlay([c1, c2, greedy]);
  expect(world.send(c1, ip(c1, c2)).reached).toEqual([c2.id]);
});

test("a port without port security sends from any address, as a router and as a server", () => {
  const stolen = { ...ip(open, c2), ethSrc: c1.mac, ipv4Src: c1.address };
  expect(overlay.send(open, stolen).reached).toEqual([c2.id]);
  expect(overlay.send(open, { ...ip(open, c2), ipProto: ipProto.udp, udpSrc: 67 }).reached).toEqual([c2.id]);
  expect(overlay.send(open, nd(open, icmpv6Type.routerAdvertisement)).reached).toEqual(others(open));
  const own = { ...nd(open, icmpv6Type.neighbourAdvertisement), ndTarget: c1.address6, ndTll: open.mac };
  expect(overlay.send(open, own).reached).toEqual(others(open));
});

test("a port without port security is answered and found as any other", () => {
  expect(overlay.send(open, arp(open, c2.address))).toMatchObject({ reached: [open.id], seen: { arpSha: c2.mac } });
  const solicitation = { ...nd(open, icmpv6Type.neighbourSolicitation), ndTarget: c2.address6, ndSll: open.mac };
  expect(overlay.send(open, solicitation)).toMatchObject({ reached: [open.id], seen: { ndTll: c2.mac } });
  expect(overlay.send(c2, arp(c2, open.address))).toMatchObject({ reached: [c2.id], seen: { arpSha: open.mac } });
});
