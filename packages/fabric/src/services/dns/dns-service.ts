import { effectiveMtu } from "@loomstack/model";
import { decode, type DecodedPacket, encode } from "dns-packet";
import { decodeIpv4Datagram, encodeIpv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { networkServer } from "../network-server.ts";
import { domainOf } from "../port-name.ts";
import type { Answer, Question, Service } from "../service.ts";
import { answerDns, type Asker, type DnsAnswer, nothing } from "./answer.ts";
import { type Edns, ednsOf } from "./edns.ts";

/** UDP's port (RFC 1035, 4.2.1). */
export const dnsPort = 53;
/** The headers of IPv4 and UDP, in bytes. */
const headersLength = 20 + 8;
/** Bits of a response (RFC 1035, 4.1.1). */
const flag = { authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100 } as const;

/** DNS for the names of a network's ports, at the network's own address. */
export const dnsService: Service = {
  name: "DNS",
  isAsked: (frame) => {
    const datagram = decodeIpv4Datagram(frame);
    return datagram?.dstPort === dnsPort && datagram.dst === networkServer.address;
  },
  answer,
};

function answer({ frame, port, intent, settings }: Question): Answer | undefined {
  const datagram = decodeIpv4Datagram(frame);
  const asked = datagram && decoded(datagram.data);
  const network = intent.networks.get(port.networkId);
  if (datagram === undefined || asked === undefined || network === undefined) return undefined;
  const edns = ednsOf(asked, effectiveMtu(network, settings.underlayMtu) - headersLength);
  const found = answerOf(asked, edns, { intent, port, domain: domainOf(network, settings.dnsDomain) });
  const data = found && response(asked, edns, found);
  if (data === undefined) return undefined;
  const { mac: ethSrc, address: src } = networkServer;
  const back = { ethDst: datagram.ethSrc, dst: datagram.src, dstPort: datagram.srcPort };
  return { frame: encodeIpv4Datagram({ ethSrc, src, srcPort: dnsPort, ...back, data }) };
}

function answerOf(asked: DecodedPacket, { refusal }: Edns, asker: Asker): DnsAnswer | undefined {
  const found = answerDns(asked, asker);
  return found === undefined || refusal === undefined ? found : nothing(refusal);
}

/** Undefined for what doesn't fit even without its answers. What is cut says so: there may be more than is told. */
function response(asked: DecodedPacket, { limit, records }: Edns, found: DnsAnswer): Uint8Array | undefined {
  const { responseCode, answers, authorities } = found;
  const told = (count: number): Uint8Array =>
    encode({
      ...{ type: "response", id: asked.id ?? 0, questions: asked.questions ?? [] },
      flags: flagsOf(asked, responseCode) | (count < answers.length ? flag.truncated : 0),
      answers: answers.slice(0, count),
      authorities: [...authorities],
      additionals: [...records],
    });
  let count = answers.length;
  let data = told(count);
  while (data.length > limit && count > 0) data = told((count -= 1));
  return data.length > limit ? undefined : data;
}

function flagsOf({ flags = 0 }: Pick<DecodedPacket, "flags">, responseCode: number): number {
  return flag.authoritative | (flags & flag.recursionDesired) | responseCode;
}

/** Undefined for what is no DNS: the codec throws then. */
function decoded(data: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(data));
  } catch {
    return undefined;
  }
}
