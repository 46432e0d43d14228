import type { Ipv4, OfPort } from "@loomstack/core";
import type { Action, Match } from "@loomstack/openflow";
import {
  isProviderNetwork,
  type LocalPort,
  type NetworkMembers,
  placesOf,
  type PlannedHypervisor,
  type PlannedNetwork,
  type PlannedPeer,
  type RemotePort,
} from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { decapsulate, encapsulate, tunClassify } from "../pipeline/tables.ts";
import { type Feature, vlanVid } from "./feature.ts";
import { etherType } from "../packets/protocol-numbers.ts";
import { groupAddress } from "./forwarding.ts";

const name = "overlay";

export const overlay: Feature = {
  name,
  doc: "Between hypervisors a packet travels in a tunnel under its network's key, from and to hypervisors that hold the network, and no others.",
  hypervisor: ({ patch }) => [
    plannedFlow({
      table: tunClassify,
      priority: priority.exact,
      match: { inPort: patch.onTun },
      goto: "encapsulate",
      feature: name,
      owner: "pipeline",
      why: "packets from br-int are for the overlay",
    }),
  ],
  peer: fromPeer,
  network: networkFlows,
  localPort: toPort,
  remotePort: toPort,
};

function fromPeer({ tunnels }: PlannedHypervisor, peer: PlannedPeer): PlannedFlow[] {
  return peer.encapsulations.flatMap((encapsulation) => {
    const tunnel = tunnels.get(encapsulation);
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
  });
}

function toPort(hypervisor: PlannedHypervisor, network: PlannedNetwork, port: LocalPort | RemotePort): PlannedFlow[] {
  if (isProviderNetwork(network)) return [];
  const tunnel = hypervisor.tunnels.get(network.encapsulation);
  const places = placesOf(port);
  if (tunnel === undefined || places.length === 0) return [];
  return [
    plannedFlow({
      table: encapsulate,
      priority: priority.exact,
      match: { inPort: hypervisor.patch.onTun, vlanVid: vlanVid(network.localVlan), ethDst: port.mac },
      actions: [...intoTunnel(network), ...places.flatMap(({ endpoint }) => toEndpoint(endpoint, tunnel))],
      feature: name,
      owner: `port ${port.id}`,
      why:
        port.alsoAt === undefined
          ? "the port is behind this tunnel endpoint"
          : "the port's guest moves: until it has arrived, both hypervisors get what is for it",
    }),
  ];
}

function networkFlows(
  { patch, tunnels }: PlannedHypervisor,
  network: PlannedNetwork,
  { remoteEndpoints, sharedMacs }: NetworkMembers,
): PlannedFlow[] {
  if (isProviderNetwork(network)) return [];
  const tunnel = tunnels.get(network.encapsulation);
  if (tunnel === undefined || remoteEndpoints.length === 0) return [];
  const vlan = vlanVid(network.localVlan);
  const toEndpoints = (
    endpoints: readonly Ipv4[],
    draft: { readonly priority: number; readonly ethDst: Match["ethDst"]; readonly why: string },
  ): PlannedFlow =>
    plannedFlow({
      table: encapsulate,
      priority: draft.priority,
      match: { inPort: patch.onTun, vlanVid: vlan, ethDst: draft.ethDst },
      actions: [...intoTunnel(network), ...endpoints.flatMap((endpoint) => toEndpoint(endpoint, tunnel))],
      feature: name,
      owner: `network ${network.id}`,
      why: draft.why,
    });
  return [
    toEndpoints(remoteEndpoints, {
      priority: priority.group,
      ethDst: groupAddress,
      why: "broadcast and multicast go to the hypervisors that hold the network and no others",
    }),
    ...sharedMacs
      .filter((shared) => shared.remoteEndpoints.length > 0)
      .map((shared) =>
        toEndpoints(shared.remoteEndpoints, {
          priority: priority.shared,
          ethDst: shared.mac,
          why: "ports that may use the address are behind these tunnel endpoints",
        }),
      ),
    plannedFlow({
      table: decapsulate,
      priority: priority.exact,
      match: { inPort: tunnel, tunnelId: BigInt(network.tunnelKey) },
      actions: [
        { kind: "pushVlan", etherType: etherType.vlan },
        { kind: "setField", field: "vlanVid", value: vlan },
        { kind: "output", port: patch.onTun },
      ],
      feature: name,
      owner: `network ${network.id}`,
      why: "the tunnel key is the network's",
    }),
  ];
}

function intoTunnel(network: PlannedNetwork): Action[] {
  return [{ kind: "popVlan" }, { kind: "setField", field: "tunnelId", value: BigInt(network.tunnelKey) }];
}

function toEndpoint(endpoint: Ipv4, tunnel: OfPort): Action[] {
  return [
    { kind: "setField", field: "tunIpv4Dst", value: endpoint },
    { kind: "output", port: tunnel },
  ];
}
