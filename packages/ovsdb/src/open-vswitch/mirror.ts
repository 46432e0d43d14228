import { LoomstackError, type Uuid } from "@loomstack/core";
import { mutate, type Operation } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { changeRow, guarded, guardRow, makeRow, rowName, type Settings, without } from "./columns.ts";
import { findNamed, type Observed, type ObservedRow } from "./observed.ts";

/** The columns of a Mirror that can be set here. */
export const mirrorColumns = [
  "select_all",
  "select_src_port",
  "select_dst_port",
  "select_vlan",
  "output_port",
  "output_vlan",
  "snaplen",
  "external_ids",
] as const;

type PortColumn = "select_src_port" | "select_dst_port" | "output_port";

/** A port mirror (ovs-vswitchd.conf.db(5), table Mirror); ports by their names. */
export interface MirrorSettings extends Settings<"Mirror", Exclude<(typeof mirrorColumns)[number], PortColumn>> {
  /** Unique among the mirrors of the bridge. */
  readonly name: string;
  /** Packets that come in on these ports. */
  readonly select_src_port?: ReadonlySet<string>;
  /** Packets that go out on these ports. */
  readonly select_dst_port?: ReadonlySet<string>;
  readonly output_port?: string | undefined;
}

/** What the functions for mirrors need. */
export const mirrorNeeds = { Bridge: ["name", "ports", "mirrors"], Port: ["name"], Mirror: ["name"] } as const;
export type ObservedMirrors = Observed<typeof mirrorNeeds>;

/**
 * What makes a bridge have this mirror, as `ovs-vsctl -- --id=@m create Mirror … -- add Bridge … mirrors @m`.
 *
 * @throws OVSDB__NO_SUCH_RECORD when there is no such bridge, or it has no such port; OVSDB__NOT_OBSERVED,
 * OVSDB__INVALID_VALUE
 */
export function ensureMirror(observed: ObservedMirrors, bridge: string, settings: MirrorSettings): Operation[] {
  const wanted = `mirror ${settings.name}`;
  const parent = findNamed(observed.Bridge, bridge);
  if (parent === undefined) throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted, missing: `bridge ${bridge}` });
  const columns = { ...without(settings, "name"), ...portColumnsOf(observed, parent.row, settings) };
  const guard = guardRow("Bridge", parent.uuid, { mirrors: parent.row.mirrors });
  const present = mirrorOf(observed, parent.row, settings.name);
  if (present !== undefined) return guarded(guard, changeRow("Mirror", present.uuid, present.row, columns));
  const uuid = rowName("Mirror", bridge, settings.name);
  return [
    // Names of mirrors aren't unique to the server: two clients would otherwise both make it.
    guard,
    makeRow("Mirror", uuid, { ...columns, name: settings.name }),
    mutate(openVswitch, "Bridge", [["_uuid", "==", parent.uuid]], [["mirrors", "insert", new Set([uuid])]]),
  ];
}

/** What removes a mirror from a bridge; nothing when there is no such mirror, or no such bridge. */
export function removeMirror(observed: ObservedMirrors, bridge: string, name: string): Operation[] {
  const parent = findNamed(observed.Bridge, bridge);
  const mirror = parent && mirrorOf(observed, parent.row, name);
  if (parent === undefined || mirror === undefined) return [];
  return [
    mutate(openVswitch, "Bridge", [["_uuid", "==", parent.uuid]], [["mirrors", "delete", new Set([mirror.uuid])]]),
  ];
}

type BridgeRow = ObservedRow<"Bridge", "name" | "ports" | "mirrors">;

function mirrorOf(
  observed: ObservedMirrors,
  bridge: BridgeRow,
  name: string,
): { readonly uuid: Uuid; readonly row: ObservedRow<"Mirror", "name"> } | undefined {
  return findNamed(new Map([...observed.Mirror].filter(([uuid]) => bridge.mirrors.has(uuid))), name);
}

/** The columns that refer to ports, of those that are given. */
function portColumnsOf(
  observed: ObservedMirrors,
  bridge: BridgeRow,
  settings: MirrorSettings,
): Readonly<Record<string, unknown>> {
  const portOf = (name: string): Uuid => {
    const port = findNamed(observed.Port, name);
    if (port !== undefined && bridge.ports.has(port.uuid)) return port.uuid;
    const missing = `port ${name} of bridge ${bridge.name}`;
    throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted: `mirror ${settings.name}`, missing });
  };
  const { select_src_port: sources, select_dst_port: destinations, output_port: output } = settings;
  return {
    ...(sources === undefined ? {} : { select_src_port: new Set([...sources].map(portOf)) }),
    ...(destinations === undefined ? {} : { select_dst_port: new Set([...destinations].map(portOf)) }),
    ...(output === undefined ? {} : { output_port: portOf(output) }),
  };
}
