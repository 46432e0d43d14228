import type { Ip, Mac, Revision } from "@loomstack/core";
import { type LearntAddress, parsePairAddress, type TraceRequest } from "@loomstack/model";
import { expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, subnetOf, uuid } from "../intent/intent-under-test.ts";
import { packetOfPort } from "./packet-of-port.ts";

const gateway = (address: string) => ({ gatewayIp: address as Ip });
const addresses = (...all: readonly string[]) => ({
  fixedIps: all.map((ipAddress) => ({ subnetId: uuid(2), ipAddress: ipAddress as Ip })),
});
const sender = portOf(uuid(11), uuid(1), mac(1), addresses("10.0.0.11", "2001:db8::11"));
const receiver = portOf(uuid(12), uuid(1), mac(2), addresses("10.0.0.12", "2001:db8::12"));
const router = portOf(uuid(13), uuid(1), mac(3), addresses("10.0.0.1"));
/** Nobody knows its addresses. */
const nameless = portOf(uuid(14), uuid(1), mac(4));
/** Its guest has shown its addresses. */
const shown = portOf(uuid(15), uuid(1), mac(5));
const pair = (address: string, macAddress: Mac | null = null) => ({ macAddress, prefix: parsePairAddress(address) });
const master = portOf(uuid(16), uuid(1), mac(6), {
  ...addresses("10.0.0.16"),
  allowedAddressPairs: [pair("10.0.0.100"), pair("10.0.0.101", mac(0xfe)), pair("0.0.0.0/0")],
});
const backup = portOf(uuid(17), uuid(1), mac(7), {
  ...addresses("10.0.0.17"),
  allowedAddressPairs: [pair("10.0.0.100")],
});
const learnt = [
  { address: "10.0.0.15", source: "dhcp" },
  { address: "2001:db8::15", source: "nd" },
] as const;
const intent = intentOf([networkOf(1)], [sender, receiver, router, nameless, shown, master, backup], {
  learntAddresses: new Map([
    [shown.id, { portId: shown.id, addresses: learnt as unknown as LearntAddress[], revision: 1 as Revision }],
  ]),
  subnets: new Map([
    [uuid(2), subnetOf(2, uuid(1), "10.0.0.0/24", gateway("10.0.0.1"))],
    [uuid(3), subnetOf(3, uuid(1), "2001:db8::/64")],
  ]),
});
const sent = (to: string, change: Partial<TraceRequest> = {}, from = sender) =>
  packetOfPort(intent, from, { from: from.id, to: to as Ip | Mac, protocol: { name: "icmp" }, ...change });

test("a packet has the addresses of its port, and the MAC address of the port that has the other one", () => {
  expect(sent("10.0.0.12")).toMatchObject({
    packet: {
      ethSrc: mac(1),
      ethDst: mac(2),
      ethType: 0x0800,
      ipv4Src: "10.0.0.11",
      ipv4Dst: "10.0.0.12",
      icmpv4Type: 8,
    },
    goal: receiver.id,
  });
  expect(sent("2001:db8::12", { protocol: { name: "udp", destinationPort: 53 } }).packet).toMatchObject({
    ...{ ethDst: mac(2), ethType: 0x86dd, ipv6Src: "2001:db8::11", ipProto: 17, udpDst: 53 },
  });
});

test("a port whose addresses nobody knows sends from 0.0.0.0, and in IPv6 from its link-local address", () => {
  expect(sent("10.0.0.12", {}, nameless).packet.ipv4Src).toBe("0.0.0.0");
  expect(sent("2001:db8::12", {}, nameless).packet.ipv6Src).toBe("fe80::ff:fe00:4");
  expect(sent(mac(4)).packet).toMatchObject({ ethDst: mac(4), ipv4Src: "10.0.0.11", ethType: 0x0800 });
});

test("addresses that were learnt of a port are its own", () => {
  expect(sent("10.0.0.15")).toMatchObject({ packet: { ethDst: mac(5) }, goal: shown.id, isForNobody: false });
  expect(sent("10.0.0.12", {}, shown).packet.ipv4Src).toBe("10.0.0.15");
  expect(sent("2001:db8::12", {}, shown).packet.ipv6Src).toBe("2001:db8::15");
  expect(sent(mac(5)).packet.ipv4Dst).toBe("10.0.0.15");
});

test("a port has the link-local address that goes with its MAC address", () => {
  expect(sent("fe80::ff:fe00:4")).toMatchObject({ packet: { ethDst: mac(4) }, goal: nameless.id });
});

test("an address that one port is allowed to use is that port's, under the MAC address that goes with it", () => {
  expect(sent("10.0.0.101")).toMatchObject({ packet: { ethDst: mac(0xfe) }, goal: master.id, isForNobody: false });
  expect(sent("10.0.0.101", { protocol: { name: "arp" } })).toMatchObject({ goal: master.id });
  expect(sent(mac(0xfe))).toMatchObject({ goal: master.id, isForNobody: false });
});

test("an address that several ports are allowed to use is asked for", () => {
  expect(sent("10.0.0.100")).toMatchObject({
    packet: { ethType: 0x0806, arpTpa: "10.0.0.100" },
    goal: undefined,
    remark: `10.0.0.100 is allowed to ports ${master.id} and ${backup.id}, and only their guests know who has it now, so the guest's question who has it is traced`,
  });
});

test("what is not on the network goes to the gateway; without one, there is no such packet", () => {
  expect(sent("192.0.2.9")).toMatchObject({
    packet: { ethDst: mac(3), ipv4Dst: "192.0.2.9" },
    goal: router.id,
    remark: "192.0.2.9 is not on its network, and goes to the gateway 10.0.0.1",
  });
  expect(() => sent("2001:db8:1::9")).toThrow(/2001:db8:1::9 is not on its network, whose subnets have no gateway/);
});

test("an address that nobody is known to have is asked for", () => {
  expect(sent("10.0.0.99")).toMatchObject({
    packet: { ethDst: "ff:ff:ff:ff:ff:ff", ethType: 0x0806, arpOp: 1, arpSpa: "10.0.0.11", arpTpa: "10.0.0.99" },
    isForNobody: true,
  });
  expect(sent("2001:db8::99")).toMatchObject({
    packet: {
      ethDst: "33:33:ff:00:00:99",
      ipv6Dst: "ff02::1:ff00:99",
      icmpv6Type: 135,
      ndTarget: "2001:db8::99",
      ndSll: mac(1),
    },
    isForNobody: true,
  });
});

test.each([
  ["255.255.255.255", "ff:ff:ff:ff:ff:ff"],
  ["224.129.2.3", "01:00:5e:01:02:03"],
  ["ff02::1:2", "33:33:00:01:00:02"],
])("%s is for a group, whose MAC address is %s", (to, ethDst) => {
  expect(sent(to)).toMatchObject({ packet: { ethDst }, goal: undefined, isForNobody: false });
});

test("what is for a DHCP server comes from a client's port", () => {
  const udp = (destinationPort: number) => ({ protocol: { name: "udp", destinationPort } }) as const;
  expect(sent("255.255.255.255", udp(67)).packet).toMatchObject({ udpSrc: 68, udpDst: 67 });
  expect(sent("ff02::1:2", udp(547)).packet).toMatchObject({ udpSrc: 546, udpDst: 547 });
});
