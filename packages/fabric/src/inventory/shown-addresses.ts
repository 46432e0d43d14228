/** What packets of guests show of who has an address. None of these throws, whatever the bytes. */
import {
  type Ip,
  type Ipv4,
  ipv4FromNumber,
  type Ipv6,
  ipv6ToBigint,
  isMulticastIpv6,
  linkLocalOf,
  type Mac,
  macFromBytes,
} from "@loomstack/core";
import { etherType, icmpv6Type } from "../packets/protocol-numbers.ts";
import { decodeIcmpv6 } from "../packets/icmpv6.ts";
import { decodeIpv6Frame, ipv6FromBytes } from "../packets/ipv6-frame.ts";

/** That a MAC address has an IP address, or asks whether it may have it. */
export interface ShownAddress {
  readonly address: Ip;
  readonly mac: Mac;
  /** Whether it asks first (duplicate address detection). */
  readonly isAsking: boolean;
}

/** The sender of an ARP packet for IPv4 over Ethernet (RFC 826); undefined for what is no address of a host. */
export function shownInArp(frame: Uint8Array): ShownAddress | undefined {
  if (frame.byteLength < 42) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isArp =
    view.getUint16(12) === etherType.arp && view.getUint32(14) === 0x0001_0800 && view.getUint16(18) === 0x0604;
  const address = ipv4FromNumber(view.getUint32(28));
  if (!isArp || !isHostIpv4(address)) return undefined;
  return { address, mac: macFromBytes(frame.subarray(22, 28)), isAsking: false };
}

/**
 * Who says in a neighbour advertisement that it has the target (RFC 4861, 4.4), or asks for it from the unspecified
 * address (RFC 4862, 5.4.2). What hosts don't believe isn't either (RFC 4861, 7.1): another hop limit than 255, or a
 * wrong checksum.
 */
export function shownInNeighbourDiscovery(frame: Uint8Array): ShownAddress | undefined {
  const packet = decodeIpv6Frame(frame);
  const message = packet && decodeIcmpv6(packet);
  if (message?.code !== 0 || packet?.hopLimit !== 255 || message.body.length < 20) return undefined;
  const address = ipv6FromBytes(message.body.subarray(4, 20));
  const isAsking = message.type === icmpv6Type.neighbourSolicitation && packet.src === "::";
  if (!isAsking && message.type !== icmpv6Type.neighbourAdvertisement) return undefined;
  return isHostIpv6(address) ? { address, mac: packet.ethSrc, isAsking } : undefined;
}

/** Not of "this network", loopback, multicast, reserved or broadcast (RFC 6890). */
export function isHostIpv4(address: Ipv4): boolean {
  const first = Number(address.split(".", 1)[0]);
  return first !== 0 && first !== 127 && first < 224;
}

/** Not unspecified, loopback, IPv4 in IPv6's form, or multicast (RFC 6890). */
function isHostIpv6(address: Ipv6): boolean {
  return ipv6ToBigint(address) >> 48n !== 0n && !isMulticastIpv6(address);
}

/** Whether nobody has to learn it: it belongs to the MAC address. */
export function isKnownWithoutLearning({ address, mac }: ShownAddress): boolean {
  return address === linkLocalOf(mac);
}
