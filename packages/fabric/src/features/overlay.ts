import type { Ipv4, OfPort } from "@loomstack/core";
import type { Action } from "@loomstack/openflow";
import type { HypervisorPlan, PlannedNetwork } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { decapsulate, encapsulate, tunClassify } from "../pipeline/tables.ts";
import { etherType, type Feature, vlanVid } from "./feature.ts";
import { groupAddress } from "./forwarding.ts";

const name = "overlay";

export const overlay: Feature = {
  name,
  doc: "Between hypervisors a packet travels in a tunnel under its network's key, from and to hypervisors that hold the network, and no others.",
  flows: (plan) => [
    fromPatch(plan),
    ...fromPeers(plan),
    ...plan.networks.flatMap((network) => networkFlows(plan, network)),
  ],
};

function fromPatch(plan: HypervisorPlan): PlannedFlow {
  return plannedFlow({
    table: tunClassify,
    priority: priority.exact,
    match: { inPort: plan.patch.onTun },
    goto: "encapsulate",
    feature: name,
    owner: "pipeline",
    why: "packets from br-int are for the overlay",
  });
}

function fromPeers(plan: HypervisorPlan): PlannedFlow[] {
  return plan.peers.flatMap((peer) =>
    peer.encapsulations.flatMap((encapsulation) => {
      const tunnel = plan.tunnels.get(encapsulation);
      if (tunnel === undefined) return [];
      return plannedFlow({
        table: tunClassify,
        priority: priority.exact,
        match: { inPort: tunnel, tunIpv4Src: peer.endpoint },
        goto: "decapsulate",
        feature: name,
        owner: `hypervisor ${peer.key}`,
        why: "this hypervisor shares a network with us",
      });
    }),
  );
}

function networkFlows(plan: HypervisorPlan, network: PlannedNetwork): PlannedFlow[] {
  const tunnel = plan.tunnels.get(network.encapsulation);
  if (tunnel === undefined || network.remoteEndpoints.length === 0) return [];
  const vlan = vlanVid(network.localVlan);
  const intoTunnel = [
    { kind: "popVlan" },
    { kind: "setField", field: "tunnelId", value: BigInt(network.tunnelKey) },
  ] as const;
  return [
    ...network.remotePorts.map((port) =>
      plannedFlow({
        table: encapsulate,
        priority: priority.exact,
        match: { inPort: plan.patch.onTun, vlanVid: vlan, ethDst: port.mac },
        actions: [...intoTunnel, ...toEndpoint(port.endpoint, tunnel)],
        feature: name,
        owner: `port ${port.id}`,
        why: "the port is behind this tunnel endpoint",
      }),
    ),
    plannedFlow({
      table: encapsulate,
      priority: priority.group,
      match: { inPort: plan.patch.onTun, vlanVid: vlan, ethDst: groupAddress },
      actions: [...intoTunnel, ...network.remoteEndpoints.flatMap((endpoint) => toEndpoint(endpoint, tunnel))],
      feature: name,
      owner: `network ${network.id}`,
      why: "broadcast and multicast go to the hypervisors that hold the network and no others",
    }),
    plannedFlow({
      table: decapsulate,
      priority: priority.exact,
      match: { inPort: tunnel, tunnelId: BigInt(network.tunnelKey) },
      actions: [
        { kind: "pushVlan", etherType: etherType.vlan },
        { kind: "setField", field: "vlanVid", value: vlan },
        { kind: "output", port: plan.patch.onTun },
      ],
      feature: name,
      owner: `network ${network.id}`,
      why: "the tunnel key is the network's",
    }),
  ];
}

function toEndpoint(endpoint: Ipv4, tunnel: OfPort): Action[] {
  return [
    { kind: "setField", field: "tunIpv4Dst", value: endpoint },
    { kind: "output", port: tunnel },
  ];
}
