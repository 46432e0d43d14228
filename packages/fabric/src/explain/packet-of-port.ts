/** The packet that a guest would send, as far as flows look at it. */
import {
  type Ip,
  ipToBigint,
  type Ipv4,
  type Ipv6,
  isGroupMac,
  isIpv6,
  isLinkLocalIpv6,
  linkLocalOf,
  LoomstackError,
  type Mac,
  macFromBytes,
  parsePrefix,
  prefixContains,
  solicitedNodeOf,
  type Uuid,
} from "@loomstack/core";
import type { Intent, Port, Subnet, TraceProtocol, TraceRequest } from "@loomstack/model";
import { etherType, icmpv6Type } from "../packets/protocol-numbers.ts";
import { dhcpPort } from "../services/dhcpv4/dhcp-service.ts";
import { dhcpv6Port } from "../services/dhcpv6/answer.ts";
import { addressesOf, holdersOf, holdersOfMac } from "./address-holders.ts";
import type { Packet } from "./packet.ts";
import { networkItself } from "./network-itself.ts";
import { fixedBytes, leastBytes, mostBytes, usualBytes } from "./packet-size.ts";
import { type ServiceQuestion, serviceQuestion } from "./service-question.ts";

export interface PortPacket {
  readonly packet: Packet;
  /** What it says, if it asks a service of the network. */
  readonly question: ServiceQuestion | undefined;
  /** Of the IP packet, or of ARP's. */
  readonly bytes: number;
  /** Why it is this packet, where that isn't plain. */
  readonly remark: string | undefined;
  /** The port that it is for; undefined where nobody is known to have the address, and for groups. */
  readonly goal: Uuid | undefined;
  /** Whether the one that it is for is not known. */
  readonly isForNobody: boolean;
}

type AddressedPacket = Omit<PortPacket, "bytes" | "question">;

const broadcast = "ff:ff:ff:ff:ff:ff" as Mac;
const everyone = "255.255.255.255" as Ipv4;
const ipProtos = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as const;
/** What guests choose for themselves (RFC 6335, 6). */
const ephemeralPort = 49_152;
const echoRequest = { ipv4: 8, ipv6: 128 } as const;
/** RFC 4291, 2.7.1. */
const allRouters = "ff02::2" as Ipv6;
/** RFC 4861, 4.1. */
const routerSolicitation: Packet = { icmpv6Type: icmpv6Type.routerSolicitation, ipTtl: 255 };
const routersOnly = `a router solicitation asks ${allRouters}, which are all routers, and nobody else`;

/** @throws FABRIC__PACKET_IMPOSSIBLE */
export function packetOfPort(intent: Intent, from: Port, request: TraceRequest): PortPacket {
  const addressed = addressedPacket(intent, from, request);
  const { packet } = addressed;
  const question = serviceQuestion(intent, from, packet);
  const usual = question === undefined ? usualBytes(packet) : leastBytes(packet) + question(0).length;
  const { size = usual } = request;
  if (size === usual) return { ...addressed, question, bytes: usual };
  const impossible = (reason: string): LoomstackError =>
    new LoomstackError("FABRIC__PACKET_IMPOSSIBLE", { port: from.id, reason });
  if (question !== undefined || fixedBytes(packet) !== undefined)
    throw impossible(`a question of this kind has ${usual} bytes, and not ${size}`);
  const least = leastBytes(packet);
  if (size < least || size > mostBytes) throw impossible(`it has from ${least} to ${mostBytes} bytes, and not ${size}`);
  return { ...addressed, question, bytes: size };
}

function addressedPacket(intent: Intent, from: Port, request: TraceRequest): AddressedPacket {
  const { to, protocol, sourceMac: ethSrc = from.macAddress } = request;
  const impossible = (reason: string): LoomstackError =>
    new LoomstackError("FABRIC__PACKET_IMPOSSIBLE", { port: from.id, reason });
  if (isMac(to)) {
    if (protocol.name === "arp") throw impossible("ARP asks who has an IP address, not a MAC address");
    if (protocol.name === "rs") throw impossible(routersOnly);
    return toMac(intent, from, request, to);
  }
  const source = request.sourceIp ?? sourceTo(intent, from, request, to);
  if (isIpv6(source) !== isIpv6(to)) throw impossible(`${source} and ${to} are of different versions of IP`);
  if (protocol.name === "rs" && to !== allRouters) throw impossible(routersOnly);
  const itself = networkItself(intent, from.networkId, to);
  if (itself !== undefined) {
    const packet =
      protocol.name === "arp"
        ? question(ethSrc, source, to)
        : { ethSrc, ethDst: itself.mac, ...ipPacket(source, to, protocol) };
    return { packet, remark: `${to} is ${itself.role}`, goal: undefined, isForNobody: false };
  }
  if (protocol.name === "arp") return asked(intent, from, question(ethSrc, source, to), to);
  const group = groupMac(to);
  if (group !== undefined) {
    const packet = { ethSrc, ethDst: group, ...ipPacket(source, to, protocol) };
    return { packet, remark: undefined, goal: undefined, isForNobody: false };
  }
  const hop = nextHop(intent, from, source, to);
  if (hop === undefined) throw impossible(`${to} is not on its network, whose subnets have no gateway`);
  const [via, ...rivals] = holdersOf(intent, from.networkId, hop);
  const detour = hop === to ? "" : `${to} is not on its network, and goes to the gateway ${hop}`;
  if (via === undefined || rivals.length > 0) {
    const why =
      via === undefined
        ? `no port of its network is known to have ${hop}`
        : `${hop} is allowed to ports ${[via, ...rivals].map(({ port }) => port.id).join(" and ")}, and only their guests know who has it now`;
    const remark = joined(detour, `${why}, so the guest's question who has it is traced`);
    return { ...asked(intent, from, question(ethSrc, source, hop), hop), remark };
  }
  const packet = { ethSrc, ethDst: via.mac, ...ipPacket(source, to, protocol) };
  return { packet, remark: detour === "" ? undefined : detour, goal: via.port.id, isForNobody: false };
}

/** The question who has an address. */
function asked(intent: Intent, from: Port, packet: Packet, address: Ip): AddressedPacket {
  const [holder, ...rivals] = holdersOf(intent, from.networkId, address);
  const goal = rivals.length > 0 ? undefined : holder?.port.id;
  return { packet, remark: undefined, goal, isForNobody: goal === undefined };
}

function toMac(intent: Intent, from: Port, { protocol, sourceMac, sourceIp }: TraceRequest, to: Mac): AddressedPacket {
  const holders = holdersOfMac(intent, from.networkId, to);
  const goal = holders.length === 1 ? holders[0] : undefined;
  const source = sourceIp ?? sourceOf(intent, from, addressOf(intent, goal) ?? addressOf(intent, from));
  const destination = addressOf(intent, goal, source) ?? unspecified(source);
  const packet = { ethSrc: sourceMac ?? from.macAddress, ethDst: to, ...ipPacket(source, destination, protocol) };
  return { packet, remark: undefined, goal: goal?.id, isForNobody: holders.length === 0 && !isGroupMac(to) };
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ");
}

function isMac(to: Ip | Mac): to is Mac {
  return /^([\da-f]{2}:){5}[\da-f]{2}$/.test(to);
}

/** An address of the port, of the same version as `like`. */
function addressOf(intent: Intent, port: Port | undefined, like?: Ip): Ip | undefined {
  const addresses = port === undefined ? [] : addressesOf(intent, port);
  return addresses.find((address) => like === undefined || isIpv6(address) === isIpv6(like));
}

/** What the port sends from to an address: its link-local one on the link, none in the question for one (RFC 2131, 4.1). */
function sourceTo(intent: Intent, port: Port, { protocol }: TraceRequest, to: Ip): Ip {
  if (isIpv6(to) && (isLinkLocalIpv6(to) || isLinkScopeGroup(to))) return linkLocalOf(port.macAddress);
  const isDhcp = protocol.name === "udp" && protocol.destinationPort === dhcpPort.server;
  return isDhcp && to === everyone ? unspecified(to) : sourceOf(intent, port, to);
}

/** RFC 4291, 2.7. */
function isLinkScopeGroup(address: Ipv6): boolean {
  return ipToBigint(address) >> 112n === 0xff02n;
}

/** What the port sends from to such an address. One that nobody knows is left open: 0.0.0.0, or the link-local one. */
function sourceOf(intent: Intent, port: Port, to: Ip | undefined): Ip {
  const known = addressOf(intent, port, to);
  if (known !== undefined) return known;
  return to !== undefined && isIpv6(to) ? linkLocalOf(port.macAddress) : ("0.0.0.0" as Ipv4);
}

function unspecified(like: Ip): Ip {
  return isIpv6(like) ? ("::" as Ipv6) : ("0.0.0.0" as Ipv4);
}

/** Who gets the frame: the address itself where it is on the network, else the gateway of the source's subnet. */
function nextHop(intent: Intent, from: Port, source: Ip, to: Ip): Ip | undefined {
  const subnets = [...intent.subnets.values()].filter(
    ({ networkId, cidr }) => networkId === from.networkId && cidr.includes(":") === isIpv6(to),
  );
  const has = ({ cidr }: Subnet, address: Ip): boolean => prefixContains(parsePrefix(cidr), address);
  if (subnets.length === 0 || (isIpv6(to) && isLinkLocalIpv6(to)) || subnets.some((subnet) => has(subnet, to)))
    return to;
  const own = subnets.find((subnet) => has(subnet, source)) ?? subnets[0];
  return own?.gatewayIp ?? undefined;
}

/** Who has this address? In ARP, or in neighbour discovery. */
function question(ethSrc: Mac, source: Ip, target: Ip): Packet {
  if (!isIpv6(target))
    return {
      ...{ ethSrc, ethDst: broadcast, ethType: etherType.arp, arpOp: 1 },
      ...{ arpSha: ethSrc, arpSpa: source as Ipv4, arpTpa: target },
    };
  const group = solicitedNodeOf(target);
  return {
    ...{ ethSrc, ethDst: groupMac(group) ?? broadcast, ethType: etherType.ipv6, ipProto: ipProtos.icmpv6, ipTtl: 255 },
    ...{ ipv6Src: source as Ipv6, ipv6Dst: group },
    ...{ icmpv6Type: icmpv6Type.neighbourSolicitation, ndTarget: target, ndSll: ethSrc },
  };
}

function ipPacket(source: Ip, destination: Ip, protocol: TraceProtocol): Packet {
  const addresses: Packet = isIpv6(destination)
    ? { ethType: etherType.ipv6, ipv6Src: source as Ipv6, ipv6Dst: destination }
    : { ethType: etherType.ipv4, ipv4Src: source as Ipv4, ipv4Dst: destination };
  const head: Packet = { ...addresses, ipTtl: 64 };
  switch (protocol.name) {
    case "tcp":
      return { ...head, ipProto: ipProtos.tcp, tcpSrc: ephemeralPort, tcpDst: protocol.destinationPort };
    case "udp":
      return {
        ...head,
        ipProto: ipProtos.udp,
        udpSrc: udpClient(protocol.destinationPort),
        udpDst: protocol.destinationPort,
      };
    case "rs":
      return { ...head, ipProto: ipProtos.icmpv6, ...routerSolicitation };
    default:
      return isIpv6(destination)
        ? { ...head, ipProto: ipProtos.icmpv6, icmpv6Type: echoRequest.ipv6 }
        : { ...head, ipProto: ipProtos.icmp, icmpv4Type: echoRequest.ipv4 };
  }
}

/** DHCP's clients have a port of their own (RFC 2131, 4.1; RFC 8415, 7.2). */
function udpClient(server: number): number {
  if (server === dhcpPort.server) return dhcpPort.client;
  return server === dhcpv6Port.server ? dhcpv6Port.client : ephemeralPort;
}

/** The MAC address of a multicast or broadcast address (RFC 1112, 6.4; RFC 2464, 7). */
function groupMac(address: Ip): Mac | undefined {
  const bits = ipToBigint(address);
  if (isIpv6(address)) return bits >> 120n === 0xffn ? macOf((0x3333n << 32n) | (bits & 0xffff_ffffn)) : undefined;
  if (bits === 0xffff_ffffn) return broadcast;
  return bits >> 28n === 0xen ? macOf((0x01005en << 24n) | (bits & 0x7f_ffffn)) : undefined;
}

function macOf(bits: bigint): Mac {
  return macFromBytes(Buffer.from(bits.toString(16).padStart(12, "0"), "hex"));
}
