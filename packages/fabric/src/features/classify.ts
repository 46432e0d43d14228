import type { OfPort } from "@loomstack/core";
import type { Action } from "@loomstack/openflow";
import { isProviderNetwork, type LocalPort, type OverlayNetwork, type PlannedNetwork } from "../compile/plan.ts";
import { registers } from "../pipeline/registers.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { intClassify } from "../pipeline/tables.ts";
import { type Feature, vlanVid } from "./feature.ts";

const name = "classify";

export const classify: Feature = {
  name,
  doc: "A guest's port, or the local VLAN on the patch, says which network a packet belongs to.",
  network: ({ patch }, network) => (isProviderNetwork(network) ? [] : [fromOverlay(patch.onInt, network)]),
  localPort: (_, network, port) => [
    plannedFlow({
      table: intClassify,
      priority: priority.exact,
      match: { inPort: port.ofPort },
      actions: [loadNetwork(network)],
      goto: afterClassify(port),
      feature: name,
      owner: `port ${port.id}`,
      why: port.portSecurityEnabled
        ? "packets from this port belong to its network"
        : "packets from this port belong to its network; it may send from any address",
    }),
  ],
};

function fromOverlay(patch: OfPort, network: OverlayNetwork): PlannedFlow {
  return plannedFlow({
    table: intClassify,
    priority: priority.exact,
    match: { inPort: patch, vlanVid: vlanVid(network.localVlan) },
    actions: [{ kind: "popVlan" }, loadNetwork(network)],
    goto: "forward",
    feature: name,
    owner: `network ${network.id}`,
    why: "packets from the overlay belong to the network of their local VLAN; they were checked where they entered it",
  });
}

/** Where the packets of a port go once their network is known. */
export function afterClassify({ portSecurityEnabled }: LocalPort): "portSecurity" | "arpResponder" {
  return portSecurityEnabled ? "portSecurity" : "arpResponder";
}

export function loadNetwork(network: PlannedNetwork): Action {
  return { kind: "load", to: registers.network, value: BigInt(network.tunnelKey) };
}
