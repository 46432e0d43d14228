import { type Ip, type Ipv4, macToBytes } from "@loomstack/core";
import type { Intent, Port, Subnet } from "@loomstack/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { intentOf, networkOf, portOf, subnetOf, uuid } from "../../intent/intent-under-test.ts";
import { PortNames } from "../dns/port-names.ts";
import { networkServer } from "../network-server.ts";
import { type Answer, defaultGuestSettings } from "../service.ts";
import { clientMac, frameOf, heard, type Heard, message, none } from "./dhcp-under-test.ts";
import { dhcpService } from "./dhcp-service.ts";
import type { DhcpMessage } from "./message.ts";
import { optionCode } from "./options.ts";

const settings = { underlayMtu: 1500, ...defaultGuestSettings };
const fixed = (subnet: number, ipAddress: string) => ({ subnetId: uuid(subnet), ipAddress: ipAddress as Ip });
const port = portOf(uuid(11), uuid(1), clientMac, { fixedIps: [fixed(2, "10.0.0.11"), fixed(3, "10.9.0.11")] });

function intentWith(subnet: Partial<Subnet> = {}): Intent {
  const subnets = [
    subnetOf(2, uuid(1), "10.0.0.0/24", { enableDhcp: true, gatewayIp: "10.0.0.1" as Ip, ...subnet }),
    subnetOf(3, uuid(1), "10.9.0.0/22", { enableDhcp: true }),
  ];
  return intentOf([networkOf(1)], [port], { subnets: new Map(subnets.map((one) => [one.id, one])) });
}

function answered(frame: Uint8Array, subnet: Partial<Subnet> = {}, asking: Port = port): Answer | undefined {
  return answeredTo(frame, asking, intentWith(subnet));
}

function answeredTo(frame: Uint8Array, asking: Port, intent: Intent): Answer | undefined {
  return dhcpService.answer({ frame, port: asking, intent, names: new PortNames(intent), settings });
}

function asked(sent: DhcpMessage, subnet: Partial<Subnet> = {}): Heard | undefined {
  return heard(only(answered(frameOf(sent), subnet)));
}

function only(answer: Answer | undefined): Uint8Array | undefined {
  return answer?.frame instanceof Uint8Array ? answer.frame : undefined;
}

/** The option's bytes as text: `10.0.0.1`, or numbers with dots. */
const option = (found: Heard | undefined, name: keyof typeof optionCode): string | undefined =>
  found?.message.options.get(optionCode[name])?.join(".");

test("a client that looks for a server is offered the address of its port, in subnets with DHCP", () => {
  const offer = asked(message("discover"));
  expect(offer).toMatchObject({
    type: "offer",
    server: networkServer.address,
    message: { yourAddress: "10.0.0.11", transactionId: 0xdeadbeef, operation: 2 },
    datagram: {
      ...{ ethSrc: networkServer.mac, ethDst: clientMac, src: networkServer.address, dst: "10.0.0.11" },
      ...{ srcPort: 67, dstPort: 68 },
    },
  });
  expect(asked(message("discover"), { enableDhcp: false })?.message.yourAddress).toBe("10.9.0.11");
  expect(answered(frameOf(message("discover")), {}, { ...port, fixedIps: [] })).toBeUndefined();
});

test("with the address come its mask, routes, resolver, MTU, name and times, also unasked", () => {
  const offer = asked(message("discover"));
  expect(option(offer, "subnetMask")).toBe("255.255.255.0");
  expect(option(offer, "routers")).toBe("10.0.0.1");
  expect(option(offer, "domainNameServers")).toBe(networkServer.address);
  // On the link: the server; everything else by the gateway.
  expect(option(offer, "classlessStaticRoutes")).toBe("32.169.254.169.253.0.0.0.0.0.10.0.0.1");
  expect(option(offer, "interfaceMtu")).toBe([1450 >> 8, 1450 & 0xff].join("."));
  expect(option(offer, "leaseTime")).toBe("0.1.81.128");
  expect(option(offer, "renewalTime")).toBe("0.0.168.192");
  expect(option(offer, "rebindingTime")).toBe("0.1.39.80");
  expect(Buffer.from(offer?.message.options.get(optionCode.hostName) ?? []).toString()).toBe("host-10-0-0-11");
  expect(option(offer, "broadcastAddress")).toBeUndefined();
});

test("a client is told the name of its port and the domain of its network, and where names are looked up", () => {
  const known = { ...intentWith({}), networks: new Map([[uuid(1), networkOf(1, { dnsDomain: "example.org" })]]) };
  const frame = frameOf(message("discover", { parameterRequestList: [optionCode.domainSearch] }));
  const offer = heard(only(answeredTo(frame, { ...port, dnsName: "web" }, known)));
  const text = (code: number) => Buffer.from(offer?.message.options.get(code) ?? []).toString();
  expect(text(optionCode.hostName)).toBe("web");
  expect(text(optionCode.domainName)).toBe("example.org");
  expect(text(optionCode.domainSearch)).toBe("\x07example\x03org\0");
});

test("the subnet's routes come between those to the server and to the gateway, and by Microsoft's number on request", () => {
  const hostRoutes = [{ destination: "10.9.0.0/16", nextHop: "10.0.0.7" as Ip }];
  const whole = "32.169.254.169.253.0.0.0.0.16.10.9.10.0.0.7.0.10.0.0.1";
  expect(option(asked(message("discover"), { hostRoutes }), "classlessStaticRoutes")).toBe(whole);
  expect(option(asked(message("discover"), { hostRoutes }), "microsoftClasslessStaticRoutes")).toBeUndefined();
  const wish = { parameterRequestList: [optionCode.microsoftClasslessStaticRoutes] };
  expect(option(asked(message("discover", wish), { hostRoutes }), "microsoftClasslessStaticRoutes")).toBe(whole);
});

test("the default route among a subnet's routes is its gateway where it has no other", () => {
  const hostRoutes = [{ destination: "0.0.0.0/0", nextHop: "10.0.0.7" as Ip }];
  const offer = asked(message("discover"), { gatewayIp: null, hostRoutes });
  expect(option(offer, "routers")).toBe("10.0.0.7");
  expect(option(offer, "classlessStaticRoutes")).toBe("32.169.254.169.253.0.0.0.0.0.10.0.0.7");
});

test("as many routes as a subnet may have are told to a client that takes no more than it has to", () => {
  const hostRoutes = Array.from({ length: 20 }, (_, n) => ({
    destination: `10.9.0.${n}/32`,
    nextHop: "10.0.0.7" as Ip,
  }));
  const { length } = asked(message("discover"), { hostRoutes })?.message.options.get(121) ?? [];
  expect(length).toBe(9 + 20 * 9 + 5);
});

test("the resolvers that the subnet names are told as they are", () => {
  const named = { dnsNameservers: ["10.0.0.53", "2001:db8::53"] as Ip[] };
  expect(option(asked(message("discover"), named), "domainNameServers")).toBe("10.0.0.53");
});

test("what a client asks for comes first, in its order, and as much as it takes", () => {
  const list = [optionCode.broadcastAddress, optionCode.domainSearch, optionCode.subnetMask];
  const offer = asked(message("discover", { parameterRequestList: list }));
  const codes = [...(offer?.message.options.keys() ?? [])];
  expect(codes.slice(0, 8)).toEqual([53, 54, 51, 58, 59, ...list]);
  expect(option(offer, "broadcastAddress")).toBe("10.0.0.255");
});

test.each<[string, DhcpMessage, string, string]>([
  [
    "takes the offer",
    message("request", { serverIdentifier: networkServer.address, requestedAddress: "10.0.0.11" }),
    "ack",
    "10.0.0.11",
  ],
  ["remembers its address", message("request", { requestedAddress: "10.9.0.11" }), "ack", "10.9.0.11"],
  ["remembers another's address", message("request", { requestedAddress: "10.0.0.12" }), "nak", none],
  ["renews", message("request", {}, { clientAddress: "10.0.0.11" as Ipv4 }), "ack", "10.0.0.11"],
  ["renews an address that is its no more", message("request", {}, { clientAddress: "10.0.0.9" as Ipv4 }), "nak", none],
])("a client that %s is told so", (_, sent, type, address) => {
  expect(asked(sent)).toMatchObject({ type, message: { yourAddress: address } });
});

test("a client that renews hears the answer at its address, one that can't hear unicast and one that is refused by broadcast", () => {
  const clientAddress = "10.0.0.11" as Ipv4;
  const renewal = message("request", {}, { clientAddress });
  const unicast = frameOf(renewal, { src: clientAddress, dst: networkServer.address, ethDst: networkServer.mac });
  expect(heard(only(answered(unicast)))?.datagram).toMatchObject({ ethDst: clientMac, dst: clientAddress });
  const everyone = { ethDst: "ff:ff:ff:ff:ff:ff", dst: "255.255.255.255" };
  expect(asked(message("discover", {}, { isBroadcast: true }))?.datagram).toMatchObject(everyone);
  expect(asked(message("request", { requestedAddress: "10.0.0.12" }))?.datagram).toMatchObject(everyone);
});

test("a client that has its address by other means is told the rest, and no times", () => {
  const found = asked(message("inform", {}, { clientAddress: "10.9.0.11" as Ipv4 }));
  expect(found).toMatchObject({ type: "ack", message: { yourAddress: none }, datagram: { dst: "10.9.0.11" } });
  expect([option(found, "leaseTime"), option(found, "subnetMask")]).toEqual([undefined, "255.255.252.0"]);
});

test("a client that finds its address in use is heard: an event names the port and the address", () => {
  const declines = message("decline", { serverIdentifier: networkServer.address, requestedAddress: "10.0.0.11" });
  expect(answered(frameOf(declines))).toMatchObject({ event: { severity: "warning", kind: "dhcp-declined" } });
  expect(answered(frameOf(declines))?.event?.message).toContain("10.0.0.11");
  expect(answered(frameOf(message("decline", { requestedAddress: "10.0.0.12" })))).toBeUndefined();
});

test("a client's whole name is the one that it has here, in the form in which it speaks", () => {
  const name = (...flags: number[]): Uint8Array | undefined =>
    asked(message("discover", { clientFqdn: [...flags, 0, 0, 0x61] }))?.message.options.get(optionCode.clientFqdn);
  expect(Buffer.from(name(0x01)?.subarray(3) ?? []).toString()).toBe("host-10-0-0-11.loomstack.internal");
  expect([name(0x01)?.[0], name(0x00)?.[0], name(0x05)?.[0]]).toEqual([0x01, 0x03, 0x05]);
  expect([...(name(0x05)?.subarray(3, 6) ?? [])]).toEqual([14, 0x68, 0x6f]);
  expect(option(asked(message("discover", { clientFqdn: [0, 0, 0] })), "hostName")).toBeUndefined();
});

test.each<[string, Uint8Array]>([
  ["to another server", frameOf(message("request", { serverIdentifier: "10.0.0.2", requestedAddress: "10.0.0.11" }))],
  ["of a server", frameOf(message("offer", {}, { operation: 2 }))],
  ["that was relayed", frameOf(message("discover", {}, { relayAgent: "10.0.0.9" as Ipv4 }))],
  ["for another interface", frameOf(message("discover", {}, { hardwareAddress: networkServer.mac }))],
  ["that gives the address back", frameOf(message("release", { serverIdentifier: networkServer.address }))],
  ["without a type", frameOf({ ...message("discover"), options: new Map() })],
  ["that is no DHCP", frameOf(message("discover"), { data: new Uint8Array(300) })],
])("a message %s is not answered", (_, frame) => {
  expect(answered(frame)).toBeUndefined();
});

test("whatever a guest sends, an answer speaks of its port's own addresses, to its own MAC or to all, and is no longer than a network's packets", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const codes = Object.values(optionCode).filter((code) => code !== 0 && code !== 255);
  const options = fc
    .array(fc.tuple(fc.constantFrom(...codes), bytes), { maxLength: 12 })
    .map((entries) => new Map(entries));
  const type = fc.nat(9);
  const any = fc.tuple(type, options, fc.boolean()).map(([kind, given, isBroadcast]) => ({
    ...message("discover", {}, { isBroadcast }),
    options: new Map([...given, [optionCode.messageType, Uint8Array.of(kind)] as const]),
  }));
  fc.assert(
    fc.property(any, (sent) => {
      const frame = only(answered(frameOf(sent)));
      if (frame === undefined) return;
      const { datagram, message: found } = heard(frame) ?? {};
      expect([none, "10.0.0.11", "10.9.0.11"]).toContain(found?.yourAddress);
      expect([clientMac, "ff:ff:ff:ff:ff:ff"]).toContain(datagram?.ethDst);
      expect(frame.length).toBeLessThanOrEqual(14 + 1_400);
    }),
    { numRuns: 500 },
  );
});

test("no frame is more than a question that is not understood", () => {
  const whole = frameOf(message("discover", { parameterRequestList: [1, 3, 6] }));
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    if (dhcpService.isAsked(cut)) answered(cut);
  }
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const spoiled = Uint8Array.from(whole);
      for (const [at, byte] of changes) spoiled[at] = byte;
      if (dhcpService.isAsked(spoiled)) answered(spoiled);
    }),
    { numRuns: 1_000 },
  );
  expect(macToBytes(clientMac)).toEqual(whole.slice(6, 12));
});
