import type { Ip, Ipv6, Mac, Uuid } from "@loomstack/core";
import type { Subnet } from "@loomstack/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { servicesOf } from "../compile/network-services.ts";
import { intentOf, mac, networkOf, portOf, subnetOf, uuid } from "../intent/intent-under-test.ts";
import { encodeIcmpv6Frame } from "../packets/icmpv6.ts";
import { decodeIpv6Frame, encodeIpv6Frame } from "../packets/ipv6-frame.ts";
import { decodeUdp } from "../packets/udp.ts";
import { clientId, frameOf, iaNa, message, optionRequest, serverId, told } from "./dhcpv6/dhcpv6-under-test.ts";
import { decodeMessage, type Dhcpv6Message, messageType } from "./dhcpv6/message.ts";
import { optionCode } from "./dhcpv6/options.ts";
import { serverIdOf } from "./dhcpv6/server-id.ts";
import { dhcpv6Service } from "./dhcpv6/service.ts";
import { PortNames } from "./dns/port-names.ts";
import { readAdvertisement } from "./router-advertisement/router-advertisement-under-test.ts";
import { routerAdvertisementService } from "./router-advertisement/service.ts";
import type { Answer, Service } from "./service.ts";

const networkId = uuid(1);
const stateful = { ipv6RaMode: "dhcpv6-stateful", ipv6AddressMode: "dhcpv6-stateful" } as const;
const slaac = { ipv6RaMode: "slaac", ipv6AddressMode: "slaac" } as const;
const stateless = { ipv6RaMode: "dhcpv6-stateless", ipv6AddressMode: "dhcpv6-stateless" } as const;
const resolver = ["2001:db8::53" as Ipv6];
const settings = { underlayMtu: 1500, leaseSec: 86_400, dnsDomain: "cloud.example" };

/** Intent of one network with these subnets, and port 11, which has an address of each. */
function cloud(...subnets: readonly Partial<Subnet>[]) {
  const all = subnets.map((change, n) =>
    subnetOf(20 + n, networkId, `2001:db8:${n}::/64`, { enableDhcp: true, ...change }),
  );
  const fixedIps = all.map(({ id }, n) => ({ subnetId: id, ipAddress: `2001:db8:${n}::b` as Ip }));
  const ids: [Uuid, Set<Uuid>][] = [[networkId, new Set(all.map(({ id }) => id))]];
  return intentOf([networkOf(1)], [portOf(uuid(11), networkId, mac(11), { fixedIps })], {
    subnets: new Map(all.map((subnet) => [subnet.id, subnet])),
    subnetsByNetwork: new Map(ids),
  });
}

function ask(service: Service, intent: ReturnType<typeof cloud>, frame: Uint8Array): Answer | undefined {
  const port = intent.ports.get(uuid(11));
  if (port === undefined) throw new TypeError("the test has no port");
  return service.answer({ frame, port, intent, names: new PortNames(intent), settings });
}

const solicitation = encodeIcmpv6Frame(
  {
    ethSrc: mac(11),
    ethDst: "33:33:00:00:00:02" as Mac,
    src: "fe80::ff:fe00:b" as Ipv6,
    dst: "ff02::2" as Ipv6,
    hopLimit: 255,
  },
  { type: 133, code: 0, body: new Uint8Array(4) },
);
const bytesOf = (sent: Dhcpv6Message): Uint8Array => encodeIpv6Frame(frameOf(sent));

function read(answer: Answer | undefined): Dhcpv6Message | undefined {
  const frame = answer?.frame instanceof Uint8Array ? decodeIpv6Frame(answer.frame) : undefined;
  const datagram = frame && decodeUdp(frame.nextHeader, frame.payload);
  return datagram && decodeMessage(datagram.data);
}

test("each service knows its own questions, whatever the bytes", () => {
  expect([routerAdvertisementService, dhcpv6Service].map((one) => one.isAsked(solicitation))).toEqual([true, false]);
  const solicit = bytesOf(message(messageType.solicit, clientId));
  expect([routerAdvertisementService, dhcpv6Service].map((one) => one.isAsked(solicit))).toEqual([false, true]);
  fc.assert(
    fc.property(
      fc.constantFrom(solicitation, solicit),
      fc.nat(200),
      fc.nat(255),
      fc.nat(200),
      (frame, at, to, length) => {
        const spoiled = frame.slice(0, length);
        spoiled[at % Math.max(1, spoiled.length)] = to;
        for (const service of [routerAdvertisementService, dhcpv6Service])
          if (service.isAsked(spoiled)) ask(service, cloud(stateful), spoiled);
      },
    ),
    { numRuns: 500 },
  );
});

test("a router solicitation is answered with what the network's subnets and MTU are", () => {
  const frames = ask(routerAdvertisementService, cloud(slaac, stateful), solicitation)?.frame;
  const [first] = frames instanceof Uint8Array ? [] : (frames ?? []);
  expect(first && readAdvertisement(first)).toMatchObject({
    flags: 0x80,
    mtu: 1450,
    prefixes: [expect.stringMatching(/^2001:db8::\/64 c0 /), expect.stringMatching(/^2001:db8:1::\/64 80 /)],
  });
  expect(ask(routerAdvertisementService, cloud({ ipv6AddressMode: "slaac" }), solicitation)).toBeUndefined();
});

test("a port gets the addresses that it has in stateful subnets, and no others, from its network's own server", () => {
  const intent = cloud(stateful, slaac, stateless);
  const offer = read(ask(dhcpv6Service, intent, bytesOf(message(messageType.solicit, clientId, iaNa(1)))));
  expect(told(offer)).toEqual(["client", "server", "ia 1 43200 69120: 2001:db8::b 86400 86400"]);
  expect(offer?.options.find(({ code }) => code === optionCode.serverId)?.data).toEqual(serverIdOf(networkId));
});

test("a port of a stateless subnet gets the resolvers of subnets with DHCPv6", () => {
  const intent = cloud(
    { ...stateless, dnsNameservers: resolver },
    { ...slaac, dnsNameservers: ["2001:db8::99" as Ip] },
  );
  const asked = message(messageType.informationRequest, optionRequest(optionCode.dnsServers));
  expect(told(read(ask(dhcpv6Service, intent, bytesOf(asked))))).toEqual([
    "server",
    "option 23: 20010db8000000000000000000000053",
  ]);
});

test("a client that tells its name hears the one that its port has, and where names are looked up", () => {
  const name = { code: optionCode.clientFqdn, data: Uint8Array.of(1, 1, 0x78) };
  const asked = message(messageType.solicit, clientId, name, optionRequest(optionCode.domainList));
  const answer = read(ask(dhcpv6Service, cloud(stateful), bytesOf(asked)));
  const dataOf = (code: number) => Buffer.from(answer?.options.find((one) => one.code === code)?.data ?? []).toString();
  expect(dataOf(optionCode.clientFqdn)).toBe("\x01\x12host-2001-db8-0--b\x05cloud\x07example\0");
  expect(dataOf(optionCode.domainList)).toBe("\x05cloud\x07example\0");
});

test("a port's own name and its network's domain come before those that are made up", () => {
  const known = cloud(stateful);
  known.networks.set(networkId, networkOf(1, { dnsDomain: "example.org" }));
  known.ports.set(uuid(11), { ...portOf(uuid(11), networkId, mac(11)), dnsName: "web" });
  const name = { code: optionCode.clientFqdn, data: Uint8Array.of(1, 1, 0x78) };
  const asked = message(messageType.solicit, clientId, name, optionRequest(optionCode.domainList));
  const answer = read(ask(dhcpv6Service, known, bytesOf(asked)));
  const dataOf = (code: number) => Buffer.from(answer?.options.find((one) => one.code === code)?.data ?? []).toString();
  expect(dataOf(optionCode.clientFqdn)).toBe("\x01\x03web\x07example\x03org\0");
  expect(dataOf(optionCode.domainList)).toBe("\x07example\x03org\0");
});

test("who declines an address is told of", () => {
  const ours = { ...serverId, data: serverIdOf(networkId) };
  const declined = message(messageType.decline, clientId, ours, iaNa(1, "2001:db8::b"));
  const answer = ask(dhcpv6Service, cloud(stateful), bytesOf(declined));
  expect(answer?.event).toMatchObject({
    kind: "dhcpv6-declined",
    message: expect.stringContaining(uuid(11)) as string,
  });
  expect(told(read(answer))).toContain("status 0");
});

test.each([
  ["SLAAC", slaac, { routerAdvertisements: true, dhcpv6: false }],
  ["stateful DHCPv6", stateful, { routerAdvertisements: true, dhcpv6: true }],
  ["stateless DHCPv6", stateless, { routerAdvertisements: true, dhcpv6: true }],
  [
    "addresses by DHCPv6 and a router of its own",
    { ipv6AddressMode: "dhcpv6-stateful" },
    { routerAdvertisements: false, dhcpv6: true },
  ],
  ["no modes", {}, { routerAdvertisements: false, dhcpv6: false }],
] as const)("a network with %s asks for no more than that", (_, modes, services) => {
  expect(servicesOf(cloud(modes), networkId)).toEqual({ ...services, dhcp: false });
  const solicit = bytesOf(message(messageType.solicit, clientId, iaNa(1)));
  expect(ask(dhcpv6Service, cloud(modes), solicit) !== undefined).toBe(services.dhcpv6);
  expect(ask(routerAdvertisementService, cloud(modes), solicitation) !== undefined).toBe(services.routerAdvertisements);
});
