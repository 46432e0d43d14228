import { type Ip, type Ipv4, type Ipv6, type Mac } from "@loomstack/core";
import { decode, type DecodedPacket, encode, type OptAnswer, type RecordType } from "dns-packet";
import fc from "fast-check";
import { expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, subnetOf, uuid } from "../../intent/intent-under-test.ts";
import { decodeIpv4Datagram, encodeIpv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { decodeIpv6Datagram, encodeIpv6Datagram } from "../../packets/udp-over-ipv6.ts";
import { networkServer } from "../network-server.ts";
import { type Answer, defaultGuestSettings } from "../service.ts";
import { virtualRouter } from "../virtual-router.ts";
import { dnsService } from "./dns-service.ts";
import { PortNames } from "./port-names.ts";

const settings = { underlayMtu: 1500, ...defaultGuestSettings };
const domain = settings.dnsDomain;
const addresses = (...ips: string[]) => ips.map((ipAddress) => ({ subnetId: uuid(2), ipAddress: ipAddress as Ip }));
const asker = portOf(uuid(11), uuid(1), mac(11), { fixedIps: addresses("10.0.0.11") });
const other = portOf(uuid(12), uuid(1), mac(12), { fixedIps: addresses("10.0.0.12", "2001:db8::12") });
const stranger = portOf(uuid(13), uuid(2), mac(13), { fixedIps: addresses("10.0.0.13") });
const subnets = [subnetOf(2, uuid(1), "10.0.0.0/24", { enableDhcp: true }), subnetOf(3, uuid(1), "2001:db8::/64")];
const intent = intentOf([networkOf(1), networkOf(2)], [asker, other, stranger], {
  subnets: new Map(subnets.map((one) => [one.id, one])),
  subnetsByNetwork: new Map([[uuid(1), new Set(subnets.map(({ id }) => id))]]),
});

function frameOf(data: Uint8Array, dst: Ipv4 = networkServer.address): Uint8Array {
  return encodeIpv4Datagram({
    ...{ ethSrc: asker.macAddress, ethDst: "02:4c:53:00:00:06" as Mac, src: "10.0.0.11" as Ipv4, dst },
    ...{ srcPort: 40_000, dstPort: 53, data },
  });
}

const query = (name: string, type: string): Uint8Array =>
  encode({ type: "query", id: 4_711, flags: 0x0100, questions: [{ name, type: type as RecordType, class: "IN" }] });

function answered(data: Uint8Array, known = intent): Answer | undefined {
  return dnsService.answer({ frame: frameOf(data), port: asker, intent: known, names: new PortNames(known), settings });
}

interface Response {
  readonly code: string;
  readonly data: readonly unknown[];
  readonly packet: DecodedPacket;
}

function ask(name: string, type: string, known = intent): Response | undefined {
  const { frame } = answered(query(name, type), known) ?? {};
  const datagram = frame instanceof Uint8Array ? decodeIpv4Datagram(frame) : undefined;
  if (datagram === undefined) return undefined;
  expect(datagram).toMatchObject({ src: networkServer.address, dst: "10.0.0.11", srcPort: 53, dstPort: 40_000 });
  const packet = decode(Buffer.from(datagram.data)) as DecodedPacket & { readonly rcode: string };
  return {
    code: packet.rcode,
    data: (packet.answers ?? []).flatMap((one) => ("data" in one ? [one.data] : [])),
    packet,
  };
}

test("a port's name has the port's addresses, of the version that is asked for, in whatever case", () => {
  const name = `host-10-0-0-12.${domain}`;
  expect(ask(name, "A")).toMatchObject({ code: "NOERROR", data: ["10.0.0.12"] });
  expect(ask(name.toUpperCase(), "AAAA")).toMatchObject({ code: "NOERROR", data: ["2001:db8::12"] });
  expect(ask(name, "A")?.packet).toMatchObject({ id: 4_711, flag_aa: true, flag_rd: true, flag_ra: false });
});

test("a port that has a name is known by it, in its network's domain, and by no other", () => {
  const named = { ...other, dnsName: "web" };
  const own = { ...networkOf(1), dnsDomain: "example.org" };
  const there = { ...intent, networks: new Map([[own.id, own]]), ports: new Map(intent.ports).set(named.id, named) };
  const told = (name: string, type: string) => ask(name, type, there);
  expect(told("WEB.example.org", "A")).toMatchObject({ code: "NOERROR", data: ["10.0.0.12"] });
  expect(told("web.example.org", "AAAA")).toMatchObject({ code: "NOERROR", data: ["2001:db8::12"] });
  expect(told("12.0.0.10.in-addr.arpa", "PTR")?.data).toEqual(["web.example.org"]);
  expect(told("host-10-0-0-12.example.org", "A")?.code).toBe("NXDOMAIN");
  expect(told("host-10-0-0-11.example.org", "A")?.data).toEqual(["10.0.0.11"]);
  expect(told(`web.${domain}`, "A")?.code).toBe("REFUSED");
});

test("an address of the network has the name of its port", () => {
  expect(ask("12.0.0.10.in-addr.arpa", "PTR")).toMatchObject({ code: "NOERROR", data: [`host-10-0-0-12.${domain}`] });
  const nibbles = Array.from("20010db8000000000000000000000012").toReversed().join(".");
  expect(ask(`${nibbles}.ip6.arpa`, "PTR")?.data).toEqual([`host-10-0-0-12.${domain}`]);
});

test.each([
  ["a type that the name doesn't have", `host-10-0-0-11.${domain}`, "AAAA", "NOERROR"],
  ["a name that no port of the network has", `nobody.${domain}`, "A", "NXDOMAIN"],
  ["the name of another network's port", `host-10-0-0-13.${domain}`, "A", "NXDOMAIN"],
  ["an address that no port has", "99.0.0.10.in-addr.arpa", "PTR", "NXDOMAIN"],
])("to %s there is nothing, and it is said for how long that may be kept", (_, name, type, code) => {
  const found = ask(name, type);
  expect(found).toMatchObject({ code, data: [] });
  expect(found?.packet.authorities).toMatchObject([{ type: "SOA", name: domain }]);
});

test.each([
  ["example.org", "A"],
  ["internal", "A"],
  [`evil-${domain}`, "A"],
  ["1.2.3.4.in-addr.arpa", "PTR"],
  ["host-10-0-0-12", "A"],
])("%s is not ours, which is said at once, so that a client asks its next resolver", (name, type) => {
  expect(ask(name, type)).toMatchObject({ code: "REFUSED", data: [], packet: { authorities: [] } });
});

/** A port with more addresses than an answer of 512 bytes has room for. */
const crowded = portOf(uuid(14), uuid(1), mac(14), {
  fixedIps: addresses(...Array.from({ length: 90 }, (_, index) => `10.0.0.${100 + index}`)),
});
const crowd = { ...intent, ports: new Map(intent.ports).set(crowded.id, crowded) };
const opt = (udpPayloadSize: number, more: Partial<OptAnswer> = {}): OptAnswer => ({
  ...{ name: ".", type: "OPT", udpPayloadSize, ednsVersion: 0, extendedRcode: 0 },
  ...{ flags: 0, flag_do: false, options: [], ...more },
});

/** The answer to a client that says so much of itself, and how many bytes the packet has. */
function askOfMany(...additionals: readonly OptAnswer[]) {
  const name = `host-10-0-0-100.${domain}`;
  const data = encode({ ...{ type: "query", id: 1 }, questions: [{ name, type: "A" }], additionals: [...additionals] });
  const { frame } =
    answered(data, { ...crowd, portsByNetwork: intentOf([networkOf(1)], [asker, crowded]).portsByNetwork }) ?? {};
  const datagram = frame instanceof Uint8Array ? decodeIpv4Datagram(frame) : undefined;
  if (datagram === undefined) throw new TypeError("there was no answer");
  const packet = decode(Buffer.from(datagram.data));
  return { ...packet, size: datagram.data.length, told: packet.answers?.length ?? 0, opt: packet.additionals?.[0] };
}

test("an answer that is too long for its client is cut, and says so; with EDNS a client takes more", () => {
  const sizes = [askOfMany(), askOfMany(opt(100)), askOfMany(opt(1_024)), askOfMany(opt(65_535))];
  const limits = [512, 512, 1_024, 1_232];
  const [lengthOfOne = 0] = sizes.map(({ size, told }) => Math.floor(size / (told + 1)));
  for (const [index, { size, flag_tc: isCut }] of sizes.entries()) {
    expect(isCut).toBe(true);
    expect(size).toBeLessThanOrEqual(limits[index] ?? 0);
    expect(size).toBeGreaterThan((limits[index] ?? 0) - 2 * lengthOfOne);
  }
  expect(sizes.map((one) => one.opt)).toMatchObject([undefined, {}, {}, { udpPayloadSize: 1_232 }]);
  expect(ask(`host-10-0-0-12.${domain}`, "A")?.packet).toMatchObject({ flag_tc: false });
});

test("a version of EDNS that isn't known is answered with that alone, and two records of it with an error", () => {
  expect(askOfMany(opt(1_232, { ednsVersion: 1 }))).toMatchObject({
    told: 0,
    rcode: "NOERROR",
    opt: { extendedRcode: 1 },
  });
  expect(askOfMany(opt(1_232), opt(512))).toMatchObject({ told: 0, rcode: "FORMERR", opt: undefined });
});

test("over IPv6 the network itself is asked at its link-local address, and answers from there", () => {
  const asked = {
    ...{ ethSrc: asker.macAddress, ethDst: virtualRouter.mac, hopLimit: 64, srcPort: 40_000, dstPort: 53 },
    ...{ src: "fe80::ff:fe00:b" as Ipv6, data: query(`host-10-0-0-12.${domain}`, "AAAA") },
  };
  const frame = encodeIpv6Datagram({ ...asked, dst: virtualRouter.address });
  const other = encodeIpv6Datagram({ ...asked, dst: "2001:db8::53" as Ipv6 });
  expect([frame, other].map((one) => dnsService.isAsked(one))).toEqual([true, false]);
  const { frame: told } =
    dnsService.answer({ frame, port: asker, intent, names: new PortNames(intent), settings }) ?? {};
  const datagram = told instanceof Uint8Array ? decodeIpv6Datagram(told) : undefined;
  expect(datagram).toMatchObject({
    ...{ ethSrc: virtualRouter.mac, ethDst: asker.macAddress, src: virtualRouter.address, dst: asked.src },
    ...{ srcPort: 53, dstPort: 40_000 },
  });
  expect(datagram && decode(Buffer.from(datagram.data)).answers).toMatchObject([{ data: "2001:db8::12" }]);
});

test("what is sent to another resolver is not looked at", () => {
  expect(dnsService.isAsked(frameOf(query("example.org", "A"), "10.0.0.53" as Ipv4))).toBe(false);
  expect(dnsService.isAsked(frameOf(query("example.org", "A")))).toBe(true);
});

test("a response is not answered, nor what has no question or several", () => {
  const question = { name: `host-10-0-0-12.${domain}`, type: "A" as const };
  expect(answered(encode({ type: "response", questions: [question] }))).toBeUndefined();
  expect(answered(encode({ type: "query", questions: [] }))).toBeUndefined();
  expect(answered(encode({ type: "query", questions: [question, question] }))).toBeUndefined();
});

test("no bytes are more than a question that is not understood, and no answer is longer than every client takes", () => {
  const whole = query(`host-10-0-0-12.${domain}`, "A");
  const spoiled = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 })
    .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), Uint8Array.from(whole)));
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 600 })), (data) => {
      const { frame } = answered(data) ?? {};
      if (frame instanceof Uint8Array) expect(frame.length).toBeLessThanOrEqual(14 + 20 + 8 + 512);
    }),
    { numRuns: 2_000 },
  );
  for (let length = 0; length < whole.length; length++) answered(whole.subarray(0, length));
});
