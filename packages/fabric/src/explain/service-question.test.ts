import type { Ip } from "@loomstack/core";
import type { Port } from "@loomstack/model";
import { expect, test } from "vitest";
import { intentOf, mac, networkOf, portOf, subnetOf, uuid } from "../intent/intent-under-test.ts";
import { answersOf } from "../services/network-answers-under-test.ts";
import { networkServer } from "../services/network-server.ts";
import type { Packet } from "./packet.ts";
import { packetOfPort } from "./packet-of-port.ts";
import { carriesNonce, tracedFrame } from "./traced-frame.ts";

const [network, port] = [uuid(1), uuid(11)];
const fixedIps = [
  { subnetId: uuid(2), ipAddress: "10.0.0.11" as Ip },
  { subnetId: uuid(3), ipAddress: "2001:db8::11" as Ip },
];
const asker = portOf(port, network, mac(1), { fixedIps });
const nameless = portOf(uuid(12), network, mac(2));
const stateful = { ipv6RaMode: "dhcpv6-stateful", ipv6AddressMode: "dhcpv6-stateful" } as const;
const intent = intentOf([networkOf(1)], [asker, nameless], {
  subnets: new Map([
    [uuid(2), subnetOf(2, network, "10.0.0.0/24", { enableDhcp: true })],
    [uuid(3), subnetOf(3, network, "2001:db8::/64", { enableDhcp: true, ...stateful })],
  ]),
});
const asked = (to: string, destinationPort: number, from: Port = asker) =>
  packetOfPort(intent, from, { from: from.id, to: to as Ip, protocol: { name: "udp", destinationPort } });
const answerTo = (frame: Uint8Array, from: Port = asker): string | undefined =>
  answersOf(intent).to({ hypervisor: "a", port: from, frame })?.says;

test.each([
  ["DHCP", "255.255.255.255", 67, /^offers 10\.0\.0\.11\/24 for 86400 s, with no gateway, resolver 169/],
  ["DHCP, of the server that gave the address", networkServer.address, 67, /^gives 10\.0\.0\.11\/24/],
  ["DNS", networkServer.address, 53, /^says that 11\.0\.0\.10\.in-addr\.arpa is host-10-0-0-11\.loomstack/],
  ["DNS over IPv6", "fe80::4c:53ff:fe00:6", 53, /^says that 1\.1\.0.*ip6\.arpa is host-10-0-0-11\.loomstack/],
  ["DHCPv6", "ff02::1:2", 547, /^offers 2001:db8::11$/],
])("a question in %s is one that the network answers, with the nonce in it, as long with any", (_, to, udp, says) => {
  const sent = asked(to, udp);
  const frames = [1, 0xf1e2d3c4].map((nonce) => ({ nonce, frame: tracedFrame(sent, nonce) }));
  for (const { nonce, frame } of frames) {
    expect(carriesNonce(frame, nonce)).toBe(true);
    expect(frame.length).toBe(14 + sent.bytes);
    expect(answerTo(frame)).toMatch(says);
  }
});

test("a guest whose address nobody knows asks DNS for what nobody is told, and is refused", () => {
  const sent = asked(networkServer.address, 53, nameless);
  expect(answerTo(tracedFrame(sent, 1), nameless)).toBe("refuses to be asked for .");
});

test("it is asked from where its client asks: from no address, or from the link-local one", () => {
  const sources = ({ packet: { ipv4Src, ipv6Src, udpSrc } }: { packet: Packet }) => [ipv4Src ?? ipv6Src, udpSrc];
  expect(sources(asked("255.255.255.255", 67))).toEqual(["0.0.0.0", 68]);
  expect(sources(asked("ff02::1:2", 547))).toEqual(["fe80::ff:fe00:1", 546]);
});

test("what is sent to somebody else's resolver means nothing: it may have any size", () => {
  expect(asked("10.0.0.53", 53).question).toBeUndefined();
});

test("a question can't have another size than its own", () => {
  const request = { from: port, to: networkServer.address, protocol: { name: "udp", destinationPort: 53 } } as const;
  expect(() => packetOfPort(intent, asker, { ...request, size: 1_000 })).toThrow(/has \d+ bytes, and not 1000/);
});
