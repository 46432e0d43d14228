import type { Uuid } from "@loomstack/core";
import { effectiveMtu, type Intent } from "@loomstack/model";
import { subnetsOf } from "../../intent/subnets-of-network.ts";
import { icmpv6Type, ipProto } from "../../packets/protocol-numbers.ts";
import { decodeIpv6Frame } from "../../packets/ipv6-frame.ts";
import { domainOf } from "../port-name.ts";
import type { Service, ServiceSettings } from "../service.ts";
import { advertisementOf } from "./advertisement-of-network.ts";
import { answerRouterSolicitation } from "./answer.ts";
import type { RouterAdvertisement } from "./router-advertisement.ts";

/** What a network advertises now; undefined when that is nothing. */
export function advertisementIn(
  intent: Intent,
  id: Uuid,
  { underlayMtu, dnsDomain }: ServiceSettings,
): RouterAdvertisement | undefined {
  const network = intent.networks.get(id);
  if (network === undefined) return undefined;
  return advertisementOf({
    mtu: effectiveMtu(network, underlayMtu),
    subnets: subnetsOf(intent, id),
    searchDomains: [domainOf(network, dnsDomain)],
  });
}

export const routerAdvertisementService: Service = {
  name: "router-advertisement",
  isAsked: (bytes) => {
    const frame = decodeIpv6Frame(bytes);
    return frame?.nextHeader === ipProto.icmpv6 && frame.payload[0] === icmpv6Type.routerSolicitation;
  },
  answer: ({ frame: bytes, port, intent, settings }) => {
    const frame = decodeIpv6Frame(bytes);
    const advertisement = advertisementIn(intent, port.networkId, settings);
    if (frame === undefined || advertisement === undefined) return undefined;
    const frames = answerRouterSolicitation(frame, advertisement);
    return frames.length === 0 ? undefined : { frame: frames, says: saysOf(advertisement) };
  },
};

function saysOf({ managed, mtu, prefixes }: RouterAdvertisement): string {
  const named = prefixes.map(({ network, prefixLength }) => `${network}/${prefixLength}`);
  const how = managed ? ", whose addresses are asked for by DHCPv6" : "";
  return `advertises ${named.length === 0 ? "no prefix" : `${named.join(" and ")}${how}`}, with MTU ${mtu}`;
}
