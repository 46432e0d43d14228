import type { Ipv6, Mac } from "@loomstack/core";
import { type Action, type Match, Port, wholePacket } from "@loomstack/openflow";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import type { LocalPort, NetworkMembers, PlannedHypervisor, PlannedNetwork } from "../compile/plan.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { forward, services } from "../pipeline/tables.ts";
import { dhcpPort } from "../services/dhcpv4/dhcp-service.ts";
import { macOfMulticast } from "../packets/ipv6-frame.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";
import type { Feature } from "./feature.ts";
import { toAll, wayToLocalPort } from "./forwarding.ts";

const name = "address-learning";
const allNodes: Mac = macOfMulticast("ff02::1" as Ipv6);

/**
 * Copies for the controller of what tells it who has an address, apart from what a port itself says, which portSecurity
 * and neighbourSecurity copy. The packets go on as ever.
 */
export const addressLearning: Feature = {
  name,
  doc: "Where addresses of a port are learnt, the controller sees what others say of them, and what its guest and DHCP servers say to each other: the packets go on, and it gets copies.",
  network: (hypervisor, network, members) => [
    ...(members.localPorts.some(({ isLearner }) => isLearner === true)
      ? [objections(hypervisor, network, members)]
      : []),
    ...(members.localPorts.some(({ isLeaseLearner }) => isLeaseLearner === true)
      ? [answersToAll(hypervisor, network, members)]
      : []),
  ],
  localPort: (hypervisor, network, port) =>
    port.isLeaseLearner === true ? [question(port), answer(hypervisor, network, port)] : [],
};

/** As much of a packet as says who has an address; the packet itself goes on. @param maxLen in bytes */
export function copyToController(maxLen: number): Action {
  return { kind: "output", port: Port.controller, maxLen };
}

/** Whoever has an address that somebody asks for before it uses it tells all (RFC 4861, 7.2.4). */
function objections(hypervisor: PlannedHypervisor, network: PlannedNetwork, members: NetworkMembers): PlannedFlow {
  const { neighbourAdvertisement } = icmpv6Type;
  return copied(network, {
    match: {
      ...{ ethDst: allNodes, ethType: etherType.ipv6, ipProto: ipProto.icmpv6 },
      icmpv6Type: neighbourAdvertisement,
    },
    actions: [copyToController(copiedOfNeighbourDiscovery), ...toAll(hypervisor, network, members)],
    owner: `network ${network.id}`,
    why: "who has an address says so to all, also to a guest that asks for it before it uses it",
  });
}

/** What a guest says to DHCP servers: which answers it waits for, and what it gives back. */
function question(port: LocalPort): PlannedFlow {
  return plannedFlow({
    table: services,
    priority: priority.exact,
    match: { inPort: port.ofPort, ethSrc: port.mac, ...dhcp(dhcpPort.client, dhcpPort.server) },
    actions: [copyToController(wholePacket)],
    goto: "forward",
    feature: name,
    owner: `port ${port.id}`,
    why: "another DHCP server may give the guest an address, or have it back",
  });
}

/** No guest that is held to anything can send it: it is a DHCP server's. */
function answer(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort): PlannedFlow {
  const { actions = [], goto } = wayToLocalPort(hypervisor, network, port);
  return copied(network, {
    match: { ethDst: port.mac, ...dhcp(dhcpPort.server, dhcpPort.client) },
    actions: [copyToController(wholePacket), ...actions],
    ...(goto !== undefined && { goto }),
    owner: `port ${port.id}`,
    why: "a DHCP server's answer says which address the port has",
  });
}

function answersToAll(hypervisor: PlannedHypervisor, network: PlannedNetwork, members: NetworkMembers): PlannedFlow {
  return copied(network, {
    match: { ethDst: "ff:ff:ff:ff:ff:ff" as Mac, ...dhcp(dhcpPort.server, dhcpPort.client) },
    actions: [copyToController(wholePacket), ...toAll(hypervisor, network, members)],
    owner: `network ${network.id}`,
    why: "a DHCP server's answer to all says which address a port has",
  });
}

function dhcp(udpSrc: number, udpDst: number): Match {
  return { ethType: etherType.ipv4, ipProto: ipProto.udp, udpSrc, udpDst };
}

/** Bytes of a message with more options than hosts send. */
export const copiedOfNeighbourDiscovery = 256;

function copied(
  network: PlannedNetwork,
  draft: Pick<FlowDraft<typeof forward>, "match" | "actions" | "goto" | "owner" | "why">,
): PlannedFlow {
  const match = { [registers.network.field]: network.tunnelKey, ...draft.match };
  return plannedFlow({ table: forward, priority: priority.exception, feature: name, ...draft, match });
}
