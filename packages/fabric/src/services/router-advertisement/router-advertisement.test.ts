import type { Ipv6, Mac } from "@loomstack/core";
import fc from "fast-check";
import type { Subnet } from "@loomstack/model";
import { expect, test } from "vitest";
import { subnetOf, uuid } from "../../intent/intent-under-test.ts";
import { encodeIcmpv6Frame } from "../../packets/icmpv6.ts";
import { decodeIpv6Frame, type Ipv6Frame } from "../../packets/ipv6-frame.ts";
import { virtualRouter } from "../virtual-router.ts";
import { advertisementOf, nothingWithdrawn, withdrawnBetween, withWithdrawn } from "./advertisement-of-network.ts";
import { answerRouterSolicitation, unsolicitedAdvertisement } from "./answer.ts";
import { readAdvertisement } from "./router-advertisement-under-test.ts";

const guest = { mac: "02:00:00:00:00:0b" as Mac, address: "fe80::ff:fe00:b" as Ipv6 };
const slaac = { enableDhcp: true, ipv6RaMode: "slaac" } as const;
const stateful = { enableDhcp: true, ipv6RaMode: "dhcpv6-stateful" } as const;
const stateless = { enableDhcp: true, ipv6RaMode: "dhcpv6-stateless" } as const;
const day = 86_400;

function advertise(...subnets: ReturnType<typeof subnetOf>[]) {
  const advertisement = advertisementOf({ mtu: 1450, subnets, searchDomains: [] });
  return advertisement && readAdvertisement(unsolicitedAdvertisement(advertisement)[0] ?? new Uint8Array());
}

function solicitation(
  change: { src?: Ipv6; hopLimit?: number; code?: number; options?: readonly number[] } = {},
): Ipv6Frame {
  const { src = guest.address, hopLimit = 255, code = 0, options = [] } = change;
  const packet = { ethSrc: guest.mac, ethDst: "33:33:00:00:00:02" as Mac, src, dst: "ff02::2" as Ipv6, hopLimit };
  const body = Uint8Array.from([0, 0, 0, 0, ...options]);
  const frame = decodeIpv6Frame(encodeIcmpv6Frame(packet, { type: 133, code, body }));
  if (frame === undefined) throw new TypeError("the test's own frame can't be read");
  return frame;
}

const plain = () => {
  const subnets = [subnetOf(2, uuid(1), "2001:db8::/64", slaac)];
  const advertisement = advertisementOf({ mtu: 1450, subnets, searchDomains: [] });
  if (advertisement === undefined) throw new TypeError("the network advertises nothing");
  return advertisement;
};

test("an advertisement is, to the byte, what RFC 4861 and RFC 8106 say", () => {
  const dnsNameservers = ["2001:db8::53" as Ipv6];
  const subnets = [subnetOf(2, uuid(1), "2001:db8::/64", { ...slaac, dnsNameservers })];
  const advertisement = advertisementOf({ mtu: 1450, subnets, searchDomains: ["a.b"] });
  const [bytes] = advertisement ? unsolicitedAdvertisement(advertisement) : [];
  expect(bytes && Buffer.from(bytes).toString("hex")).toBe(
    [
      "333300000001024c5300000686dd", // to all nodes
      "6000000000683afffe80000000000000004c53fffe000006ff020000000000000000000000000001",
      "860071724000000000000000" + "00000000",
      "0101024c53000006", // source link-layer address
      "05010000000005aa", // MTU
      "030440c000278d0000093a800000000020010db8000000000000000000000000",
      "1903000000093a8020010db8000000000000000000000053", // RDNSS
      "1f02000000093a800161016200000000", // DNSSL: a.b, padded
    ].join(""),
  );
});

test("the modes say how addresses come about, and no router is promised", () => {
  const modes = [slaac, stateful, stateless].map((mode) => advertise(subnetOf(2, uuid(1), "2001:db8::/64", mode)));
  expect(modes.map((read) => [read?.flags, read?.prefixes[0], read?.routerLifetimeSec])).toEqual([
    [0x00, `2001:db8::/64 c0 ${30 * day} ${7 * day}`, 0],
    [0x80, `2001:db8::/64 80 ${30 * day} ${7 * day}`, 0],
    [0x40, `2001:db8::/64 c0 ${30 * day} ${7 * day}`, 0],
  ]);
});

test("a network advertises its IPv6 subnets that have a mode and DHCP, or nothing at all", () => {
  const silent = [
    subnetOf(2, uuid(1), "10.0.0.0/24", { enableDhcp: true }),
    subnetOf(3, uuid(1), "2001:db8:3::/64", { enableDhcp: true, ipv6AddressMode: "slaac" }),
    subnetOf(4, uuid(1), "2001:db8:4::/64", { ...slaac, enableDhcp: false }),
  ];
  expect(advertise(...silent)).toBeUndefined();
  const some = advertise(...silent, subnetOf(5, uuid(1), "2001:db8:5::/64", slaac));
  expect(some?.prefixes).toEqual([`2001:db8:5::/64 c0 ${30 * day} ${7 * day}`]);
});

test("many prefixes go in several messages, none of which is longer than any link carries", () => {
  const subnets = Array.from({ length: 100 }, (_, n) => subnetOf(n, uuid(1), `2001:db8:${n.toString(16)}::/64`, slaac));
  const advertisement = advertisementOf({ mtu: 1450, subnets, searchDomains: [] });
  const frames = advertisement ? unsolicitedAdvertisement(advertisement) : [];
  for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(14 + 1280);
  const prefixes = frames.flatMap((frame) => readAdvertisement(frame)?.prefixes ?? []);
  expect(prefixes).toHaveLength(100);
  expect(new Set(prefixes).size).toBe(100);
});

test("what a subnet said and no longer says is taken back", () => {
  const dnsNameservers = ["2001:db8::53", "2001:db8::54"] as Ipv6[];
  const kept = subnetOf(2, uuid(1), "2001:db8::/64", { ...slaac, dnsNameservers });
  const gone = subnetOf(3, uuid(1), "2001:db8:3::/64", slaac);
  const now = { ...kept, dnsNameservers: dnsNameservers.slice(0, 1) };
  const withdrawn = withdrawnBetween([kept, gone], [now]);
  const [frame] = unsolicitedAdvertisement(withWithdrawn(plain(), withdrawn));
  const read = frame && readAdvertisement(frame);
  expect(read?.prefixes).toEqual(["2001:db8:3::/64 c0 0 0", `2001:db8::/64 c0 ${30 * day} ${7 * day}`]);
  expect(read?.nameservers).toEqual(["0 2001:db8::54", `${7 * day} ${virtualRouter.address}`]);
  expect(withdrawnBetween([kept], [kept])).toEqual(nothingWithdrawn);
});

test("a subnet that names no resolvers has the network itself as one, until it names others", () => {
  const unnamed = subnetOf(2, uuid(1), "2001:db8::/64", slaac);
  const named = { ...unnamed, dnsNameservers: ["2001:db8::53"] as Ipv6[] };
  const resolversOf = (...subnets: Subnet[]): unknown =>
    advertisementOf({ mtu: 1_500, subnets, searchDomains: [] })?.nameservers.flatMap(({ values }) => values);
  expect(resolversOf(unnamed)).toEqual([virtualRouter.address]);
  expect(resolversOf(named)).toEqual(["2001:db8::53"]);
  expect(resolversOf(named, subnetOf(3, uuid(1), "2001:db8:3::/64", slaac))).toEqual([
    ...["2001:db8::53", virtualRouter.address],
  ]);
  expect(withdrawnBetween([unnamed], [named]).nameservers).toEqual([virtualRouter.address]);
});

test("a guest that asks hears the answer at the address that it has, or with all nodes", () => {
  const [direct] = answerRouterSolicitation(solicitation({ options: [1, 1, 2, 0, 0, 0, 0, 0x0b] }), plain());
  expect(direct && readAdvertisement(direct)?.frame).toMatchObject({
    ...{ ethDst: guest.mac, dst: guest.address, ethSrc: virtualRouter.mac, src: virtualRouter.address },
  });
  const [all] = answerRouterSolicitation(solicitation({ src: "::" as Ipv6 }), plain());
  expect(all && readAdvertisement(all)?.frame).toMatchObject({ ethDst: "33:33:00:00:00:01", dst: "ff02::1" });
});

test.each([
  ["was forwarded", solicitation({ hopLimit: 254 })],
  ["has another code", solicitation({ code: 1 })],
  ["has an option without a length", solicitation({ options: [1, 0, 0, 0, 0, 0, 0, 0] })],
  ["has an option that goes past its end", solicitation({ options: [1, 2, 0, 0, 0, 0, 0, 0] })],
  ["names a MAC address, and no address", solicitation({ src: "::" as Ipv6, options: [1, 1, 2, 0, 0, 0, 0, 9] })],
  ["is cut short", { ...solicitation(), payload: solicitation().payload.subarray(0, 6) }],
  ["is spoiled", { ...solicitation(), payload: solicitation().payload.map((byte) => byte ^ 1) }],
  ["is another message", { ...solicitation(), nextHeader: 17 }],
])("a solicitation that %s isn't answered", (_, frame) => {
  expect(answerRouterSolicitation(frame, plain())).toEqual([]);
});

test("options of any kind are read, or make the question none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (options) => {
      answerRouterSolicitation(solicitation({ options: [...options] }), plain());
    }),
  );
});
