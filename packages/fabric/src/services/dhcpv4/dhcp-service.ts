import { type Ipv4, type Mac } from "@loomstack/core";
import { decodeIpv4Datagram, encodeIpv4Datagram } from "../../packets/udp-over-ipv4.ts";
import { networkServer } from "../network-server.ts";
import type { Answer, Question, Service } from "../service.ts";
import { answerMessage } from "./answer.ts";
import { type DhcpLease, leasesOf } from "./lease.ts";
import { decodeDhcpMessage, type DhcpMessage, encodeDhcpMessage, messageType } from "./message.ts";
import { optionCode } from "./options.ts";

/** UDP ports (RFC 2131, 4.1). */
export const dhcpPort = { server: 67, client: 68 } as const;

const none = "0.0.0.0" as Ipv4;
const everyone = { mac: "ff:ff:ff:ff:ff:ff" as Mac, address: "255.255.255.255" as Ipv4 } as const;

/** DHCP for IPv4: a port is told its own addresses, and what belongs to them. */
export const dhcpService: Service = {
  name: "DHCP",
  isAsked: (frame) => decodeIpv4Datagram(frame)?.dstPort === dhcpPort.server,
  answer,
};

function answer({ frame, port, intent, settings }: Question): Answer | undefined {
  const datagram = decodeIpv4Datagram(frame);
  const message = datagram && decodeDhcpMessage(datagram.data);
  // A message that was relayed is for a server elsewhere; one for another interface is not this port's.
  if (message?.relayAgent !== none || message.hardwareAddress !== port.macAddress) return undefined;
  const leases = leasesOf(intent, port, settings);
  const [first, ...others] = leases;
  const outcome = first && answerMessage(message, [first, ...others]);
  if (outcome?.declined !== undefined) return declined(port.id, outcome.declined);
  return outcome?.reply && { frame: frameOf(outcome.reply), says: saysOf(outcome.reply, leases) };
}

function saysOf({ options, yourAddress, clientAddress }: DhcpMessage, leases: readonly DhcpLease[]): string {
  const [type] = options.get(optionCode.messageType) ?? [];
  if (type === messageType.nak) return "says that this is no address of the port";
  const lease = leases.find(({ address }) => address === yourAddress);
  if (lease === undefined) return `tells ${clientAddress} its settings, and gives no address`;
  const { address, subnet, gateway, resolvers, mtu, leaseSec } = lease;
  const way = gateway === undefined ? "no gateway" : `gateway ${gateway}`;
  const verb = type === messageType.offer ? "offers" : "gives";
  const settings = `${way}, resolver ${resolvers.join(" and ")} and MTU ${mtu}`;
  return `${verb} ${address}/${subnet.prefixLength} for ${leaseSec} s, with ${settings}`;
}

function declined(port: string, address: Ipv4): Answer {
  const message = `the guest of port ${port} doesn't take ${address}: it says that another host uses it (DHCPDECLINE)`;
  return { says: `hears that ${address} is declined`, event: { severity: "warning", kind: "dhcp-declined", message } };
}

/** Whom a reply is for (RFC 2131, 4.1). */
function frameOf(reply: DhcpMessage): Uint8Array {
  const { isBroadcast, clientAddress, yourAddress, hardwareAddress } = reply;
  const address = clientAddress === none ? yourAddress : clientAddress;
  const isForAll = isBroadcast ? clientAddress === none : address === none;
  return encodeIpv4Datagram({
    ethSrc: networkServer.mac,
    ethDst: isForAll ? everyone.mac : hardwareAddress,
    src: networkServer.address,
    dst: isForAll ? everyone.address : address,
    srcPort: dhcpPort.server,
    dstPort: dhcpPort.client,
    data: encodeDhcpMessage(reply),
  });
}
