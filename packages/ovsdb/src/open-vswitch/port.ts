import { LoomstackError, type Uuid } from "@loomstack/core";
import { mutate, type Operation, update } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { changeRow, guarded, guardRow, makeRow, rowName, type Settings, without } from "./columns.ts";
import {
  changeInterface,
  type InterfaceRow,
  type InterfaceSettings,
  makeInterface,
  type MakeOptions,
} from "./interface.ts";
import { refuseTakenNames } from "./names.ts";
import { findNamed, findOwner, type Observed, type ObservedRow } from "./observed.ts";

/** The columns of a Port that can be set here. */
export const portColumns = [
  "tag",
  "trunks",
  "cvlans",
  "vlan_mode",
  "mac",
  "bond_mode",
  "bond_updelay",
  "bond_downdelay",
  "bond_fake_iface",
  "lacp",
  "protected",
  "other_config",
  "external_ids",
] as const;

/** A port (ovs-vswitchd.conf.db(5), table Port). */
export interface PortSettings extends Settings<"Port", (typeof portColumns)[number]> {
  readonly name: string;
  /** Its interfaces, all of them; default: one of the port's name. */
  readonly interfaces?: readonly InterfaceSettings[];
}

/** What the functions for ports need. */
export const portNeeds = {
  Bridge: ["name", "ports"],
  Port: ["name", "interfaces"],
  Interface: ["name", "type"],
} as const;
export type ObservedPorts = Observed<typeof portNeeds>;

type BridgeRow = ObservedRow<"Bridge", "name" | "ports">;
type PortRow = ObservedRow<"Port", "name" | "interfaces">;
interface Found<R> {
  readonly uuid: Uuid;
  readonly row: R;
}

/**
 * What makes a bridge have this port: as `ovs-vsctl --may-exist add-port`, with the settings of the port and of its
 * interfaces. Settings that aren't given stay as they are.
 *
 * @throws OVSDB__NO_SUCH_RECORD when there is no such bridge; OVSDB__NAME_TAKEN when a port of that name is on another
 * bridge, or something else has the name of the port or of an interface; OVSDB__RECORD_DIFFERS when the port has other
 * interfaces, or interfaces of another type; OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 * @example ensurePort(tables, "br-int", { name: "tap0", tag: 7, interfaces: [{ name: "tap0", type: "internal" }] })
 */
export function ensurePort(
  observed: ObservedPorts,
  bridge: string,
  settings: PortSettings,
  options: MakeOptions = {},
): Operation[] {
  const found = findNamed(observed.Bridge, bridge);
  if (found === undefined) {
    throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted: `port ${settings.name}`, missing: `bridge ${bridge}` });
  }
  return portOfBridge(observed, found, settings, options);
}

/** As `ensurePort`, for a bridge that was found already. */
export function portOfBridge(
  observed: ObservedPorts,
  bridge: Found<BridgeRow>,
  settings: PortSettings,
  options: MakeOptions,
): Operation[] {
  const present = findNamed(observed.Port, settings.name);
  if (present !== undefined && bridge.row.ports.has(present.uuid)) {
    return changePort(observed, present, settings, { replaces: settings.name === bridge.row.name, ...options });
  }
  const port = makePort(observed, settings, bridge.row.name);
  return [
    guardRow("Bridge", bridge.uuid, { name: bridge.row.name }),
    ...port.operations,
    mutate(openVswitch, "Bridge", [["_uuid", "==", bridge.uuid]], [["ports", "insert", new Set([port.uuid])]]),
  ];
}

/**
 * The rows of a new port, for a bridge of the same transaction to refer to. @throws OVSDB__NAME_TAKEN,
 * OVSDB__INVALID_VALUE
 */
export function makePort(
  observed: ObservedPorts,
  settings: PortSettings,
  bridge: string,
): { readonly uuid: NamedUuid; readonly operations: readonly Operation[] } {
  const wanted = `port ${settings.name} of bridge ${bridge}`;
  const interfaces = interfacesOf(settings);
  refuseTakenNames(observed, wanted, [settings.name, ...interfaces.map(({ name }) => name)], bridge);
  const made = interfaces.map(makeInterface);
  const uuid = rowName("Port", settings.name);
  const references = new Set(made.map((one) => one.uuid));
  return {
    uuid,
    operations: [
      ...made.map(({ operation }) => operation),
      makeRow("Port", uuid, { ...settings, interfaces: references }),
    ],
  };
}

/**
 * What removes a port from its bridge, as `ovs-vsctl --if-exists del-port`: nothing when there is no such port. Its QoS
 * stays (see `removeQos`).
 *
 * @param bridge when given, the bridge that the port is expected on
 * @throws OVSDB__RECORD_DIFFERS when it is on another bridge, or is the local port of its bridge, which goes with the
 * bridge only
 */
export function removePort(observed: ObservedPorts, name: string, bridge?: string): Operation[] {
  const port = findNamed(observed.Port, name);
  const owner = port && findOwner(observed.Bridge, (row) => row.ports, port.uuid);
  if (port === undefined || owner === undefined) return [];
  const record = `port ${name}`;
  if (bridge !== undefined && owner.row.name !== bridge) {
    const difference = `it is on bridge ${owner.row.name}, not on ${bridge}`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record, difference });
  }
  if (owner.row.name === name) {
    const difference = "it is the local port of the bridge, and goes when the bridge is removed";
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record, difference });
  }
  return [mutate(openVswitch, "Bridge", [["_uuid", "==", owner.uuid]], [["ports", "delete", new Set([port.uuid])]])];
}

/** The interfaces that a port of these settings has. @throws OVSDB__INVALID_VALUE when there are none */
export function interfacesOf(settings: PortSettings): readonly InterfaceSettings[] {
  const { name, interfaces = [{ name }] } = settings;
  if (interfaces.length > 0) return interfaces;
  throw new LoomstackError("OVSDB__INVALID_VALUE", { label: "Port.interfaces", reason: `port ${name} has none` });
}

function changePort(
  observed: ObservedPorts,
  { uuid, row }: Found<PortRow>,
  settings: PortSettings,
  options: MakeOptions,
): Operation[] {
  const present = new Map<string, Found<InterfaceRow>>();
  for (const id of row.interfaces) {
    const found = observed.Interface.get(id);
    if (found !== undefined) present.set(found.name, { uuid: id, row: found });
  }
  const wanted = interfacesOf(settings);
  const changes = wanted.flatMap((one) => {
    const found = present.get(one.name);
    return found === undefined ? [] : changeInterface(found.uuid, found.row, one, options);
  });
  const columns = without(settings, "name", "interfaces");
  const change = [
    ...(hasExactly(present, wanted) ? [] : changeInterfaces(observed, { uuid, row }, present, wanted, options)),
    ...changeRow("Port", uuid, row, columns),
  ];
  return [...changes, ...guarded(guardRow("Port", uuid, { name: row.name }), change)];
}

function hasExactly(present: ReadonlyMap<string, unknown>, wanted: readonly InterfaceSettings[]): boolean {
  return present.size === wanted.length && wanted.every(({ name }) => present.has(name));
}

/** Gives the port these interfaces, and no others. */
function changeInterfaces(
  observed: ObservedPorts,
  port: Found<PortRow>,
  present: ReadonlyMap<string, Found<InterfaceRow>>,
  wanted: readonly InterfaceSettings[],
  { replaces = false }: MakeOptions,
): Operation[] {
  const record = `port ${port.row.name}`;
  if (!replaces) {
    const names = (list: Iterable<string>): string => [...list].sort().join(", ");
    const difference = `it has interface(s) ${names(present.keys())}, not ${names(wanted.map(({ name }) => name))}`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record, difference });
  }
  const added = wanted.filter(({ name }) => !present.has(name));
  refuseTakenNames(
    observed,
    record,
    added.map(({ name }) => name).filter((name) => name !== port.row.name),
  );
  const made = added.map(makeInterface);
  const kept = wanted.flatMap(({ name }) => present.get(name)?.uuid ?? []);
  return [
    ...made.map(({ operation }) => operation),
    update(openVswitch, "Port", [["_uuid", "==", port.uuid]], {
      interfaces: new Set<Uuid | NamedUuid>([...kept, ...made.map(({ uuid }) => uuid)]),
    }),
  ];
}
