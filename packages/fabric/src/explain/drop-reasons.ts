/** Why no flow takes a packet, as intent and the pipeline have it. */
import type { Uuid } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import { endpointOf, isUp } from "../intent/placement.ts";
import { registers } from "../pipeline/registers.ts";
import { type BridgeName, tableOf } from "../pipeline/tables.ts";
import { virtualRouter } from "../services/virtual-router.ts";
import type { HeldHypervisor } from "./held-hypervisor.ts";
import { fieldInteger, type Packet } from "./packet.ts";

/** A packet that no flow of a table takes, and that none should. */
export interface Miss {
  readonly intent: Intent;
  readonly hypervisor: HeldHypervisor;
  readonly bridge: BridgeName;
  readonly tableId: number;
  readonly packet: Packet;
}

/** In words: why there is no flow for the packet. */
export function missReason(miss: Miss): string {
  const table = tableOf(miss.bridge, miss.tableId);
  const reason = reasons[`${miss.bridge} ${table?.name ?? miss.tableId}`];
  return reason?.(miss) ?? "no flow of this table takes it, and none should";
}

const reasons: Readonly<Record<string, (miss: Miss) => string>> = {
  "br-int classify": unclassified,
  "br-int portSecurity": (miss) => `no flow lets ${senderText(miss)} send from ${sourceText(miss.packet)}`,
  "br-int forward": unknownReceiver,
  "br-int arrival": ({ hypervisor: { key } }) =>
    `the receiver is on its way to ${key}, and has not sent a packet there yet`,
  "br-tun classify": ({ hypervisor: { key }, packet: { tunIpv4Src } }) =>
    tunIpv4Src === undefined
      ? "the port that it comes in by is not the patch from br-int, nor a tunnel"
      : `${key} shares no network with a hypervisor whose tunnels end at ${tunIpv4Src}`,
  "br-tun encapsulate": ({ packet }) =>
    `no other hypervisor is known to have ${packet.ethDst} in the network of local VLAN ${localVlan(packet)}`,
  "br-tun decapsulate": ({ hypervisor: { key }, packet: { tunnelId = 0n } }) =>
    `${key} has no network with the tunnel key ${tunnelId}`,
};

function unclassified({ intent, hypervisor, bridge, packet }: Miss): string {
  const port = senderOf(hypervisor, bridge, packet);
  if (port === undefined) return `no network has the local VLAN ${localVlan(packet)} there`;
  const down = downReason(intent, port);
  if (down !== undefined) return down;
  return intent.ports.has(port)
    ? `the flows of port ${port} are not computed yet`
    : `an interface has the id ${port}, but there is no such port`;
}

function unknownReceiver({ intent, hypervisor, packet }: Miss): string {
  if (packet.ethDst === virtualRouter.mac)
    return `${packet.ethDst} is the network itself, which answers no packet like this one`;
  const key = Number(fieldInteger(packet, registers.network.field));
  const network = [...intent.networks.values()].find(({ tunnelKey }) => tunnelKey === key);
  if (network === undefined) return `no network has the tunnel key ${key}`;
  const owner = [...(intent.portsByNetwork.get(network.id) ?? [])]
    .map((id) => intent.ports.get(id))
    .find((port) => port?.macAddress === packet.ethDst);
  if (owner === undefined) return `no port of network ${network.id} has the MAC address ${packet.ethDst}`;
  return `${packet.ethDst} is port ${owner.id}'s, and ${whyUnreachable(intent, hypervisor, owner)}`;
}

/** Why nothing can be sent to a port, as far as intent says. */
export function whyUnreachable(intent: Intent, from: HeldHypervisor, port: Port): string {
  const down = downReason(intent, port.id);
  if (down !== undefined) return down;
  const home = intent.bindings.get(port.id)?.nodeKey;
  if (home === undefined) return `port ${port.id} is on no hypervisor: none has an interface with this id`;
  if (home !== from.key && endpointOf(intent, home) === null) return `where the tunnels of ${home} end is not known`;
  return `the flows for it are not computed yet on ${from.key}`;
}

/** That a port or its network is administratively down, where it is. */
export function downReason(intent: Intent, id: Uuid): string | undefined {
  const port = intent.ports.get(id);
  if (port === undefined || isUp(intent, port)) return undefined;
  return port.adminStateUp
    ? `network ${port.networkId} is administratively down`
    : `port ${id} is administratively down`;
}

function senderText({ hypervisor, bridge, packet }: Miss): string {
  const sender = senderOf(hypervisor, bridge, packet);
  return sender === undefined ? "this port" : `port ${sender}`;
}

function senderOf({ bridges }: HeldHypervisor, bridge: BridgeName, { inPort }: Packet): Uuid | undefined {
  const leadsTo = inPort === undefined ? undefined : bridges.get(bridge)?.ports.get(inPort)?.leadsTo;
  return leadsTo?.kind === "guest" ? leadsTo.port : undefined;
}

function sourceText({ ethSrc, ipv4Src, ipv6Src, arpSpa, arpSha }: Packet): string {
  const address = ipv4Src ?? ipv6Src;
  if (address !== undefined) return `${ethSrc} with ${address}`;
  return arpSpa === undefined ? `${ethSrc}` : `${ethSrc} in ARP as ${arpSha} with ${arpSpa}`;
}

function localVlan(packet: Packet): bigint {
  return fieldInteger(packet, "vlanVid") & 0xfffn;
}
