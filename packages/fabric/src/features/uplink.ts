import type { Action } from "@loomstack/openflow";
import { type LocalPort, type PlannedNetwork, isProviderNetwork, type ProviderNetwork } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { forward, intClassify } from "../pipeline/tables.ts";
import { loadNetwork } from "./classify.ts";
import { type Feature, vlanVid } from "./feature.ts";
import { etherType } from "../packets/protocol-numbers.ts";

const name = "uplink";
/** `vlan_vid` of a packet without a tag: OFPVID_NONE (OpenFlow 1.3.5, 7.2.3.7). */
const untagged = 0;
/** A tag, whatever its VLAN id. */
const tagged = { value: vlanVid(0), mask: vlanVid(0) };

/**
 * A provider network goes on outside: who is there isn't known, so what no port here has is looked for by the uplink,
 * and found by the physical network itself. (What came in by the uplink isn't sent back: Open vSwitch never outputs to
 * the port that a packet came in by.)
 */
export const uplink: Feature = {
  name,
  doc: "A provider network is one VLAN of a physical network, or what has no tag there: what is for nobody here leaves by the patch to its bridge, and what comes in by that patch is for the ports here alone.",
  network: (_hypervisor, network) => (isProviderNetwork(network) ? [...fromOutside(network), toOutside(network)] : []),
  localPort: (_hypervisor, network, port) => (isProviderNetwork(network) ? [tagRefused(network, port)] : []),
};

/** The tag of a network of a physical network, and its place: what makes a packet go there. */
export function toUplink({ uplink: port, vlan }: ProviderNetwork): Action[] {
  const output: Action = { kind: "output", port };
  if (vlan === null) return [output];
  return [
    { kind: "pushVlan", etherType: etherType.vlan },
    { kind: "setField", field: "vlanVid", value: vlanVid(vlan) },
    output,
  ];
}

function fromOutside(network: ProviderNetwork): PlannedFlow[] {
  const { vlan } = network;
  if (vlan !== null) return [arriving(network, vlanVid(vlan), "packets with this tag are of the network")];
  return [
    arriving(network, untagged, "packets without a tag are of the network"),
    // Such a tag has a priority and no VLAN (IEEE 802.1Q, 9.6).
    arriving(network, vlanVid(0), "packets whose tag is of VLAN 0 are as those without one"),
  ];
}

/** Nobody answers here for the ports of the network: the ports themselves hear the questions, and answer once. */
function arriving(network: ProviderNetwork, vid: number, why: string): PlannedFlow {
  const actions: Action[] = vid === untagged ? [loadNetwork(network)] : [{ kind: "popVlan" }, loadNetwork(network)];
  return plannedFlow({
    table: intClassify,
    priority: priority.exact,
    match: { inPort: network.uplink, vlanVid: vid },
    actions,
    goto: "forward",
    feature: name,
    owner: `network ${network.id}`,
    why: `${why}, from physical network ${network.physicalNetwork}`,
  });
}

function toOutside(network: ProviderNetwork): PlannedFlow {
  return plannedFlow({
    table: forward,
    priority: priority.fallback,
    match: { [registers.network.field]: network.tunnelKey },
    actions: toUplink(network),
    feature: name,
    owner: `network ${network.id}`,
    why: `who isn't here may be in physical network ${network.physicalNetwork}`,
  });
}

/** Outside, a tag of the guest's own would be that of another network. */
function tagRefused(network: PlannedNetwork, port: LocalPort): PlannedFlow {
  return plannedFlow({
    table: intClassify,
    priority: priority.bar,
    match: { inPort: port.ofPort, vlanVid: tagged },
    goto: "refused",
    feature: name,
    owner: `port ${port.id}`,
    why: `a guest's own VLAN tag would lead out of network ${network.id}`,
  });
}
