import { type Ipv6, isIpv6, linkLocalOf, type Mac } from "@loomstack/core";
import type { Match } from "@loomstack/openflow";
import type { LocalPort } from "../compile/plan.ts";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { neighbourSecurity as table } from "../pipeline/tables.ts";
import { type AllowedSource, allowedSources, linkLocalsOfMacs, prefixMatch } from "./allowed-sources.ts";
import { copiedOfNeighbourDiscovery, copyToController } from "./address-learning.ts";
import type { Feature } from "./feature.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";

const name = "neighbour-security";
/** How Open vSwitch sees an option for a link-layer address that isn't there. */
const noOption = "00:00:00:00:00:00" as Mac;
/** And how a target that it can't read: where an option is there twice, it reads neither (lib/flow.c). */
const unspecified = "::" as Ipv6;
const dhcpv6Server = 547;
const { neighbourSolicitation, neighbourAdvertisement } = icmpv6Type;

/**
 * What an interface says before it has an address: it leaves and joins groups (RFC 3590, 4), and looks for routers (RFC
 * 4861, 4.1). Its neighbour solicitations (RFC 4862, 5.4) have no option.
 */
const beforeAddresses = [
  icmpv6Type.listenerReport,
  icmpv6Type.listenerDone,
  icmpv6Type.routerSolicitation,
  icmpv6Type.listenerReportV2,
];

export const neighbourSecurity: Feature = {
  name,
  doc: "In IPv6's neighbour discovery a port gives no other MAC or IP address than its own and its allowed address pairs; it is no router that advertises itself, and no DHCPv6 server.",
  hypervisor: () => [
    common(priority.miss, {}, "this says nothing about who has an address", true),
    common(priority.exception, icmpv6(icmpv6Type.routerAdvertisement), "a guest is no router"),
    common(
      priority.exception,
      { ethType: etherType.ipv6, ipProto: ipProto.udp, udpSrc: dhcpv6Server },
      "a guest is no DHCPv6 server",
    ),
    ...[neighbourSolicitation, neighbourAdvertisement].map((type) =>
      common(priority.bar, { ...icmpv6(type), ndTarget: unspecified }, "neighbour discovery that can't be read"),
    ),
    common(
      priority.exact,
      { ...icmpv6(neighbourSolicitation), ndSll: noOption },
      "a question that says nothing about who asks",
      true,
    ),
    ...beforeAddresses.map((type) =>
      common(priority.exact, { ...icmpv6(type), ipv6Src: unspecified }, "the interface has no address yet", true),
    ),
    common(priority.fallback, { ethType: etherType.ipv6, ipv6Src: unspecified }, "traffic needs an address"),
    common(priority.fallback, icmpv6(neighbourSolicitation), "a question in the name of another MAC is forged"),
    common(priority.fallback, icmpv6(neighbourAdvertisement), "an answer about another's address is forged"),
  ],
  localPort: (_hypervisor, _network, port) => (port.portSecurityEnabled ? ownNeighbour(port) : []),
};

function ownNeighbour(port: LocalPort): PlannedFlow[] {
  const { ipv6 } = allowedSources(port);
  const isHeldToMac = port.addresses.length === 0;
  const macs = new Set([...(isHeldToMac ? [port.mac] : []), ...ipv6.map(({ mac }) => mac)]);
  return [
    ...[...macs].map((mac) =>
      permit(port, { ...icmpv6(neighbourSolicitation), ndSll: mac }, "a question in the port's own name"),
    ),
    ...ipv6.flatMap((source) => advertisements(port, source)),
    ...(isHeldToMac ? macAlone(port) : []),
  ];
}

/**
 * Nobody told us its addresses: it may have any but those that are known to be another's. The controller gets a copy of
 * what shows one that it doesn't know.
 */
function macAlone(port: LocalPort): PlannedFlow[] {
  const copy = port.isLearner === true ? { actions: [copyToController(copiedOfNeighbourDiscovery)] } : {};
  const learnt = port.isLearner === true ? (port.learnt ?? []).filter(isIpv6) : [];
  const about = { inPort: port.ofPort, ...icmpv6(neighbourAdvertisement) };
  return [
    ...advertisements(port, {
      mac: port.mac,
      prefix: { network: linkLocalOf(port.mac), prefixLength: 128 },
      why: "the link-local address that belongs to the MAC address",
    }),
    ...learnt.flatMap((network) =>
      advertisements(port, {
        mac: port.mac,
        prefix: { network, prefixLength: 128 },
        why: "an address that it has shown",
      }),
    ),
    ...(port.isLearner === true ? [duplicateDetection(port, copy)] : []),
    ofPort(port, {
      priority: priority.others,
      match: { ...about, ndTarget: linkLocalsOfMacs },
      goto: "refused",
      why: "an answer about the link-local address that belongs to another MAC address",
    }),
    ...[port.mac, noOption].map((ndTll) =>
      ofPort(port, {
        priority: priority.macAlone,
        match: { ...about, ndTll },
        ...copy,
        goto: "ndResponder",
        why: `an answer about the port's own MAC; its IP address is ${port.isLearner === true ? "learnt from it" : "not known"}`,
      }),
    ),
  ];
}

/** Its guest asks whether an address is free, before it uses it: it is learnt if nobody has it. */
function duplicateDetection(port: LocalPort, copy: Pick<Verdict, "actions">): PlannedFlow {
  return ofPort(port, {
    priority: priority.exception,
    match: { inPort: port.ofPort, ...icmpv6(neighbourSolicitation), ipv6Src: unspecified, ndSll: noOption },
    ...copy,
    goto: "ndResponder",
    why: "who asks for an address that nobody has will have it",
  });
}

/** With the option, and without: whoever asks a neighbour that it knows needs no MAC address (RFC 4861, 7.2.4). */
function advertisements(port: LocalPort, { mac, prefix, why }: AllowedSource<Ipv6>): PlannedFlow[] {
  const ndTarget = prefixMatch(prefix);
  const about = { ...icmpv6(neighbourAdvertisement), ...(ndTarget && { ndTarget }) };
  return [mac, noOption].map((ndTll) => permit(port, { ...about, ndTll }, `an answer about ${why}`));
}

function icmpv6(type: number): Match {
  return { ethType: etherType.ipv6, ipProto: ipProto.icmpv6, icmpv6Type: type };
}

function permit(port: LocalPort, match: Match, why: string): PlannedFlow {
  const own = { inPort: port.ofPort, ...match };
  return ofPort(port, { priority: priority.exact, match: own, goto: "ndResponder", why });
}

type Verdict = Pick<FlowDraft<typeof table>, "priority" | "match" | "actions" | "goto" | "why">;

function ofPort(port: LocalPort, verdict: Verdict): PlannedFlow {
  return plannedFlow({ table, feature: name, owner: `port ${port.id}`, ...verdict });
}

/** A flow for all ports; it forbids, unless it passes. */
function common(level: number, match: Match, why: string, passes = false): PlannedFlow {
  const draft = { table, priority: level, match, feature: name, owner: "pipeline", why };
  return plannedFlow({ ...draft, goto: passes ? "ndResponder" : "refused" });
}
