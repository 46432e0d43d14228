import { type Ipv4, isIpv4, isSingleAddress, type Mac } from "@loomstack/core";
import { type Action, Port } from "@loomstack/openflow";
import type { LocalPort, NetworkIdentity, PlannedPort } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { arpResponder as table } from "../pipeline/tables.ts";
import { networkServer } from "../services/network-server.ts";
import type { Feature } from "./feature.ts";
import { etherType } from "../packets/protocol-numbers.ts";

const name = "arp-responder";
/** ARP opcodes (RFC 826). */
const request = 1;
const reply = 2;

export const arpResponder: Feature = {
  name,
  doc: "ARP requests for the addresses of a network are answered on the hypervisor where they are asked.",
  hypervisor: () => [
    plannedFlow({
      table,
      priority: priority.fallback,
      match: { ethType: etherType.ipv6 },
      goto: "ndResponder",
      feature: name,
      owner: "pipeline",
      why: "IPv6 asks in neighbour discovery",
    }),
    plannedFlow({
      table,
      priority: priority.miss,
      match: {},
      goto: "services",
      feature: name,
      owner: "pipeline",
      why: "not a question that we can answer",
    }),
  ],
  network: (_, network, { services }) => (services.dhcp ? [ofTheNetworkItself(network)] : []),
  port: answers,
  localPort: (_, network, port) => knownAddresses(port).map((address) => announcement(network, port, address)),
};

function answers(network: NetworkIdentity, port: PlannedPort): PlannedFlow[] {
  const shared = port.pairs.flatMap(({ prefix }) =>
    isIpv4(prefix.network) && isSingleAddress(prefix) ? [prefix.network] : [],
  );
  return [
    ...knownAddresses(port).map((address) => answer(network, port, address)),
    ...shared.map((address) => unanswered(network, port, address)),
  ];
}

function knownAddresses({ addresses, learnt = [] }: PlannedPort): readonly Ipv4[] {
  return [...addresses, ...learnt].filter(isIpv4);
}

/** Another port may have the address at the moment, so whoever has it answers. */
function unanswered(network: NetworkIdentity, port: PlannedPort, address: Ipv4): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.exception,
    match: { [registers.network.field]: network.tunnelKey, ethType: etherType.arp, arpOp: request, arpTpa: address },
    goto: "forward",
    feature: name,
    owner: `port ${port.id}`,
    why: "the allowed address pairs of a port name this address: who has it is not known",
  });
}

function answer(network: NetworkIdentity, port: PlannedPort, address: Ipv4): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.exact,
    match: { [registers.network.field]: network.tunnelKey, ethType: etherType.arp, arpOp: request, arpTpa: address },
    actions: replyActions(port.mac, address),
    feature: name,
    owner: `port ${port.id}`,
    why: "the network knows who has this address",
  });
}

/** A guest that renews its lease, or asks for a name, asks for the server's MAC address first. */
function ofTheNetworkItself(network: NetworkIdentity): PlannedFlow {
  const { mac, address } = networkServer;
  return plannedFlow({
    table,
    priority: priority.exact,
    match: { [registers.network.field]: network.tunnelKey, ethType: etherType.arp, arpOp: request, arpTpa: address },
    actions: replyActions(mac, address),
    feature: name,
    owner: `network ${network.id}`,
    why: "the network itself has this address, as DHCP server and resolver",
  });
}

/**
 * A port that asks for its own address makes sure that it is free, or announces it: an answer would look like a
 * duplicate.
 */
function announcement(network: NetworkIdentity, port: LocalPort, address: Ipv4): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.exception,
    match: {
      inPort: port.ofPort,
      [registers.network.field]: network.tunnelKey,
      ethType: etherType.arp,
      arpOp: request,
      arpTpa: address,
    },
    goto: "forward",
    feature: name,
    owner: `port ${port.id}`,
    why: "a port that asks for its own address announces it",
  });
}

/** Turns the request that is being looked at into its own reply, and sends it back to where it came from. */
function replyActions(holder: Mac, address: Ipv4): Action[] {
  const mac = { start: 0, bits: 48 };
  const ip = { start: 0, bits: 32 };
  return [
    { kind: "move", from: { field: "ethSrc", ...mac }, to: { field: "ethDst", ...mac } },
    { kind: "setField", field: "ethSrc", value: holder },
    { kind: "setField", field: "arpOp", value: reply },
    { kind: "move", from: { field: "arpSha", ...mac }, to: { field: "arpTha", ...mac } },
    { kind: "move", from: { field: "arpSpa", ...ip }, to: { field: "arpTpa", ...ip } },
    { kind: "setField", field: "arpSha", value: holder },
    { kind: "setField", field: "arpSpa", value: address },
    { kind: "output", port: Port.inPort },
  ];
}
