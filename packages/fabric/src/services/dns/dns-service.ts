import { decode, type DecodedPacket, encode } from "dns-packet";
import { decodeIpv4Datagram, encodeIpv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { networkServer } from "../network-server.ts";
import { domainOf } from "../port-name.ts";
import type { Answer, Question, Service } from "../service.ts";
import { answerDns } from "./answer.ts";

/** UDP's port (RFC 1035, 4.2.1). */
export const dnsPort = 53;
/** As much as every client takes over UDP (RFC 1035, 4.2.1), in bytes. */
const longestMessage = 512;
/** Bits of a response (RFC 1035, 4.1.1). */
const flag = { authoritative: 0x0400, recursionDesired: 0x0100 } as const;

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
  const found =
    asked &&
    answerDns(asked, { intent, port, domain: domainOf(intent.networks.get(port.networkId), settings.dnsDomain) });
  if (datagram === undefined || asked === undefined || found === undefined) return undefined;
  const { responseCode, answers, authorities } = found;
  const wish = (asked.flags ?? 0) & flag.recursionDesired;
  const flags = flag.authoritative | wish | responseCode;
  const response = { type: "response", id: asked.id ?? 0, flags, questions: asked.questions ?? [] } as const;
  const fits = (count: number): Uint8Array =>
    encode({ ...response, answers: answers.slice(0, count), authorities: [...authorities] });
  let count = answers.length;
  let data = fits(count);
  while (data.length > longestMessage && count > 0) data = fits((count -= 1));
  if (data.length > longestMessage) return undefined;
  return {
    frame: encodeIpv4Datagram({
      ethSrc: networkServer.mac,
      ethDst: datagram.ethSrc,
      src: networkServer.address,
      dst: datagram.src,
      srcPort: dnsPort,
      dstPort: datagram.srcPort,
      data,
    }),
  };
}

/** Undefined for what is no DNS: the codec throws then. */
function decoded(data: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(data));
  } catch {
    return undefined;
  }
}
