/**
 * Reads a hypervisor's tables: pure functions, from rows to what the controller wants to know.
 */
import { type Dpid, type Ipv4, isUuid, type LocalVlan, type OfPort, parseIpv4, type Uuid } from "@loomstack/core";
import { adoptMark, ownerKey, ownerMark, patchInt, patchTun, tunnelPortName } from "../compile/desired-bridges.ts";
import type { LocalInventory } from "../compile/hypervisor-plan.ts";
import type { Encapsulation } from "../compile/plan.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import { interfaceError } from "./interface-trouble.ts";
import type { BridgeRow, HypervisorTables, InterfaceRow, PortRow, RootRow } from "./monitored.ts";

export interface ObservedBridge {
  readonly uuid: Uuid;
  readonly row: BridgeRow;
  /** By name. */
  readonly ports: ReadonlyMap<string, ObservedPort>;
}

export interface ObservedPort {
  readonly uuid: Uuid;
  readonly row: PortRow;
  readonly interfaces: readonly { readonly uuid: Uuid; readonly row: InterfaceRow }[];
}

/** `external_ids:system-id`, or the UUID of the Open_vSwitch row where nobody set one (ovs-ctl does). */
export function systemIdOf(tables: {
  readonly Open_vSwitch: ReadonlyMap<Uuid, Pick<RootRow, "external_ids">>;
}): string | undefined {
  const [first] = tables.Open_vSwitch;
  return first === undefined ? undefined : (first[1].external_ids.get("system-id") ?? first[0]);
}

/** What Open vSwitch calls its version; undefined where ovs-vswitchd has not written it. */
export function ovsVersionOf(tables: HypervisorTables): string | undefined {
  return [...tables.Open_vSwitch][0]?.[1].ovs_version ?? undefined;
}

export function observedBridges(tables: HypervisorTables): Map<string, ObservedBridge> {
  return new Map([...tables.Bridge].map(([uuid, row]) => [row.name, { uuid, row, ports: portsOf(tables, row) }]));
}

function portsOf(tables: HypervisorTables, bridge: BridgeRow): Map<string, ObservedPort> {
  const ports = new Map<string, ObservedPort>();
  for (const uuid of bridge.ports) {
    const row = tables.Port.get(uuid);
    if (row === undefined) continue;
    const interfaces = [...row.interfaces].flatMap((id) => {
      const found = tables.Interface.get(id);
      return found === undefined ? [] : [{ uuid: id, row: found }];
    });
    ports.set(row.name, { uuid, row, interfaces });
  }
  return ports;
}

/** Why `bridge` can't be ours, or undefined when it is, or may be made. */
export function foreignBridge(bridges: ReadonlyMap<string, ObservedBridge>, name: BridgeName): string | undefined {
  const bridge = bridges.get(name);
  const mark = bridge?.row.external_ids.get(ownerKey);
  if (bridge === undefined || mark === ownerMark || mark === adoptMark) return undefined;
  return `it has a bridge ${name} that is not ours; to hand it over: ovs-vsctl br-set-external-id ${name} ${ownerKey} ${adoptMark}`;
}

/**
 * The datapath type for our bridges: patch ports and tunnels need the one that the hypervisor's other bridges have.
 * `external_ids:loomstack-datapath-type` decides where it is set.
 *
 * @param known what it was so far; undefined until we have set it
 */
export function datapathTypeOf(
  tables: HypervisorTables,
  bridges: ReadonlyMap<string, ObservedBridge>,
  known: string | undefined,
): string {
  const [row] = tables.Open_vSwitch.values();
  const chosen = row?.external_ids.get("loomstack-datapath-type") ?? known;
  if (chosen !== undefined) return chosen;
  const ours = bridges.get("br-int");
  if (ours !== undefined) return ours.row.datapath_type;
  const others = new Set([...bridges.values()].map((bridge) => bridge.row.datapath_type));
  return others.size === 1 && others.has("netdev") ? "netdev" : "system";
}

/** `other_config:local_ip` where tunnels end at another address than the one that the hypervisor is managed by. */
export function tunnelEndpointOf(tables: HypervisorTables, managedAt: Ipv4): Ipv4 {
  const [row] = tables.Open_vSwitch.values();
  const configured = row?.other_config.get("local_ip");
  if (configured === undefined) return managedAt;
  try {
    return parseIpv4(configured);
  } catch {
    return managedAt;
  }
}

/** The datapath id of a bridge, once ovs-vswitchd has told it. */
function dpidOf(bridge: ObservedBridge | undefined): Dpid | undefined {
  const text = bridge?.row.datapath_id;
  return text === undefined || !/^[0-9a-f]{16}$/.test(text) ? undefined : (BigInt(`0x${text}`) as Dpid);
}

/** By what bridges of ours are known: those that ovs-vswitchd has made by datapath id, all by their rows. */
export function identitiesOf(bridges: ReadonlyMap<string, ObservedBridge>): {
  readonly dpids: ReadonlyMap<Dpid, BridgeName>;
  readonly rows: ReadonlyMap<BridgeName, Uuid>;
} {
  const dpids = new Map<Dpid, BridgeName>();
  const rows = new Map<BridgeName, Uuid>();
  for (const name of bridgeNames) {
    const bridge = bridges.get(name);
    const dpid = dpidOf(bridge);
    if (bridge !== undefined) rows.set(name, bridge.uuid);
    if (dpid !== undefined) dpids.set(dpid, name);
  }
  return { dpids, rows };
}

/**
 * The guests' interfaces on br-int by port id; the value is undefined while Open vSwitch gives no OpenFlow port. Of
 * several interfaces with one id the lowest OpenFlow port counts, whatever the order of the rows.
 */
export function guestInterfaces(bridges: ReadonlyMap<string, ObservedBridge>): Map<Uuid, OfPort | undefined> {
  const guests = new Map<Uuid, OfPort | undefined>();
  for (const port of bridges.get("br-int")?.ports.values() ?? []) {
    for (const { row } of port.interfaces) {
      const id = row.external_ids.get("iface-id")?.toLowerCase();
      if (id === undefined || !isUuid(id)) continue;
      const [found, known] = [ofPortOf(row), guests.get(id)];
      guests.set(id, found === undefined || (known !== undefined && known < found) ? known : found);
    }
  }
  return guests;
}

/** The OpenFlow port that Open vSwitch has given an interface, if it has. */
export function ofPortOf(row: InterfaceRow | undefined): OfPort | undefined {
  const ofport = Number(row?.ofport ?? -1);
  return ofport > 0 ? (ofport as OfPort) : undefined;
}

/** What of the inventory isn't read from bridges alone. */
export interface InventoryNeeds {
  /** Those that tunnel ports have to be there for. */
  readonly encapsulations: ReadonlySet<Encapsulation>;
  /** Those that br-int records. */
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
  readonly uplinks: ReadonlyMap<string, OfPort>;
}

/** What flows are computed from, or what is still missing of it, in words. */
export function localInventory(
  bridges: ReadonlyMap<string, ObservedBridge>,
  { encapsulations, vlans, uplinks }: InventoryNeeds,
): LocalInventory | string {
  const row = (bridge: BridgeName, name: string): InterfaceRow | undefined =>
    bridges.get(bridge)?.ports.get(name)?.interfaces[0]?.row;
  const patch = [row("br-int", patchTun), row("br-tun", patchInt)] as const;
  const [onInt, onTun] = patch.map(ofPortOf);
  if (onInt === undefined || onTun === undefined) {
    const error = [...patch, row("br-int", "br-int"), row("br-tun", "br-tun")].map(interfaceError).find(Boolean);
    const waiting = "waiting for Open vSwitch to make br-int, br-tun and the patch between them";
    return error === undefined ? waiting : `${waiting}: ${error}`;
  }
  const tunnels = new Map<Encapsulation, OfPort>();
  for (const encapsulation of [...encapsulations].sort()) {
    const tunnel = row("br-tun", tunnelPortName(encapsulation));
    const ofPort = ofPortOf(tunnel);
    // One that can't be made holds up only what needs it.
    if (ofPort === undefined && interfaceError(tunnel) === undefined)
      return `waiting for Open vSwitch to make the tunnel port ${tunnelPortName(encapsulation)}`;
    if (ofPort !== undefined) tunnels.set(encapsulation, ofPort);
  }
  const interfaces = new Map(
    [...guestInterfaces(bridges)].flatMap(([id, port]) => (port === undefined ? [] : [[id, port] as const])),
  );
  return { interfaces, patch: { onInt, onTun }, tunnels, vlans, uplinks };
}

/** Of the tunnel ports that should be there, why Open vSwitch can't make them. */
export function tunnelTroubles(
  bridges: ReadonlyMap<string, ObservedBridge>,
  encapsulations: ReadonlySet<Encapsulation>,
): ReadonlyMap<Encapsulation, string> {
  return new Map(
    [...encapsulations].sort().flatMap((encapsulation) => {
      const name = tunnelPortName(encapsulation);
      const error = interfaceError(bridges.get("br-tun")?.ports.get(name)?.interfaces[0]?.row);
      return error === undefined ? [] : [[encapsulation, `Open vSwitch can't make the tunnel port ${name}: ${error}`]];
    }),
  );
}
