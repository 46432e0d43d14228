import { type Ipv6, isIpv6, isSingleAddress, type Mac } from "@loomstack/core";
import { type Action, type Match, Port } from "@loomstack/openflow";
import type { PlannedHypervisor, PlannedNetwork, PlannedPort } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { ndAdvertisement, ndResponder as table } from "../pipeline/tables.ts";
import { virtualRouter } from "../services/virtual-router.ts";
import type { Feature } from "./feature.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";

const name = "nd-responder";
const solicitation = {
  ethType: etherType.ipv6,
  ipProto: ipProto.icmpv6,
  icmpv6Type: icmpv6Type.neighbourSolicitation,
} as const satisfies Match;
const advertisement = { ...solicitation, icmpv6Type: icmpv6Type.neighbourAdvertisement } as const satisfies Match;
/** Bits S and O of an advertisement: it is solicited, and overrides what the asker knew (RFC 4861, 4.4). */
const solicitedOverride = 0x6000_0000;
/** The option with the target's link-layer address (RFC 4861, 4.6.1). */
const targetLinkLayerAddress = 2;
const ipv6 = { start: 0, bits: 128 };
const mac = { start: 0, bits: 48 };

export const ndResponder: Feature = {
  name,
  doc: "Neighbour solicitations for the addresses of a network are answered on the hypervisor where they are asked; duplicate address detection is heard by the whole network.",
  hypervisor: (hypervisor) => [
    shared({}, priority.miss, "not a question that we can answer", "services"),
    shared(
      { ...solicitation, ipv6Src: "::" as Ipv6 },
      priority.exception,
      "duplicate address detection: who has the address says so itself",
    ),
    shared(
      { ...solicitation, ndSll: "00:00:00:00:00:00" as Mac },
      priority.exception,
      "a solicitation without an option has no room for the answer's",
    ),
    ...(isAnsweredHere(hypervisor) ? [secondHalf()] : []),
  ],
  network: (hypervisor, network, { services }) =>
    (services.routerAdvertisements || services.dhcpv6) && isAnsweredHere(hypervisor)
      ? [answered(network, { owner: `network ${network.id}`, mac: virtualRouter.mac }, virtualRouter.address)]
      : [],
  localPort: answers,
  remotePort: answers,
};

function isAnsweredHere({ advertisesNeighbours = true }: PlannedHypervisor): boolean {
  return advertisesNeighbours;
}

function shared(match: Match, level: number, why: string, goto: "services" | "forward" = "forward"): PlannedFlow {
  return plannedFlow({ table, priority: level, match, goto, feature: name, owner: "pipeline", why });
}

/**
 * Open vSwitch lets an action write nd_tll only where the match says that the packet is an advertisement (ovs-fields(7)),
 * which it is from this table on.
 */
function secondHalf(): PlannedFlow {
  return plannedFlow({
    table: ndAdvertisement,
    priority: priority.exact,
    match: advertisement,
    actions: [
      { kind: "setField", field: "ndReserved", value: solicitedOverride },
      { kind: "setField", field: "ndOptionsType", value: targetLinkLayerAddress },
      { kind: "move", from: { field: "ethSrc", ...mac }, to: { field: "ndTll", ...mac } },
      { kind: "output", port: Port.inPort },
    ],
    feature: name,
    owner: "pipeline",
    why: "the advertisement is complete, and goes back to who asked",
  });
}

function answers(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: PlannedPort): PlannedFlow[] {
  const uncertain = port.pairs.flatMap(({ prefix }) =>
    isIpv6(prefix.network) && isSingleAddress(prefix) ? [prefix.network] : [],
  );
  const answer = isAnsweredHere(hypervisor) ? answered : handedOver;
  const holder = { owner: `port ${port.id}`, mac: port.mac };
  return [
    ...[...port.addresses, ...(port.learnt ?? [])].filter(isIpv6).map((address) => answer(network, holder, address)),
    ...uncertain.map((address) => unanswered(network, holder, address)),
  ];
}

/** Whoever has an address, and what its flows exist for. */
interface Holder {
  readonly owner: string;
  readonly mac: Mac;
}

/** Turns the solicitation that is being looked at into its own advertisement. */
function answered(network: PlannedNetwork, holder: Holder, address: Ipv6): PlannedFlow {
  const actions: Action[] = [
    { kind: "move", from: { field: "ethSrc", ...mac }, to: { field: "ethDst", ...mac } },
    { kind: "setField", field: "ethSrc", value: holder.mac },
    { kind: "move", from: { field: "ipv6Src", ...ipv6 }, to: { field: "ipv6Dst", ...ipv6 } },
    { kind: "setField", field: "ipv6Src", value: address },
    { kind: "setField", field: "icmpv6Type", value: icmpv6Type.neighbourAdvertisement },
  ];
  return plannedFlow({
    ...about(network, holder, address),
    priority: priority.exact,
    actions,
    goto: "ndAdvertisement",
    why: "the network knows who has this address",
  });
}

/** For a switch that can't answer: an IPv6 multicast packet may travel to one MAC address (RFC 6085). */
function handedOver(network: PlannedNetwork, port: Holder, address: Ipv6): PlannedFlow {
  return plannedFlow({
    ...about(network, port, address),
    priority: priority.exact,
    actions: [{ kind: "setField", field: "ethDst", value: port.mac }],
    goto: "forward",
    why: "the question goes to the one port that has this address",
  });
}

/** Another port may have the address at the moment, so whoever has it answers. */
function unanswered(network: PlannedNetwork, port: Holder, address: Ipv6): PlannedFlow {
  return plannedFlow({
    ...about(network, port, address),
    priority: priority.exception,
    goto: "forward",
    why: "the allowed address pairs of a port name this address: who has it is not known",
  });
}

function about(network: PlannedNetwork, { owner }: Holder, address: Ipv6) {
  return {
    table,
    match: { [registers.network.field]: network.tunnelKey, ...solicitation, ndTarget: address },
    feature: name,
    owner,
  } as const;
}
