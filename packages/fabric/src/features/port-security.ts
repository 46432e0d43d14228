import { type Ipv4, type Ipv6, isIpv4, linkLocalOf, type Mac } from "@loomstack/core";
import type { LocalPort } from "../compile/plan.ts";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { portSecurity as table } from "../pipeline/tables.ts";
import { type AllowedSource, allowedSources, linkLocalsOfMacs, prefixMatch } from "./allowed-sources.ts";
import { copyToController } from "./address-learning.ts";
import type { Feature } from "./feature.ts";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";

const name = "port-security";
/** The sender of an ARP probe (RFC 5227, 2.1.1): it asks whether an address is free before it is used. */
const unspecified = "0.0.0.0" as Ipv4;
/** The sender while an interface has no address yet: duplicate address detection and joining groups. */
const unspecifiedIpv6 = "::" as Ipv6;
const dhcpServer = 67;
const dhcpClient = 68;
const broadcast = "255.255.255.255" as Ipv4;

/** Bytes: as much as ARP for IPv4 over Ethernet is long. */
const copiedOfArp = 64;

export const portSecurity: Feature = {
  name,
  doc: "A port sends only from its own MAC and IP addresses and its allowed address pairs, in ARP as well, and not as a DHCP server; a port whose addresses nobody told us is held to its MAC, and shows them to the controller.",
  hypervisor: () => [
    plannedFlow({
      table,
      priority: priority.exception,
      match: { ethType: etherType.ipv4, ipProto: ipProto.udp, udpSrc: dhcpServer },
      goto: "refused",
      feature: name,
      owner: "pipeline",
      why: "a guest is no DHCP server",
    }),
  ],
  localPort: (_hypervisor, _network, port) => {
    if (!port.portSecurityEnabled) return [];
    const { ipv4, ipv6 } = allowedSources(port);
    return [
      ...ipv4.flatMap((source) => fromIpv4(port, source)),
      ...(ipv4.length === 0 ? [] : [dhcpFrom(port)]),
      ...macsOf(ipv4).map((mac) => arpFrom(port, mac, unspecified, "an ARP probe asks whether an address is free")),
      ...ipv6.map((source) => fromIpv6(port, source)),
      ...macsOf(ipv6).map((mac) =>
        fromIpv6(port, {
          mac,
          prefix: { network: unspecifiedIpv6, prefixLength: 128 },
          why: "the interface has no address yet",
        }),
      ),
      ...(port.addresses.length > 0 ? [] : macOnly(port)),
    ];
  },
};

function macsOf(sources: readonly { readonly mac: Mac }[]): readonly Mac[] {
  return [...new Set(sources.map(({ mac }) => mac))];
}

function fromIpv4(port: LocalPort, { mac, prefix, why }: AllowedSource<Ipv4>): PlannedFlow[] {
  const ipv4Src = prefixMatch(prefix);
  const match = { inPort: port.ofPort, ethSrc: mac, ethType: etherType.ipv4, ...(ipv4Src && { ipv4Src }) };
  return [
    judge(port, { priority: priority.exact, match, goto: "arpResponder", why }),
    arpFrom(port, mac, ipv4Src, `ARP about ${why}`),
  ];
}

function arpFrom(port: LocalPort, mac: Mac, arpSpa: ReturnType<typeof prefixMatch<Ipv4>>, why: string): PlannedFlow {
  const sender = { inPort: port.ofPort, ethSrc: mac, ethType: etherType.arp, arpSha: mac };
  const match = arpSpa === undefined ? sender : { ...sender, arpSpa };
  return judge(port, { priority: priority.exact, match, goto: "arpResponder", why });
}

/** A client without an address asks all DHCP servers (RFC 2131, 4.1), those that are guests themselves as well. */
function dhcpFrom(port: LocalPort): PlannedFlow {
  const toServers = { ipProto: ipProto.udp, ipv4Dst: broadcast, udpSrc: dhcpClient, udpDst: dhcpServer };
  const match = {
    ...{ inPort: port.ofPort, ethSrc: port.mac, ethType: etherType.ipv4, ipv4Src: unspecified },
    ...toServers,
  };
  return judge(port, {
    priority: priority.exact,
    match,
    goto: "arpResponder",
    why: "a DHCP client has no address yet",
  });
}

function fromIpv6(port: LocalPort, { mac, prefix, why }: AllowedSource<Ipv6>): PlannedFlow {
  const ipv6Src = prefixMatch(prefix);
  const match = { inPort: port.ofPort, ethSrc: mac, ethType: etherType.ipv6, ...(ipv6Src && { ipv6Src }) };
  return judge(port, { priority: priority.exact, match, goto: "neighbourSecurity", why });
}

function macOnly(port: LocalPort): PlannedFlow[] {
  const sender = { inPort: port.ofPort, ethSrc: port.mac };
  const arp = { ethType: etherType.arp, arpSha: port.mac };
  return [
    judge(port, {
      priority: priority.macAlone,
      match: { ...sender, ...arp },
      ...(port.isLearner === true && { actions: [copyToController(copiedOfArp)] }),
      goto: "arpResponder",
      why: `ARP about the port's own MAC; its IP address is ${port.isLearner === true ? "learnt from it" : "not known"}`,
    }),
    ...(port.isLearner === true ? [unspecified, ...(port.learnt ?? []).filter(isIpv4)] : []).map((arpSpa) =>
      judge(port, {
        priority: priority.exception,
        match: { ...sender, ...arp, arpSpa },
        goto: "arpResponder",
        why: "ARP about the port's own MAC that shows nothing new",
      }),
    ),
    judge(port, {
      priority: priority.fallback,
      match: { inPort: port.ofPort, ethType: etherType.arp },
      goto: "refused",
      why: "ARP about another MAC is forged",
    }),
    fromIpv6(port, {
      mac: port.mac,
      prefix: { network: linkLocalOf(port.mac), prefixLength: 128 },
      why: "the link-local address that belongs to the MAC address",
    }),
    judge(port, {
      priority: priority.others,
      match: { inPort: port.ofPort, ethType: etherType.ipv6, ipv6Src: linkLocalsOfMacs },
      goto: "refused",
      why: "the link-local address that belongs to another MAC address",
    }),
    judge(port, {
      priority: priority.fallback,
      match: { ...sender, ethType: etherType.ipv6 },
      goto: "neighbourSecurity",
      why: "the port's own MAC; its IP address is not known",
    }),
    judge(port, {
      priority: priority.miss + 1,
      match: sender,
      goto: "arpResponder",
      why: "the port's own MAC; its IP address is not known",
    }),
  ];
}

type Verdict = Pick<FlowDraft<typeof table>, "priority" | "match" | "actions" | "goto" | "why">;

/** A flow for a port. */
function judge(port: LocalPort, verdict: Verdict): PlannedFlow {
  return plannedFlow({ table, feature: name, owner: `port ${port.id}`, ...verdict });
}
