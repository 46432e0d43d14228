import { mutate, type Operation, remove } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { changeRow, guarded, guardRow, makeRow, rowName, type Settings, without } from "./columns.ts";
import { type ControllerSettings, controllersOfBridge, makeController } from "./controller.ts";
import type { MakeOptions } from "./interface.ts";
import { refuseTakenNames } from "./names.ts";
import { findNamed, type Observed, type ObservedRow, rootOf } from "./observed.ts";
import { makePort, portNeeds, portOfBridge, type PortSettings } from "./port.ts";

/** The columns of a Bridge that can be set here. */
export const bridgeColumns = [
  "datapath_type",
  "fail_mode",
  "protocols",
  "stp_enable",
  "rstp_enable",
  "mcast_snooping_enable",
  "flood_vlans",
  "other_config",
  "external_ids",
] as const;

/** A bridge (ovs-vswitchd.conf.db(5), table Bridge). */
export interface BridgeSettings extends Settings<"Bridge", (typeof bridgeColumns)[number]> {
  readonly name: string;
  /** Ports that it is to have, beside its local port and others that it has. */
  readonly ports?: readonly PortSettings[];
  /** Its controllers, all of them; default: they stay as they are. */
  readonly controllers?: readonly ControllerSettings[];
}

/** What the functions for bridges need. */
export const bridgeNeeds = { Open_vSwitch: [], ...portNeeds } as const;
export type ObservedBridges = Observed<typeof bridgeNeeds>;

/**
 * What makes the switch have this bridge, referred to by Open_vSwitch and with its local port: as
 * `ovs-vsctl --may-exist add-br`, with the settings, ports and controllers given. Settings that aren't given, and other
 * ports, stay as they are. One transaction can make a bridge and its ports.
 *
 * @throws OVSDB__NOT_INITIALIZED; OVSDB__NAME_TAKEN when a port or an interface has that name; as ensurePort and
 * ensureControllers for its ports and controllers; OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 * @example
 * await client.transact("Open_vSwitch", ensureBridge(tables, { name: "br-int", fail_mode: "secure", ports: [patch] }));
 */
export function ensureBridge(
  observed: ObservedBridges & Partial<Observed<{ readonly Controller: readonly ["target"] }>>,
  settings: BridgeSettings,
  options: MakeOptions = {},
): Operation[] {
  const root = rootOf(observed);
  const found = findNamed(observed.Bridge, settings.name);
  if (found === undefined) return makeBridge(observed, root, settings);
  const { uuid, row } = found;
  const columns = without(settings, "name", "ports", "controllers");
  return [
    ...guarded(guardRow("Bridge", uuid, { name: row.name }), changeRow("Bridge", uuid, row, columns)),
    ...(settings.controllers === undefined ? [] : controllersOfBridge(observed, found, settings.controllers)),
    ...portsOf(observed, row, settings).flatMap((port) => portOfBridge(observed, found, port, options)),
  ];
}

/**
 * What removes a bridge with its ports, as `ovs-vsctl --if-exists del-br`: nothing when there is no such bridge. VLAN
 * ("fake") bridges are ports here.
 *
 * @throws OVSDB__NOT_INITIALIZED
 */
export function removeBridge(
  observed: Observed<{ readonly Open_vSwitch: readonly []; readonly Bridge: readonly ["name"] }>,
  name: string,
): Operation[] {
  const root = rootOf(observed);
  const bridge = findNamed(observed.Bridge, name);
  if (bridge === undefined) return [];
  return [
    mutate(openVswitch, "Open_vSwitch", [["_uuid", "==", root]], [["bridges", "delete", new Set([bridge.uuid])]]),
    // These rows live by themselves, and would keep the bridge's row.
    remove(openVswitch, "Flow_Sample_Collector_Set", [["bridge", "==", bridge.uuid]]),
  ];
}

function makeBridge(observed: ObservedBridges, root: ReturnType<typeof rootOf>, settings: BridgeSettings): Operation[] {
  const { name, controllers = [] } = settings;
  refuseTakenNames(observed, `bridge ${name}`, [name], name);
  const local = { name, interfaces: [{ name, type: "internal" }] };
  const others = settings.ports ?? [];
  const all = others.some((port) => port.name === name) ? others : [local, ...others];
  const ports = all.map((port) => makePort(observed, port, name));
  const made = controllers.map((controller) => makeController(name, controller));
  const uuidName = rowName("Bridge", name);
  const columns = {
    ...without(settings, "ports", "controllers"),
    ports: new Set(ports.map(({ uuid }) => uuid)),
    ...(made.length === 0 ? {} : { controller: new Set(made.map(({ uuid }) => uuid)) }),
  };
  return [
    ...ports.flatMap(({ operations }) => operations),
    ...made.map(({ operation }) => operation),
    makeRow("Bridge", uuidName, columns),
    mutate(openVswitch, "Open_vSwitch", [["_uuid", "==", root]], [["bridges", "insert", new Set([uuidName])]]),
  ];
}

/** The ports that are to be there: the local port too, whose settings don't matter unless they are given. */
function portsOf(
  observed: ObservedBridges,
  row: ObservedRow<"Bridge", "name" | "ports">,
  { name, ports = [] }: BridgeSettings,
): readonly PortSettings[] {
  const local = findNamed(observed.Port, name);
  const isThere = local !== undefined && row.ports.has(local.uuid);
  if (isThere || ports.some((port) => port.name === name)) return ports;
  return [{ name, interfaces: [{ name, type: "internal" }] }, ...ports];
}
