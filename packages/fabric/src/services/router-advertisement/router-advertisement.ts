/**
 * A router advertisement (RFC 4861, 4.2) of a router that is nobody's default router: it says how to get addresses and
 * what the link is like.
 */
import { type Ipv6, type Mac, macToBytes } from "@loomstack/core";
import { icmpv6Type } from "../../packets/protocol-numbers.ts";
import { encodeDomainName } from "../../packets/domain-name.ts";
import { encodeIcmpv6Frame } from "../../packets/icmpv6.ts";
import { ipv6ToBytes, viewOf } from "../../packets/ipv6-frame.ts";
import { encodeNdOption, ndOptionType } from "./nd-options.ts";
import { neighbourHopLimit } from "./router-solicitation.ts";

/** A prefix of the link. Both lifetimes are 0 for one that it has no more. */
export interface AdvertisedPrefix {
  readonly network: Ipv6;
  readonly prefixLength: number;
  /** Whether guests make an address of it and their MAC address (the flag A). */
  readonly autonomous: boolean;
  readonly validSec: number;
  readonly preferredSec: number;
}

/** Resolvers, or domains to look names up in; with a lifetime of 0 they are no more. */
export interface Advertised<Value> {
  readonly values: readonly Value[];
  readonly lifetimeSec: number;
}

export interface RouterAdvertisement {
  /** Addresses come by DHCPv6 (the flag M). */
  readonly managed: boolean;
  /** Other settings come by DHCPv6 (the flag O). */
  readonly other: boolean;
  /** Bytes of the largest packet. */
  readonly mtu: number;
  readonly prefixes: readonly AdvertisedPrefix[];
  readonly nameservers: readonly Advertised<Ipv6>[];
  readonly searchDomains: readonly Advertised<string>[];
}

export interface AdvertisementEnds {
  readonly router: { readonly mac: Mac; readonly address: Ipv6 };
  readonly to: { readonly mac: Mac; readonly address: Ipv6 };
}

const currentHopLimit = 64;
const flag = { managed: 0x80, other: 0x40, onLink: 0x80, autonomous: 0x40 } as const;
const headerLength = 12;
/** What any IPv6 link carries in one packet, less the headers of IPv6 and ICMPv6 (RFC 8200, 5), in bytes. */
const mostBody = 1280 - 40 - 4;

/** The frames of an advertisement: several where its options don't fit in one (RFC 4861, 6.2.3). */
export function encodeRouterAdvertisement(
  advertisement: RouterAdvertisement,
  { router, to }: AdvertisementEnds,
): Uint8Array[] {
  const always = [linkLayerAddress(router.mac), mtu(advertisement.mtu)];
  const header = encodeHeader(advertisement);
  const packet = {
    ethSrc: router.mac,
    ethDst: to.mac,
    src: router.address,
    dst: to.address,
    hopLimit: neighbourHopLimit,
  };
  return packed(optionsOf(advertisement), mostBody - lengthOf([header, ...always])).map((options) =>
    encodeIcmpv6Frame(packet, {
      type: icmpv6Type.routerAdvertisement,
      code: 0,
      body: Uint8Array.from(Buffer.concat([header, ...always, ...options])),
    }),
  );
}

/** Without a router lifetime, a reachable time or a retransmission timer: 0 says nothing of the latter two. */
function encodeHeader({ managed, other }: RouterAdvertisement): Uint8Array {
  const header = new Uint8Array(headerLength);
  header[0] = currentHopLimit;
  header[1] = (managed ? flag.managed : 0) | (other ? flag.other : 0);
  return header;
}

function optionsOf({ prefixes, nameservers, searchDomains }: RouterAdvertisement): Uint8Array[] {
  return [
    ...prefixes.map(prefixInformation),
    ...nameservers.map(({ values, lifetimeSec }) =>
      withLifetime(ndOptionType.recursiveDnsServer, lifetimeSec, values.map(ipv6ToBytes)),
    ),
    ...searchDomains.map(({ values, lifetimeSec }) =>
      withLifetime(
        ndOptionType.dnsSearchList,
        lifetimeSec,
        values.flatMap((name) => encodeDomainName(name) ?? []),
      ),
    ),
  ];
}

function linkLayerAddress(mac: Mac): Uint8Array {
  return encodeNdOption({ type: ndOptionType.sourceLinkLayerAddress, body: macToBytes(mac) });
}

function mtu(size: number): Uint8Array {
  const body = new Uint8Array(6);
  viewOf(body).setUint32(2, size);
  return encodeNdOption({ type: ndOptionType.mtu, body });
}

/** @see RFC 4861, 4.6.2 */
function prefixInformation(prefix: AdvertisedPrefix): Uint8Array {
  const body = new Uint8Array(30);
  const view = viewOf(body);
  view.setUint8(0, prefix.prefixLength);
  view.setUint8(1, flag.onLink | (prefix.autonomous ? flag.autonomous : 0));
  view.setUint32(2, prefix.validSec);
  view.setUint32(6, prefix.preferredSec);
  body.set(ipv6ToBytes(prefix.network), 14);
  return encodeNdOption({ type: ndOptionType.prefixInformation, body });
}

/** @see RFC 8106, 5.1 and 5.2 */
function withLifetime(type: number, lifetimeSec: number, values: readonly Uint8Array[]): Uint8Array {
  const start = new Uint8Array(6);
  viewOf(start).setUint32(2, lifetimeSec);
  return encodeNdOption({ type, body: Uint8Array.from(Buffer.concat([start, ...values])) });
}

/** The options in groups of at most `most` bytes, in their order; one group at least. */
function packed(options: readonly Uint8Array[], most: number): Uint8Array[][] {
  let group: Uint8Array[] = [];
  const groups = [group];
  for (const option of options) {
    if (group.length > 0 && lengthOf(group) + option.length > most) groups.push((group = []));
    group.push(option);
  }
  return groups;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
