import type { Ipv6, Mac } from "@loomstack/core";
import { type Action, Port } from "@loomstack/openflow";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import type { NetworkMembers, PlannedHypervisor, PlannedNetwork } from "../compile/plan.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { forward } from "../pipeline/tables.ts";
import { macOfMulticast } from "../packets/ipv6-frame.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";
import type { Feature } from "./feature.ts";
import { toAll } from "./forwarding.ts";

const name = "address-learning";
const allNodes: Mac = macOfMulticast("ff02::1" as Ipv6);

/**
 * Copies for the controller of what tells it who has an address, apart from what a port itself says, which portSecurity
 * and neighbourSecurity copy. The packets go on as ever.
 */
export const addressLearning: Feature = {
  name,
  doc: "Where addresses of a port are learnt, the controller sees what others say of them: the packets go on, and it gets copies.",
  network: (hypervisor, network, members) =>
    members.localPorts.some(({ isLearner }) => isLearner === true) ? [objections(hypervisor, network, members)] : [],
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

/** Bytes of a message with more options than hosts send. */
export const copiedOfNeighbourDiscovery = 256;

function copied(
  network: PlannedNetwork,
  draft: Pick<FlowDraft<typeof forward>, "match" | "actions" | "goto" | "owner" | "why">,
): PlannedFlow {
  const match = { [registers.network.field]: network.tunnelKey, ...draft.match };
  return plannedFlow({ table: forward, priority: priority.exception, feature: name, ...draft, match });
}
