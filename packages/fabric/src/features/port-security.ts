import { type Ipv4 } from "@loomstack/core";
import type { LocalPort } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { portSecurity as table } from "../pipeline/tables.ts";
import { etherType, type Feature } from "./feature.ts";

const name = "port-security";
/** The sender of an ARP probe (RFC 5227, 2.1.1): it asks whether an address is free before it is used. */
const unspecified = "0.0.0.0" as Ipv4;

export const portSecurity: Feature = {
  name,
  doc: "A port sends only from its own MAC and IP addresses, in ARP as well; a port whose addresses nobody told us is held to its MAC.",
  localPort: (_hypervisor, _network, port) => (port.addresses.length > 0 ? knownAddresses(port) : macOnly(port)),
};

function knownAddresses(port: LocalPort): PlannedFlow[] {
  const sender = { inPort: port.ofPort, ethSrc: port.mac };
  return [
    ...port.addresses.map((address) =>
      permit(
        port,
        priority.exact,
        { ...sender, ethType: etherType.ipv4, ipv4Src: address },
        "the port's own MAC and IP address",
      ),
    ),
    ...[...port.addresses, unspecified].map((address) =>
      permit(
        port,
        priority.exact,
        { ...sender, ethType: etherType.arp, arpSha: port.mac, arpSpa: address },
        "ARP about the port's own addresses",
      ),
    ),
  ];
}

function macOnly(port: LocalPort): PlannedFlow[] {
  const sender = { inPort: port.ofPort, ethSrc: port.mac };
  return [
    permit(
      port,
      priority.exact,
      { ...sender, ethType: etherType.arp, arpSha: port.mac },
      "ARP about the port's own MAC; its IP address is not known",
    ),
    plannedFlow({
      table,
      priority: priority.fallback,
      match: { inPort: port.ofPort, ethType: etherType.arp },
      feature: name,
      owner: `port ${port.id}`,
      why: "ARP about another MAC is forged",
    }),
    permit(port, priority.miss + 1, sender, "the port's own MAC; its IP address is not known"),
  ];
}

function permit(port: LocalPort, level: number, match: PlannedFlow["flow"]["match"], why: string): PlannedFlow {
  return plannedFlow({
    table,
    priority: level,
    match,
    goto: "arpResponder",
    feature: name,
    owner: `port ${port.id}`,
    why,
  });
}
