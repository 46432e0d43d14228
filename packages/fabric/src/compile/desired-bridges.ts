/**
 * What a hypervisor's database should hold of ours: two bridges, the patch between them, a tunnel port for each
 * encapsulation in use, and a patch to an administrator's bridge for each physical network in use.
 */
import type { LocalVlan, Uuid } from "@loomstack/core";
import type { BridgeName } from "../pipeline/tables.ts";
import type { Encapsulation } from "./plan.ts";

export interface DesiredBridge {
  readonly name: BridgeName;
  readonly failMode: "secure";
  readonly protocols: readonly ["OpenFlow13"];
  /** "system", or "netdev" for the userspace datapath. */
  readonly datapathType: string;
  /** OpenFlow controller, as ovs-vsctl writes it: `tcp:192.0.2.1:6653`. */
  readonly controller: string;
  /** The keys of `external_ids` that are ours, with their values; other keys are left alone. */
  readonly externalIds: ReadonlyMap<string, string>;
  /** The ports that are ours; others (the guests') are left alone. */
  readonly ports: readonly DesiredPort[];
}

export interface DesiredPort {
  readonly name: string;
  readonly type: "internal" | "patch" | Encapsulation;
  readonly options: ReadonlyMap<string, string>;
}

/** The ports of the patch to a physical network: `near` on br-int, `far` on the bridge that is mapped to it. */
export function uplinkPorts(physicalNetwork: string): { readonly near: string; readonly far: string } {
  return { near: `loom-to-${physicalNetwork}`, far: `loom-from-${physicalNetwork}` };
}

/** What an administrator's bridge should have of ours. */
export function farUplinkPort(physicalNetwork: string): DesiredPort {
  const { near, far } = uplinkPorts(physicalNetwork);
  return patch(far, near);
}

export const patchTun = "patch-tun";
export const patchInt = "patch-int";

/** Marks a bridge, port, interface or controller row as ours. */
export const ownerKey = "loomstack";
/** The value of the mark on rows that we made. */
export const ownerMark = "owned";
/** The value that an administrator writes to hand a bridge over to us. */
export const adoptMark = "adopt";

const vlanPrefix = "loomstack-vlan-";

/** The name of a tunnel port; short, because Linux allows interface names of 15 characters. */
export function tunnelPortName(encapsulation: Encapsulation): string {
  return `loom-${encapsulation}`;
}

/** Whether a port of our bridges has a name that only we give: the patch, tunnels, ways to physical networks. */
export function isOurPortName(name: string): boolean {
  return name === patchTun || name === patchInt || name.startsWith("loom-");
}

/** Whether a key of br-int's `external_ids` records a local VLAN. */
export function isVlanKey(key: string): boolean {
  return key.startsWith(vlanPrefix);
}

/** Reads the local VLANs that br-int's `external_ids` record; what is not a VLAN of ours is passed over. */
export function recordedVlans(externalIds: ReadonlyMap<string, string>): Map<Uuid, LocalVlan> {
  const vlans = new Map<Uuid, LocalVlan>();
  const taken = new Set<number>();
  for (const [key, text] of [...externalIds].sort()) {
    const vlan = Number(text);
    if (!isVlanKey(key) || !Number.isInteger(vlan) || vlan < 1 || vlan > 4094 || taken.has(vlan)) continue;
    taken.add(vlan);
    vlans.set(key.slice(vlanPrefix.length) as Uuid, vlan as LocalVlan);
  }
  return vlans;
}

export interface BridgeSettings {
  readonly datapathType: string;
  readonly controller: string;
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
  readonly encapsulations: ReadonlySet<Encapsulation>;
  /** The physical networks that br-int has patches to. */
  readonly physicalNetworks: ReadonlySet<string>;
}

export function desiredBridges(settings: BridgeSettings): DesiredBridge[] {
  const bridge = (name: BridgeName, externalIds: Map<string, string>, ports: DesiredPort[]): DesiredBridge => ({
    name,
    failMode: "secure",
    protocols: ["OpenFlow13"],
    datapathType: settings.datapathType,
    controller: settings.controller,
    externalIds: externalIds.set(ownerKey, ownerMark),
    ports: [{ name, type: "internal", options: new Map() }, ...ports],
  });
  const vlans = new Map([...settings.vlans].map(([network, vlan]) => [vlanPrefix + network, String(vlan)]));
  const uplinks = [...settings.physicalNetworks].sort().map((physicalNetwork) => {
    const { near, far } = uplinkPorts(physicalNetwork);
    return patch(near, far);
  });
  return [
    bridge("br-int", vlans, [patch(patchTun, patchInt), ...uplinks]),
    bridge("br-tun", new Map(), [patch(patchInt, patchTun), ...[...settings.encapsulations].sort().map(tunnel)]),
  ];
}

function patch(name: string, peer: string): DesiredPort {
  return { name, type: "patch", options: new Map([["peer", peer]]) };
}

/** One port for every peer: flows choose the endpoint and the key (ovs-vswitchd.conf.db(5), Interface options). */
function tunnel(encapsulation: Encapsulation): DesiredPort {
  return {
    name: tunnelPortName(encapsulation),
    type: encapsulation,
    options: new Map([
      ["remote_ip", "flow"],
      ["key", "flow"],
    ]),
  };
}
