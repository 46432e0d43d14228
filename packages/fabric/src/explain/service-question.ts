/** What a client says to the network itself when it asks for an address, settings or a name: UDP's data. */
import { type Ip, type Ipv4, isIpv6, type Mac, macToBytes } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import { encode } from "dns-packet";
import { dhcpPort } from "../services/dhcpv4/dhcp-service.ts";
import { encodeDhcpMessage, messageType as dhcpType, operation } from "../services/dhcpv4/message.ts";
import { optionCode as dhcpOption } from "../services/dhcpv4/options.ts";
import { dhcpv6Port } from "../services/dhcpv6/answer.ts";
import { encodeIaNa } from "../services/dhcpv6/identity-association.ts";
import { encodeMessage, messageType as dhcpv6Type } from "../services/dhcpv6/message.ts";
import { optionCode as dhcpv6Option } from "../services/dhcpv6/options.ts";
import { dnsPort } from "../services/dns/dns-service.ts";
import { reverseNameOf } from "../services/dns/reverse-name.ts";
import { allDhcpRelayAgentsAndServers } from "../services/ipv6-multicast.ts";
import { addressesOf } from "./address-holders.ts";
import { networkItself } from "./network-itself.ts";
import type { Packet } from "./packet.ts";
import type { Nonce } from "./traced-frame.ts";

/** What is asked, with a nonce in it that tells it from other questions; it has the same length with any. */
export type ServiceQuestion = (nonce: Nonce) => Uint8Array;

const unspecified = "0.0.0.0" as Ipv4;
/** DUID-LL, and Ethernet (RFC 8415, 11.4). */
const linkLayerDuid = [0, 3, 0, 1] as const;
/** The option of EDNS that means nothing (RFC 7830, 3). */
const padding = 12;

/** Undefined for a packet that is no question to a service. */
export function serviceQuestion(intent: Intent, from: Port, packet: Packet): ServiceQuestion | undefined {
  const { ethSrc, ipv4Src, ipv4Dst, ipv6Dst, udpSrc, udpDst } = packet;
  if (ethSrc === undefined || udpDst === undefined) return undefined;
  if (ipv4Dst !== undefined && udpSrc === dhcpPort.client && udpDst === dhcpPort.server)
    return (nonce) => dhcpQuestion(ethSrc, ipv4Src ?? unspecified, nonce);
  if (ipv6Dst === allDhcpRelayAgentsAndServers && udpDst === dhcpv6Port.server)
    return (nonce) => solicit(ethSrc, nonce);
  const resolver: Ip | undefined = ipv4Dst ?? ipv6Dst;
  if (udpDst !== dnsPort || resolver === undefined || networkItself(intent, from.networkId, resolver) === undefined)
    return undefined;
  const addresses = addressesOf(intent, from);
  const address = addresses.find((one) => isIpv6(one) === isIpv6(resolver)) ?? addresses[0];
  const name = address === undefined ? "." : reverseNameOf(address);
  return (nonce) => query(name, nonce);
}

/** Who has no address yet discovers servers, and who has one renews it (RFC 2131, 4.4.1 and 4.4.5). */
function dhcpQuestion(hardwareAddress: Mac, clientAddress: Ipv4, nonce: Nonce): Uint8Array {
  const type = clientAddress === unspecified ? dhcpType.discover : dhcpType.request;
  const { subnetMask, routers, domainNameServers, interfaceMtu, classlessStaticRoutes } = dhcpOption;
  return encodeDhcpMessage({
    ...{ operation: operation.request, hops: 0, transactionId: nonce, seconds: 0, isBroadcast: false },
    ...{ clientAddress, yourAddress: unspecified, nextServer: unspecified, relayAgent: unspecified, hardwareAddress },
    options: new Map([
      [dhcpOption.messageType, Uint8Array.of(type)],
      [
        dhcpOption.parameterRequestList,
        Uint8Array.of(subnetMask, classlessStaticRoutes, routers, domainNameServers, interfaceMtu),
      ],
    ]),
  });
}

/** A Solicit message (RFC 8415, 18.2.1); the nonce is the identity association's number. */
function solicit(mac: Mac, nonce: Nonce): Uint8Array {
  return encodeMessage({
    type: dhcpv6Type.solicit,
    transactionId: nonce & 0xff_ffff,
    options: [
      { code: dhcpv6Option.clientId, data: Uint8Array.of(...linkLayerDuid, ...macToBytes(mac)) },
      encodeIaNa({ iaid: nonce, t1Sec: 0, t2Sec: 0, addresses: [] }),
    ],
  });
}

/** Which name the asker's own address has (RFC 1035, 3.5): the network knows that without being told a domain. */
function query(name: string, nonce: Nonce): Uint8Array {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(nonce);
  return encode({
    ...{ type: "query", id: nonce & 0xffff },
    questions: [{ name, type: "PTR", class: "IN" }],
    additionals: [
      {
        ...{ name: ".", type: "OPT", udpPayloadSize: 1_232, ednsVersion: 0, extendedRcode: 0, flags: 0 },
        ...{ flag_do: false, options: [{ code: padding, data }] },
      },
    ],
  });
}
