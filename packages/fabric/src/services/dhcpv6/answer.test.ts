import type { Ipv6 } from "@loomstack/core";
import { expect, test } from "vitest";
import { decodeIpv6Frame, upperLayerChecksum } from "../../packets/ipv6-frame.ts";
import { decodeUdp } from "../../packets/udp.ts";
import { virtualRouter } from "../virtual-router.ts";
import { answerMessage } from "./answer-message.ts";
import { answerDhcpv6, dhcpv6Question } from "./answer.ts";
import {
  addressesOf,
  carriedStatus,
  clientId,
  frameOf,
  iaNa,
  lease,
  message,
  optionRequest,
  serverId,
  told,
} from "./dhcpv6-under-test.ts";
import { decodeMessage, messageType } from "./message.ts";
import { findOption, optionCode } from "./options.ts";
import { serverIdOf } from "./server-id.ts";

const { solicit, advertise, request, confirm, renew, rebind, reply, release, decline, informationRequest } =
  messageType;
const mine = "ia 1 43200 69120: 2001:db8::b 86400 86400";
const rapidCommit = { code: optionCode.rapidCommit, data: new Uint8Array() };

test("a client that solicits is offered the port's address, and gets it when it requests it", () => {
  const offer = answerMessage(message(solicit, clientId, iaNa(1)), lease);
  expect(offer).toMatchObject({ type: advertise, transactionId: 0xabcdef });
  expect(told(offer)).toEqual(["client", "server", mine]);
  const given = answerMessage(message(request, clientId, serverId, iaNa(1, "2001:db8::b")), lease);
  expect(given?.type).toBe(reply);
  expect(told(given)).toEqual(["client", "server", mine]);
});

test("rapid commit gives the address at once", () => {
  const given = answerMessage(message(solicit, clientId, rapidCommit, iaNa(1)), lease);
  expect(given?.type).toBe(reply);
  expect(told(given)).toEqual(["client", "server", "option 14: ", mine]);
});

test("no other address than the port's is given, whatever is asked for", () => {
  expect(told(answerMessage(message(request, clientId, serverId, iaNa(1, "2001:db8::c")), lease))).toContain(mine);
  const two = told(answerMessage(message(solicit, clientId, iaNa(1), iaNa(2)), lease));
  expect(two).toEqual(["client", "server", mine, "ia 2 0 0: status 2"]);
  const none = answerMessage(message(solicit, clientId, iaNa(1)), { ...lease, addresses: [] });
  expect(told(none)).toEqual(["client", "server", "ia 1 0 0: status 2"]);
});

test("temporary addresses and prefixes aren't to be had", () => {
  const wanted = [
    { code: optionCode.iaTa, data: Uint8Array.of(0, 0, 0, 7) },
    { code: optionCode.iaPd, data: Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0) },
  ];
  const answer = answerMessage(message(solicit, clientId, ...wanted), lease);
  const [ta, pd] = [optionCode.iaTa, optionCode.iaPd].map((code) => findOption(answer?.options ?? [], code));
  expect([ta?.data[3], ta && carriedStatus(ta, 4)]).toEqual([7, "2"]);
  expect([pd?.data[3], pd && carriedStatus(pd, 12)]).toEqual([8, "6"]);
});

test.each([renew, rebind])("lifetimes are extended, and what is the port's no more goes at once (%d)", (type) => {
  const ids = type === renew ? [clientId, serverId] : [clientId];
  const ask = (...addresses: string[]) =>
    told(answerMessage(message(type, ...ids, iaNa(1, ...addresses)), lease)).at(-1);
  expect(ask("2001:db8::b")).toBe(mine);
  expect(ask("2001:db8::c")).toBe(`${mine}, 2001:db8::c 0 0`);
  const nothing = answerMessage(message(type, ...ids, iaNa(1)), { ...lease, addresses: [] });
  expect(told(nothing).at(-1)).toBe("ia 1 0 0: status 3");
});

test("a client that comes back is told whether its addresses are still its own", () => {
  const ask = (...addresses: string[]) => answerMessage(message(confirm, clientId, iaNa(1, ...addresses)), lease);
  expect(told(ask("2001:db8::b"))).toEqual(["client", "server", "status 0"]);
  expect(told(ask("2001:db8::b", "2001:db8::c"))).toEqual(["client", "server", "status 4"]);
  expect(ask()).toBeUndefined();
});

test.each([release, decline])("what a client gives up is acknowledged, and stays the port's (%d)", (type) => {
  const ask = (address: string) => told(answerMessage(message(type, clientId, serverId, iaNa(1, address)), lease));
  expect(ask("2001:db8::b")).toEqual(["client", "server", "status 0"]);
  expect(ask("2001:db8::c")).toEqual(["client", "server", "status 0", "ia 1 0 0: status 3"]);
});

test("a client without need of an address hears the settings that it names", () => {
  const wanted = optionRequest(optionCode.dnsServers, optionCode.domainList, optionCode.informationRefreshTime);
  const answer = answerMessage(message(informationRequest, wanted), lease);
  expect(answer?.type).toBe(reply);
  expect(addressesOf(findOption(answer?.options ?? [], optionCode.dnsServers)?.data ?? new Uint8Array())).toEqual([
    "2001:db8::53",
  ]);
  expect(told(answer).slice(2)).toEqual(["option 24: 076578616d706c65036f726700", "option 32: 00015180"]);
  expect(told(answerMessage(message(informationRequest, clientId), lease))).toEqual(["client", "server"]);
  expect(answerMessage(message(informationRequest, clientId, iaNa(1)), lease)).toBeUndefined();
});

test("a client that tells its name hears the port's", () => {
  const name = (flags: number) => ({ code: optionCode.clientFqdn, data: Uint8Array.of(flags, 1, 0x78) });
  const told39 = (flags: number, known = lease) =>
    findOption(answerMessage(message(solicit, clientId, name(flags)), known)?.options ?? [], optionCode.clientFqdn)
      ?.data;
  const wire = Buffer.from("03776562076578616d706c65036f726700", "hex");
  expect(told39(1)).toEqual(Uint8Array.of(1, ...wire));
  expect(told39(0)).toEqual(Uint8Array.of(3, ...wire));
  expect(told39(1, { ...lease, hostName: undefined })).toBeUndefined();
});

const other = { ...serverId, data: Uint8Array.of(0, 4, 9) };
test.each([
  ["a solicitation without a client", message(solicit, iaNa(1))],
  ["a solicitation that names a server", message(solicit, clientId, serverId)],
  ["a request without a server", message(request, clientId, iaNa(1))],
  ["a request to another server", message(request, clientId, other, iaNa(1))],
  ["a renewal to another server", message(renew, clientId, other, iaNa(1))],
  ["a rebinding that names a server", message(rebind, clientId, serverId, iaNa(1))],
  ["a confirmation that names a server", message(confirm, clientId, serverId, iaNa(1, "2001:db8::b"))],
  ["a release without a server", message(release, clientId, iaNa(1))],
  ["a client with an endless name", message(solicit, { ...clientId, data: new Uint8Array(131) }, iaNa(1))],
  ["a request for information of another server", message(informationRequest, other)],
  ["a server's message", message(advertise, clientId, serverId)],
  ["a message of a kind that there isn't", message(99, clientId, serverId)],
])("%s isn't answered", (_, asked) => {
  expect(answerMessage(asked, lease)).toBeUndefined();
});

test("the answer goes to the client's port and its link-local address", () => {
  const frame = frameOf(message(solicit, clientId, iaNa(1)));
  const question = dhcpv6Question(frame);
  const bytes = question && answerDhcpv6(frame, question, lease);
  const answer = bytes && decodeIpv6Frame(bytes);
  const ends = { ethSrc: virtualRouter.mac, ethDst: frame.ethSrc, src: virtualRouter.address, dst: frame.src };
  expect(answer).toMatchObject(ends);
  expect(answer && upperLayerChecksum(answer)).toBe(0);
  const datagram = answer && decodeUdp(answer.nextHeader, answer.payload);
  expect(datagram).toMatchObject({ srcPort: 547, dstPort: 546 });
  expect(told(datagram && decodeMessage(datagram.data))).toContain(mine);
});

test.each([
  ["to one server", { dst: virtualRouter.address }],
  ["from a global address, as relay agents do", { src: "2001:db8::9" as Ipv6 }],
  ["from no address", { src: "::" as Ipv6 }],
])("a message %s is no question", (_, change) => {
  expect(dhcpv6Question(frameOf(message(solicit, clientId, iaNa(1)), change))).toBeUndefined();
});

test("a network's server has an identifier of its own", () => {
  const id = serverIdOf("00000000-0000-4000-8000-0000000000ff" as Parameters<typeof serverIdOf>[0]);
  expect(Buffer.from(id).toString("hex")).toBe("000400000000000040008000" + "0000000000ff");
});
