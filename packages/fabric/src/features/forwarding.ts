import type { Mac } from "@loomstack/core";
import type { Action } from "@loomstack/openflow";
import {
  isProviderNetwork,
  type LocalPort,
  type NetworkMembers,
  type OverlayNetwork,
  type PlannedHypervisor,
  type PlannedNetwork,
  type PlannedPort,
  type SharedMac,
} from "../compile/plan.ts";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { forward as table } from "../pipeline/tables.ts";
import { type Feature, vlanVid } from "./feature.ts";
import { etherType } from "../packets/protocol-numbers.ts";
import { toUplink } from "./uplink.ts";

const name = "forwarding";
/** Matches every address with the group bit: broadcast and multicast. */
export const groupAddress = { value: "01:00:00:00:00:00" as Mac, mask: "01:00:00:00:00:00" as Mac };

export const forwarding: Feature = {
  name,
  doc: "Unicast goes to the one port that has the address, broadcast and multicast to the ports of the network; unknown unicast goes nowhere, unless the network goes on outside.",
  network: (hypervisor, network, members) => [
    broadcast(hypervisor, network, members),
    ...members.sharedMacs.map((shared) => toSharers(hypervisor, network, shared)),
  ],
  localPort: (hypervisor, network, port) => [unicast(network, port, wayToLocalPort(hypervisor, network, port))],
  // In a physical network it isn't known who is behind an uplink: it is where all goes that isn't here.
  remotePort: (hypervisor, network, port) =>
    isProviderNetwork(network)
      ? []
      : [
          unicast(network, port, {
            actions: toOverlay(hypervisor, network),
            why: "the port is on another hypervisor",
          }),
        ],
};

/**
 * While a guest moves, both hypervisors get its packets: where it still runs, and where it arrives. (What came from the
 * overlay or the uplink doesn't go back there: Open vSwitch never outputs to the port that a packet came in by.)
 */
export function wayToLocalPort(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort): Way {
  const elsewhere = port.alsoAt === undefined ? [] : toElsewhere(hypervisor, network);
  if (port.isArriving === true) {
    const isTagged = elsewhere.some(({ kind }) => kind === "pushVlan");
    const actions: Action[] = isTagged ? [...elsewhere, { kind: "popVlan" }] : elsewhere;
    return { actions, goto: "arrival", why: "the port's guest is on its way to here" };
  }
  return {
    actions: [{ kind: "output", port: port.ofPort }, ...elsewhere],
    why:
      port.alsoAt === undefined
        ? "the port is on this hypervisor"
        : "the port is on this hypervisor, and its guest is on its way to another",
  };
}

type Way = Pick<FlowDraft<typeof table>, "actions" | "goto" | "why">;

function unicast(network: PlannedNetwork, port: PlannedPort, way: Way): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.exact,
    match: { [registers.network.field]: network.tunnelKey, ethDst: port.mac },
    feature: name,
    owner: `port ${port.id}`,
    ...way,
  });
}

function broadcast(hypervisor: PlannedHypervisor, network: PlannedNetwork, members: NetworkMembers): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.group,
    match: { [registers.network.field]: network.tunnelKey, ethDst: groupAddress },
    actions: toAll(hypervisor, network, members),
    feature: name,
    owner: `network ${network.id}`,
    why: "broadcast and multicast reach the ports of the network and no others",
  });
}

/**
 * To all ports of the network. Open vSwitch never outputs to the port that a packet came in by: the sender hears no echo,
 * and what came from the overlay doesn't go back.
 */
export function toAll(
  hypervisor: PlannedHypervisor,
  network: PlannedNetwork,
  { localPorts, remoteEndpoints }: NetworkMembers,
): Action[] {
  return [
    ...localPorts.map((port) => ({ kind: "output", port: port.ofPort }) as const),
    ...(remoteEndpoints.length > 0 || isProviderNetwork(network) ? toElsewhere(hypervisor, network) : []),
  ];
}

/** Which of the ports uses the address at the moment is theirs to settle. */
function toSharers(
  hypervisor: PlannedHypervisor,
  network: PlannedNetwork,
  { mac, ofPorts, remoteEndpoints }: SharedMac,
): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.shared,
    match: { [registers.network.field]: network.tunnelKey, ethDst: mac },
    actions: [
      ...ofPorts.map((port) => ({ kind: "output", port }) as const),
      ...(remoteEndpoints.length > 0 || isProviderNetwork(network) ? toElsewhere(hypervisor, network) : []),
    ],
    feature: name,
    owner: `network ${network.id}`,
    why: "these ports may use the address, and no port has it as its own",
  });
}

/** By the patch to br-tun, or to the physical network that the network goes on in. */
function toElsewhere(hypervisor: PlannedHypervisor, network: PlannedNetwork): Action[] {
  return isProviderNetwork(network) ? toUplink(network) : toOverlay(hypervisor, network);
}

function toOverlay(hypervisor: PlannedHypervisor, network: OverlayNetwork): Action[] {
  return [
    { kind: "pushVlan", etherType: etherType.vlan },
    { kind: "setField", field: "vlanVid", value: vlanVid(network.localVlan) },
    { kind: "output", port: hypervisor.patch.onInt },
  ];
}
