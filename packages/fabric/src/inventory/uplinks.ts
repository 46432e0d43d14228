/**
 * How a hypervisor is joined with physical networks. Its administrator makes a bridge for each, with whatever leads
 * there as a port, and says so in `external_ids:loomstack-bridge-mappings` of Open_vSwitch: `physnet1:br-ex,…`. What
 * OpenDaylight read (`other_config:provider_mappings`) counts for names that ours doesn't have. The bridge stays the
 * administrator's: all that we put there is the end of a patch.
 */
import type { OfPort } from "@loomstack/core";
import { ownerKey, ownerMark, uplinkPorts } from "../compile/desired-bridges.ts";
import { bridgeNames } from "../pipeline/tables.ts";
import type { HypervisorTables } from "./monitored.ts";
import { type ObservedBridge, type ObservedPort, ofPortOf } from "./observed-bridges.ts";

const mappingsKey = "loomstack-bridge-mappings";
const mappingsOfOpenDaylight = "provider_mappings";

/** What is read of a hypervisor. */
interface Observed {
  readonly tables: HypervisorTables;
  readonly bridges: ReadonlyMap<string, ObservedBridge>;
  /** Of our own bridges. */
  readonly datapathType: string;
}

/** One end of a patch to a physical network. */
export interface UplinkEnd {
  readonly physicalNetwork: string;
  readonly bridge: string;
  readonly port: ObservedPort;
}

/** The bridges that physical networks are mapped to, by the names of these; what is no mapping is passed over. */
export function bridgeMappings({ Open_vSwitch }: Pick<HypervisorTables, "Open_vSwitch">): ReadonlyMap<string, string> {
  const [row] = Open_vSwitch.values();
  const mappings = new Map<string, string>();
  for (const text of [row?.external_ids.get(mappingsKey), row?.other_config.get(mappingsOfOpenDaylight)])
    for (const [name, bridge] of (text ?? "").split(",").flatMap(mappingIn))
      if (!mappings.has(name)) mappings.set(name, bridge);
  return mappings;
}

function mappingIn(text: string): [string, string][] {
  const [physicalNetwork, bridge, ...rest] = text.split(":").map((part) => part.trim());
  return physicalNetwork && bridge && rest.length === 0 ? [[physicalNetwork, bridge]] : [];
}

/** The bridge that leads to a physical network, or why there is none, in words, with what to do. */
export function uplinkBridge(
  observed: Observed,
  physicalNetwork: string,
): { readonly bridge: string } | { readonly obstacle: string } {
  const mappings = bridgeMappings(observed.tables);
  const bridge = mappings.get(physicalNetwork);
  if (bridge === undefined) {
    const all = [...mappings, [physicalNetwork, "<bridge>"]].map((one) => one.join(":")).join(",");
    const command = `ovs-vsctl set Open_vSwitch . external_ids:${mappingsKey}='"${all}"'`;
    return { obstacle: `no bridge is mapped to physical network ${physicalNetwork}; to map one: ${command}` };
  }
  const obstacle = obstacleAt(observed, mappings, { physicalNetwork, bridge });
  const mapped = `physical network ${physicalNetwork} is mapped to bridge ${bridge}`;
  return obstacle === undefined ? { bridge } : { obstacle: `${mapped}, ${obstacle}` };
}

function obstacleAt(
  observed: Observed,
  mappings: ReadonlyMap<string, string>,
  { physicalNetwork, bridge }: { readonly physicalNetwork: string; readonly bridge: string },
): string | undefined {
  if ((bridgeNames as readonly string[]).includes(bridge)) return "which is ours: name one that leads there";
  const found = observed.bridges.get(bridge);
  if (found === undefined) return `which isn't there; to make it: ovs-vsctl add-br ${bridge}`;
  const rival = [...mappings].find(([, other]) => other === bridge)?.[0];
  if (rival !== undefined && rival !== physicalNetwork)
    return `which physical network ${rival} is mapped to as well: give each a bridge of its own`;
  const [theirs, ours] = [found.row.datapath_type || "system", observed.datapathType || "system"];
  if (theirs !== ours) return `whose datapath type is ${theirs}; a patch needs that of br-int, which is ${ours}`;
  const taken = Object.values(uplinkPorts(physicalNetwork)).find((name) => isTaken(observed, name));
  return taken === undefined ? undefined : `and the name of our patch, ${taken}, is that of something else; rename it`;
}

/** Whether something that isn't an uplink's port of ours has the name. */
function isTaken({ tables, bridges }: Observed, name: string): boolean {
  for (const [bridge, { ports }] of bridges) {
    const port = ports.get(name);
    if (port !== undefined) return bridge !== "br-int" && port.row.external_ids.get(ownerKey) !== ownerMark;
  }
  return bridges.has(name) || [...tables.Interface.values()].some((row) => row.name === name);
}

/** The ends of our patches on the bridges of administrators. */
export function farUplinkEnds(bridges: ReadonlyMap<string, ObservedBridge>): UplinkEnd[] {
  return [...bridges]
    .filter(([bridge]) => !(bridgeNames as readonly string[]).includes(bridge))
    .flatMap(([bridge, { ports }]) => endsAmong(bridge, ports, "far"));
}

/** The ends of our patches on br-int, by physical network. */
export function nearUplinkEnds(bridges: ReadonlyMap<string, ObservedBridge>): ReadonlyMap<string, UplinkEnd> {
  const ends = endsAmong("br-int", bridges.get("br-int")?.ports ?? new Map<string, ObservedPort>(), "near");
  return new Map(ends.map((end) => [end.physicalNetwork, end]));
}

function endsAmong(bridge: string, ports: ReadonlyMap<string, ObservedPort>, end: "near" | "far"): UplinkEnd[] {
  const prefix = uplinkPorts("")[end];
  return [...ports]
    .filter(([name, { row }]) => name.startsWith(prefix) && row.external_ids.get(ownerKey) === ownerMark)
    .map(([name, port]) => ({ physicalNetwork: name.slice(prefix.length), bridge, port }));
}

/** The OpenFlow ports on br-int of the patches to these physical networks, of those that both ends are there of. */
export function uplinkOfPorts(
  bridges: ReadonlyMap<string, ObservedBridge>,
  uplinks: ReadonlyMap<string, string>,
): ReadonlyMap<string, OfPort> {
  const far = farUplinkEnds(bridges);
  const ofPorts = new Map<string, OfPort>();
  for (const [physicalNetwork, { port }] of nearUplinkEnds(bridges)) {
    const ofPort = ofPortOf(port.interfaces[0]?.row);
    const bridge = uplinks.get(physicalNetwork);
    const isJoined = far.some((end) => end.physicalNetwork === physicalNetwork && end.bridge === bridge);
    if (ofPort !== undefined && isJoined) ofPorts.set(physicalNetwork, ofPort);
  }
  return ofPorts;
}
