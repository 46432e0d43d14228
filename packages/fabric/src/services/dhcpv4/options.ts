/** DHCP options as bytes (RFC 2132, 2; RFC 3396). */
import type { Ipv4, Prefix } from "@loomstack/core";
import { isIpv4 } from "@loomstack/core";
import { ipv4ToBytes } from "../../packets/ipv4-frame.ts";
import { viewOf } from "../../packets/ipv6-frame.ts";

/** IANA's registry "BOOTP Vendor Extensions and DHCP Options", as much of it as is spoken here. */
export const optionCode = {
  pad: 0,
  subnetMask: 1,
  routers: 3,
  domainNameServers: 6,
  hostName: 12,
  domainName: 15,
  interfaceMtu: 26,
  broadcastAddress: 28,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  clientIdentifier: 61,
  clientFqdn: 81,
  relayAgentInformation: 82,
  domainSearch: 119,
  classlessStaticRoutes: 121,
  /** Microsoft's own number for the same, from before there was one. */
  microsoftClasslessStaticRoutes: 249,
  end: 255,
} as const;

/** Options by code; one that came in several parts is whole (RFC 3396, 7). */
export type DhcpOptions = ReadonlyMap<number, Uint8Array>;

/** As much as one part of an option holds. */
const longestPart = 255;

/** Reads options up to their end; undefined when one says that it is longer than what there is. */
export function decodeOptions(bytes: Uint8Array, into = new Map<number, Uint8Array>()): DhcpOptions | undefined {
  let offset = 0;
  while (offset < bytes.length) {
    const code = bytes[offset] ?? optionCode.end;
    if (code === optionCode.end) break;
    offset += 1;
    if (code === optionCode.pad) continue;
    const length = bytes[offset];
    if (length === undefined || offset + 1 + length > bytes.length) return undefined;
    const data = bytes.subarray(offset + 1, offset + 1 + length);
    const before = into.get(code);
    into.set(code, before === undefined ? data : Uint8Array.from([...before, ...data]));
    offset += 1 + length;
  }
  return into;
}

/** Options in their order, and the end. One without data can't be said. */
export function encodeOptions(options: DhcpOptions): Uint8Array {
  return Uint8Array.from([...[...options].flatMap(encodeOption), optionCode.end]);
}

/** How many bytes an option takes. */
export function encodedLength(data: Uint8Array): number {
  return data.length + 2 * Math.max(1, Math.ceil(data.length / longestPart));
}

function encodeOption([code, data]: readonly [number, Uint8Array]): number[] {
  const parts = Math.max(1, Math.ceil(data.length / longestPart));
  return Array.from({ length: parts }, (_, index) => {
    const part = data.subarray(index * longestPart, (index + 1) * longestPart);
    return [code, part.length, ...part];
  }).flat();
}

export function u16Option(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

export function u32Option(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

export function addressesOption(addresses: readonly Ipv4[]): Uint8Array {
  return Uint8Array.from(addresses.flatMap((address) => [...ipv4ToBytes(address)]));
}

/** A way to a prefix. */
export interface DhcpRoute {
  readonly destination: Prefix;
  /** 0.0.0.0 where the destination is on the link itself (RFC 3442). */
  readonly nextHop: Ipv4;
}

/** Classless static routes: of each destination only the octets that count (RFC 3442). */
export function routesOption(routes: readonly DhcpRoute[]): Uint8Array {
  return Uint8Array.from(
    routes.flatMap(({ destination: { network, prefixLength }, nextHop }) => {
      if (!isIpv4(network)) return [];
      const significant = ipv4ToBytes(network).subarray(0, Math.ceil(prefixLength / 8));
      return [prefixLength, ...significant, ...ipv4ToBytes(nextHop)];
    }),
  );
}
