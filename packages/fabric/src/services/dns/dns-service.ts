import { effectiveMtu } from "@loomstack/model";
import { decode, type DecodedPacket, encode } from "dns-packet";
import { decodeIpv4Datagram, encodeIpv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { decodeIpv6Datagram, encodeIpv6Datagram } from "../../packets/udp-over-ipv6.ts";
import { networkServer } from "../network-server.ts";
import { domainOf } from "../port-name.ts";
import type { Answer, Question, Service } from "../service.ts";
import { virtualRouter } from "../virtual-router.ts";
import { answerDns, type Asker, type DnsAnswer, nothing } from "./answer.ts";
import { type Edns, ednsOf } from "./edns.ts";
import { responseCode } from "./response-code.ts";

/** UDP's port (RFC 1035, 4.2.1). */
export const dnsPort = 53;
/** Of IP and UDP, in bytes. */
const headersLength = { ipv4: 20 + 8, ipv6: 40 + 8 } as const;
const hopLimit = 64;
/** Bits of a response (RFC 1035, 4.1.1). */
const flag = { authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100 } as const;

/** What was asked of the network itself, and how the answer gets back. */
interface AskedOfUs {
  readonly data: Uint8Array;
  /** Of what carries an answer, in bytes. */
  readonly headersLength: number;
  readonly frameOf: (answer: Uint8Array) => Uint8Array;
}

/** DNS for the names of a network's ports, at the network's own addresses. */
export const dnsService: Service = {
  name: "DNS",
  isAsked: (frame) => askedOfUs(frame) !== undefined,
  answer,
};

function answer({ frame, port, intent, names, settings }: Question): Answer | undefined {
  const ofUs = askedOfUs(frame);
  const asked = ofUs && decoded(ofUs.data);
  const network = intent.networks.get(port.networkId);
  if (ofUs === undefined || asked === undefined || network === undefined) return undefined;
  const edns = ednsOf(asked, effectiveMtu(network, settings.underlayMtu) - ofUs.headersLength);
  const found = answerOf(asked, edns, { intent, names, port, domain: domainOf(network, settings.dnsDomain) });
  const data = found && response(asked, edns, found);
  return data && { frame: ofUs.frameOf(data), says: saysOf(asked, found) };
}

function saysOf({ questions: [asked] = [] }: DecodedPacket, { responseCode: code, answers }: DnsAnswer): string {
  const name = asked === undefined ? "it" : asked.name;
  const told = answers.flatMap((answer) => ("data" in answer && typeof answer.data === "string" ? [answer.data] : []));
  if (told.length > 0) return `says that ${name} is ${told.join(" and ")}`;
  return code === responseCode.noError
    ? `knows nothing of this kind of ${name}`
    : `${refusals[code] ?? "refuses"} ${name}`;
}

const refusals: Readonly<Record<number, string>> = {
  [responseCode.nameError]: "says that there is no",
  [responseCode.refused]: "refuses to be asked for",
};

function askedOfUs(frame: Uint8Array): AskedOfUs | undefined {
  const ipv4 = decodeIpv4Datagram(frame);
  if (ipv4?.dstPort === dnsPort && ipv4.dst === networkServer.address) {
    const back = { ethSrc: networkServer.mac, ethDst: ipv4.ethSrc, src: networkServer.address, dst: ipv4.src };
    const ports = { srcPort: dnsPort, dstPort: ipv4.srcPort };
    return {
      data: ipv4.data,
      headersLength: headersLength.ipv4,
      frameOf: (data) => encodeIpv4Datagram({ ...back, ...ports, data }),
    };
  }
  const ipv6 = decodeIpv6Datagram(frame);
  if (ipv6?.dstPort !== dnsPort || ipv6.dst !== virtualRouter.address) return undefined;
  const back = { ethSrc: virtualRouter.mac, ethDst: ipv6.ethSrc, src: virtualRouter.address, dst: ipv6.src };
  const ports = { srcPort: dnsPort, dstPort: ipv6.srcPort, hopLimit };
  return {
    data: ipv6.data,
    headersLength: headersLength.ipv6,
    frameOf: (data) => encodeIpv6Datagram({ ...back, ...ports, data }),
  };
}

function answerOf(asked: DecodedPacket, { refusal }: Edns, asker: Asker): DnsAnswer | undefined {
  const found = answerDns(asked, asker);
  return found === undefined || refusal === undefined ? found : nothing(refusal);
}

/** Undefined for what doesn't fit even without its answers. What is cut says so: there may be more than is told. */
function response(asked: DecodedPacket, { limit, records }: Edns, found: DnsAnswer): Uint8Array | undefined {
  const { responseCode: code, answers, authorities } = found;
  const told = (count: number): Uint8Array =>
    encode({
      ...{ type: "response", id: asked.id ?? 0, questions: asked.questions ?? [] },
      flags: flagsOf(asked, code) | (count < answers.length ? flag.truncated : 0),
      answers: answers.slice(0, count),
      authorities: [...authorities],
      additionals: [...records],
    });
  let count = answers.length;
  let data = told(count);
  while (data.length > limit && count > 0) data = told((count -= 1));
  return data.length > limit ? undefined : data;
}

function flagsOf({ flags = 0 }: Pick<DecodedPacket, "flags">, code: number): number {
  return flag.authoritative | (flags & flag.recursionDesired) | code;
}

/** Undefined for what is no DNS: the codec throws then. */
function decoded(data: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(data));
  } catch {
    return undefined;
  }
}
