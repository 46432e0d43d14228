import type { Network, Port } from "@loomstack/model";
import { subnetsOf } from "../../intent/subnets-of-network.ts";
import { decodeIpv6Frame } from "../../packets/ipv6-frame.ts";
import { decodeUdp } from "../../packets/udp.ts";
import { domainOf, hostNameOf } from "../port-name.ts";
import type { Service, ServiceSettings } from "../service.ts";
import { answerDhcpv6, dhcpv6Port, dhcpv6Question } from "./answer.ts";
import type { Dhcpv6Lease } from "./lease.ts";
import { leaseOf } from "./lease-of-port.ts";
import { type Dhcpv6Message, messageType } from "./message.ts";

export const dhcpv6Service: Service = {
  name: "dhcpv6",
  isAsked: (bytes) => {
    const frame = decodeIpv6Frame(bytes);
    return frame !== undefined && decodeUdp(frame.nextHeader, frame.payload)?.dstPort === dhcpv6Port.server;
  },
  answer: ({ frame: bytes, port, intent, settings }) => {
    const frame = decodeIpv6Frame(bytes);
    const question = frame && dhcpv6Question(frame);
    const lease = leaseOf(
      port,
      subnetsOf(intent, port.networkId),
      settingsOf(intent.networks.get(port.networkId), port, settings),
    );
    if (frame === undefined || question === undefined || lease === undefined) return undefined;
    const answer = answerDhcpv6(frame, question, lease);
    if (answer === undefined) return undefined;
    const told = { frame: answer, says: saysOf(question, lease) };
    return question.type === messageType.decline ? { ...told, event: declined(port.id) } : told;
  },
};

function saysOf({ type }: Dhcpv6Message, { addresses }: Dhcpv6Lease): string {
  const given = addresses.length === 0 ? "settings, and no address" : addresses.join(" and ");
  switch (type) {
    case messageType.solicit:
      return `offers ${given}`;
    case messageType.request:
    case messageType.renew:
    case messageType.rebind:
      return `gives ${given}`;
    case messageType.informationRequest:
      return "tells settings";
    default:
      return "acknowledges it";
  }
}

function settingsOf(network: Network | undefined, port: Port, { leaseSec, dnsDomain }: ServiceSettings) {
  const name = hostNameOf(port);
  const domain = domainOf(network, dnsDomain);
  return { leaseSec, searchDomains: [domain], hostName: name && `${name}.${domain}` };
}

function declined(port: string): { severity: "warning"; kind: string; message: string } {
  const message = `the guest of port ${port} declined its IPv6 address: somebody else on the network uses it`;
  return { severity: "warning", kind: "dhcpv6-declined", message };
}
