import type { Mac } from "@loomstack/core";
import type { Action } from "@loomstack/openflow";
import type { HypervisorPlan, PlannedNetwork } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { forward as table } from "../pipeline/tables.ts";
import { etherType, type Feature, vlanVid } from "./feature.ts";

const name = "forwarding";
/** Matches every address with the group bit: broadcast and multicast. */
export const groupAddress = { value: "01:00:00:00:00:00" as Mac, mask: "01:00:00:00:00:00" as Mac };

export const forwarding: Feature = {
  name,
  doc: "Unicast goes to the one port that has the address, broadcast and multicast to the ports of the network; unknown unicast goes nowhere.",
  flows: (plan) => plan.networks.flatMap((network) => [...unicast(plan, network), broadcast(plan, network)]),
};

function unicast(plan: HypervisorPlan, network: PlannedNetwork): PlannedFlow[] {
  const to = (mac: Mac, owner: string, actions: Action[], why: string): PlannedFlow =>
    plannedFlow({
      table,
      priority: priority.exact,
      match: { [registers.network.field]: network.tunnelKey, ethDst: mac },
      actions,
      feature: name,
      owner,
      why,
    });
  return [
    ...network.localPorts.map((port) =>
      to(port.mac, `port ${port.id}`, [{ kind: "output", port: port.ofPort }], "the port is on this hypervisor"),
    ),
    ...network.remotePorts.map((port) =>
      to(port.mac, `port ${port.id}`, toOverlay(plan, network), "the port is on another hypervisor"),
    ),
  ];
}

/**
 * Open vSwitch never outputs to the port that a packet came in by: the sender hears no echo, and what came from the
 * overlay doesn't go back.
 */
function broadcast(plan: HypervisorPlan, network: PlannedNetwork): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.group,
    match: { [registers.network.field]: network.tunnelKey, ethDst: groupAddress },
    actions: [
      ...network.localPorts.map((port) => ({ kind: "output", port: port.ofPort }) as const),
      ...(network.remoteEndpoints.length > 0 ? toOverlay(plan, network) : []),
    ],
    feature: name,
    owner: `network ${network.id}`,
    why: "broadcast and multicast reach the ports of the network and no others",
  });
}

function toOverlay(plan: HypervisorPlan, network: PlannedNetwork): Action[] {
  return [
    { kind: "pushVlan", etherType: etherType.vlan },
    { kind: "setField", field: "vlanVid", value: vlanVid(network.localVlan) },
    { kind: "output", port: plan.patch.onInt },
  ];
}
