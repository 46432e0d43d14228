/** What a client is told besides its address: as much of it as fits, what it asks for first. */
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, isIpv4, type Prefix, prefixMask } from "@loomstack/core";
import { encodeDomainName } from "../../packets/domain-name.ts";
import { viewOf } from "../../packets/ipv6-frame.ts";
import type { DhcpLease } from "./lease.ts";
import { roomForOptions } from "./message.ts";
import { addressesOption, type DhcpOptions, encodedLength, optionCode, routesOption, u16Option } from "./options.ts";

/** What a client takes that doesn't say how much (RFC 2131, 2), in bytes of a UDP datagram's IP packet. */
const leastMessageLength = 576;
const ipAndUdpLength = 28;

/** What every client gets, also one that doesn't ask: without it the address is of little use. */
const essential: readonly number[] = [
  optionCode.subnetMask,
  optionCode.routers,
  optionCode.domainNameServers,
  optionCode.classlessStaticRoutes,
  optionCode.interfaceMtu,
  optionCode.hostName,
  optionCode.domainName,
];

/** Bits of the client's name (RFC 4702, 2.1). */
const fqdnFlag = { serverUpdates: 0x01, override: 0x02, encoded: 0x04 } as const;
/** What the two bytes of return codes have to be (RFC 4702, 2.2). */
const noReturnCode = 255;

/**
 * The options that tell `lease`, those of `asked` parameters first and in the client's order (RFC 2131, 4.3.1), after
 * those that are `fixed`.
 */
export function settingsFor(asked: DhcpOptions, lease: DhcpLease, fixed: DhcpOptions): DhcpOptions {
  const all = settingsOf(asked, lease);
  const wanted = new Set([...(asked.get(optionCode.parameterRequestList) ?? []), ...essential]);
  if (asked.has(optionCode.clientFqdn)) {
    // Who speaks of its whole name isn't told a part of it (RFC 4702, 3.1).
    wanted.delete(optionCode.hostName);
    wanted.add(optionCode.clientFqdn);
  }
  const told = new Map(fixed);
  // The end of the options takes a byte as well.
  let room = roomFor(asked) - 1;
  for (const data of fixed.values()) room -= encodedLength(data);
  for (const code of wanted) {
    const data = all.get(code);
    if (data === undefined || data.length === 0 || told.has(code) || encodedLength(data) > room) continue;
    room -= encodedLength(data);
    told.set(code, data);
  }
  return told;
}

function roomFor(asked: DhcpOptions): number {
  const said = asked.get(optionCode.maximumMessageSize);
  const length = said?.length === 2 ? viewOf(said).getUint16(0) : leastMessageLength;
  // No more than fits into any network's packets.
  return roomForOptions(Math.min(Math.max(length, leastMessageLength), 1_400) - ipAndUdpLength);
}

function settingsOf(asked: DhcpOptions, lease: DhcpLease): DhcpOptions {
  const { subnet, gateway, resolvers, routes, mtu, hostName, domainName } = lease;
  const search = encodeDomainName(domainName);
  const fqdn = fqdnOption(asked.get(optionCode.clientFqdn), `${hostName}.${domainName}`);
  return new Map([
    [optionCode.subnetMask, addressesOption([maskOf(subnet)])],
    [optionCode.routers, addressesOption(gateway === undefined ? [] : [gateway])],
    [optionCode.domainNameServers, addressesOption(resolvers)],
    [optionCode.hostName, Buffer.from(hostName)],
    [optionCode.domainName, Buffer.from(domainName)],
    [optionCode.interfaceMtu, u16Option(mtu)],
    [optionCode.broadcastAddress, addressesOption([broadcastOf(subnet)])],
    [optionCode.classlessStaticRoutes, routesOption(routes)],
    [optionCode.microsoftClasslessStaticRoutes, routesOption(routes)],
    ...(search === undefined ? [] : [[optionCode.domainSearch, search] as const]),
    ...(fqdn === undefined ? [] : [[optionCode.clientFqdn, fqdn] as const]),
  ]);
}

/** The name is ours to give and to answer, whatever the client would like (RFC 4702, 4). */
function fqdnOption(asked: Uint8Array | undefined, name: string): Uint8Array | undefined {
  if (asked === undefined) return undefined;
  const [wish = 0] = asked;
  const isEncoded = (wish & fqdnFlag.encoded) !== 0;
  const text = isEncoded ? encodeDomainName(name) : Buffer.from(name);
  const override = (wish & fqdnFlag.serverUpdates) === 0 ? fqdnFlag.override : 0;
  const flags = fqdnFlag.serverUpdates | override | (isEncoded ? fqdnFlag.encoded : 0);
  return text && Uint8Array.from([flags, noReturnCode, noReturnCode, ...text]);
}

function maskOf(subnet: Prefix): Ipv4 {
  const mask = prefixMask(subnet);
  return isIpv4(mask) ? mask : ("255.255.255.255" as Ipv4);
}

function broadcastOf(subnet: Prefix): Ipv4 {
  const [network, mask] = [isIpv4(subnet.network) ? ipv4ToNumber(subnet.network) : 0, ipv4ToNumber(maskOf(subnet))];
  return ipv4FromNumber((network | ~mask) >>> 0);
}
