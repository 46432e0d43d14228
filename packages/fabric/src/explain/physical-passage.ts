/** A packet's way through a physical network: what is in it can't be seen, but where it may come back to us can. */
import { isGroupMac, type Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { Port } from "@loomstack/openflow";
import { uplinkPort } from "./held-hypervisor.ts";
import { onTheWire, type Packet } from "./packet.ts";
import type { WalkedWorld } from "./packet-walk.ts";

/** What becomes of it at one hypervisor. */
export type Arrival = { readonly hypervisor: string } & (
  { readonly kind: "arrives"; readonly packet: Packet } | { readonly kind: "lost"; readonly reason: string }
);

export interface LeavingPacket {
  readonly packet: Packet;
  readonly hypervisor: string;
  readonly physicalNetwork: string;
  /** Of the port that has sent it. */
  readonly network: Uuid | undefined;
  /** The port that it is for, if it is for one. */
  readonly goal: Uuid | undefined;
}

/** The hypervisors of ours that it is for: that of its port, or those of all ports of its network for a group. */
export function passPhysicalNetwork(world: WalkedWorld, leaving: LeavingPacket): Arrival[] {
  return receiversOf(world.intent, leaving).map((hypervisor) => arrivalAt(world, hypervisor, leaving));
}

function receiversOf(intent: Intent, { packet: { ethDst }, hypervisor, network, goal }: LeavingPacket): string[] {
  const isForAll = goal === undefined && ethDst !== undefined && isGroupMac(ethDst);
  const all = isForAll && network !== undefined ? (intent.portsByNetwork.get(network) ?? []) : [];
  const ports = goal === undefined ? [...all] : [goal];
  const homes = ports.flatMap((port) => intent.bindings.get(port)?.nodeKey ?? []);
  return [...new Set(homes)].filter((home) => home !== hypervisor).sort();
}

function arrivalAt(world: WalkedWorld, hypervisor: string, { packet, physicalNetwork }: LeavingPacket): Arrival {
  const arrived = onTheWire(packet);
  const held = world.hypervisors.get(hypervisor);
  if (typeof held !== "object") return { kind: "arrives", hypervisor, packet: { ...arrived, inPort: Port.any } };
  const uplink = uplinkPort(held.bridges.get("br-int")?.ports ?? new Map(), physicalNetwork);
  if (uplink === undefined)
    return { kind: "lost", hypervisor, reason: `it has no patch to physical network ${physicalNetwork}` };
  if (uplink.bridge === undefined)
    return {
      kind: "lost",
      hypervisor,
      reason: `its patch to physical network ${physicalNetwork} leads to no bridge`,
    };
  return { kind: "arrives", hypervisor, packet: { ...arrived, inPort: uplink.port } };
}
