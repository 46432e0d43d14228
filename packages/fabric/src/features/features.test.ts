import type { Ipv4, Mac } from "@loomstack/core";
import type { Packet } from "@loomstack/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";
import { arp, broadcast, endpoint, FakeOverlay, guest, type Guest, ip } from "./overlay-under-test.ts";

const a1 = guest(1, 1, 0);
const a2 = guest(1, 2, 1);
const a3 = guest(1, 3, 0);
const b1 = guest(2, 1, 0);
const b2 = guest(2, 2, 1);
const overlay = new FakeOverlay([a1, a2, a3, b1, b2]);

test("a packet reaches the guest that has the address, on this hypervisor and on another, as it was sent", () => {
  expect(overlay.send(a1, ip(a1, a3)).reached).toEqual([a3.id]);
  expect(overlay.send(a1, ip(a1, a2))).toEqual({ reached: [a2.id], seen: ip(a1, a2) });
});

test("broadcast reaches the network's other guests and nobody else", () => {
  expect(overlay.send(a1, { ...ip(a1, a2), ethDst: broadcast }).reached).toEqual([a2.id, a3.id]);
  expect(overlay.send(b1, { ...ip(b1, b2), ethDst: broadcast }).reached).toEqual([b2.id]);
});

test("an address that nobody of the network has reaches nobody", () => {
  expect(overlay.send(a1, { ...ip(a1, a2), ethDst: "02:00:00:00:00:99" as Mac }).reached).toEqual([]);
});

test.each([
  ["IP address", { ...ip(a3, a2), ipv4Src: a1.address }],
  ["MAC address", { ...ip(a3, a2), ethSrc: a1.mac }],
  ["addresses, both", { ...ip(a1, a2) }],
  ["IP address in ARP", { ...arp(a3, a2.address), arpSpa: a1.address }],
  ["MAC address in ARP", { ...arp(a3, a2.address), arpSha: a1.mac }],
  ["protocol (IPv6)", { ethSrc: a3.mac, ethDst: broadcast, ethType: 0x86dd }],
])("a guest that borrows another's %s reaches nobody", (_, packet) => {
  expect(overlay.send(a3, packet).reached).toEqual([]);
});

const discover = (from: Guest): Packet => ({
  ...{ ethSrc: from.mac, ethDst: broadcast, ethType: etherType.ipv4, ipv4Src: "0.0.0.0" as Ipv4 },
  ...{ ipv4Dst: "255.255.255.255" as Ipv4, ipProto: ipProto.udp, udpSrc: 68, udpDst: 67 },
});

test("a guest without an address asks the network's DHCP servers, from its own MAC, and nobody else anything", () => {
  expect(overlay.send(a1, discover(a1)).reached).toEqual([a2.id, a3.id]);
  expect(overlay.send(a1, { ...discover(a1), ethSrc: a2.mac }).reached).toEqual([]);
  expect(overlay.send(a1, { ...discover(a1), udpDst: 53 }).reached).toEqual([]);
  expect(overlay.send(a1, { ...discover(a1), ipv4Dst: a2.address }).reached).toEqual([]);
});

test("a guest is no DHCP server, whatever it sends from", () => {
  const offer: Packet = { ...ip(a1, a2), ethDst: broadcast, ipProto: ipProto.udp, udpSrc: 67, udpDst: 68 };
  expect(overlay.send(a1, offer).reached).toEqual([]);
});

test("who asks for an address of the network is answered on the spot, and nobody else hears the question", () => {
  const { reached, seen } = overlay.send(a1, arp(a1, a2.address));
  expect(reached).toEqual([a1.id]);
  expect(seen).toMatchObject({
    ethSrc: a2.mac,
    ethDst: a1.mac,
    arpOp: 2,
    arpSha: a2.mac,
    arpSpa: a2.address,
    arpTha: a1.mac,
    arpTpa: a1.address,
  });
});

test("a guest that asks for its own address announces it to the others, and is not told that it is taken", () => {
  expect(overlay.send(a1, arp(a1, a1.address)).reached).toEqual([a2.id, a3.id]);
});

test("a guest whose address nobody told us is held to its MAC, and its ARP reaches the others", () => {
  const known = guest(3, 1, 0);
  const unknown = guest(3, 2, 1, false);
  const mixed = new FakeOverlay([known, unknown]);
  expect(mixed.send(unknown, { ...ip(unknown, known), ipv4Src: "10.0.0.77" as Ipv4 }).reached).toEqual([known.id]);
  expect(mixed.send(known, arp(known, unknown.address)).reached).toEqual([unknown.id]);
  expect(mixed.send(unknown, { ...ip(unknown, known), ethSrc: known.mac }).reached).toEqual([]);
  expect(mixed.send(unknown, { ...arp(unknown, "10.0.0.99" as Ipv4), arpSha: known.mac }).reached).toEqual([]);
});

test("what comes out of a tunnel reaches a guest only from a hypervisor that shares a network, and under the network's key", () => {
  const inside: Packet = { ...ip(a2, a1), tunIpv4Src: endpoint(1), tunIpv4Dst: endpoint(0), tunnelId: 101n };
  expect(overlay.fromUnderlay(0, inside)).toEqual([a1.id]);
  expect(overlay.fromUnderlay(0, { ...inside, tunIpv4Src: "192.0.2.99" as Ipv4 })).toEqual([]);
  expect(overlay.fromUnderlay(0, { ...inside, tunnelId: 999n })).toEqual([]);
  // The second network's key, through the first one's kind of tunnel.
  expect(overlay.fromUnderlay(0, { ...inside, tunnelId: 102n })).toEqual([]);
});

test("in any placement of guests, unicast reaches exactly its receiver in the sender's network, and broadcast exactly the others of it", () => {
  const placement = fc.uniqueArray(
    fc.record({
      network: fc.integer({ min: 1, max: 3 }),
      number: fc.integer({ min: 1, max: 5 }),
      host: fc.integer({ min: 0, max: 3 }),
      knowsAddress: fc.boolean(),
    }),
    { minLength: 2, maxLength: 10, selector: ({ network, number }) => `${network} ${number}` },
  );
  fc.assert(
    fc.property(placement, (places) => {
      const guests = places.map(({ network, number, host, knowsAddress }) =>
        guest(network, number, host, knowsAddress),
      );
      const world = new FakeOverlay(guests);
      for (const from of guests) {
        const others = guests.filter((one) => one.network === from.network && one !== from);
        for (const to of guests.filter((one) => one !== from)) {
          // An address that only other networks have is nobody's.
          const expected = others.filter((one) => one.mac === to.mac).map(({ id }) => id);
          if (to.mac !== from.mac) expect(world.send(from, ip(from, to)).reached).toEqual(expected);
        }
        expect(world.send(from, { ...ip(from, from), ethDst: broadcast }).reached).toEqual(
          others.map(({ id }) => id).sort(),
        );
      }
    }),
    { numRuns: 60 },
  );
});
