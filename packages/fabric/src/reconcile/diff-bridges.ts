/**
 * The difference between the bridges that a hypervisor has and those that it should have, as operations for one OVSDB
 * transaction. What is not ours (other bridges, the guests' ports, other keys of external_ids) doesn't occur in it.
 */
import type { Operation } from "@loomstack/ovsdb";
import { type BridgeSettings, ensureBridge, type PortSettings, removePort } from "@loomstack/ovsdb/open-vswitch";
import { type DesiredBridge, type DesiredPort, isVlanKey, ownerKey, ownerMark } from "../compile/desired-bridges.ts";
import type { HypervisorTables } from "../inventory/monitored.ts";
import { type ObservedBridge, observedBridges } from "../inventory/observed-bridges.ts";

const owned = new Map([[ownerKey, ownerMark]]);
/**
 * The longest that a bridge waits before it looks for the controller again (ovs-vswitchd.conf.db(5),
 * Controller.max_backoff).
 */
const maxBackoffMs = 1_000;

/** What makes one bridge what it should be. */
export interface BridgeDifference {
  readonly bridge: string;
  readonly operations: readonly Operation[];
}

/**
 * Nothing for a database without its root row.
 *
 * @throws OVSDB__NAME_TAKEN when somebody else has the name of a bridge or a port of ours
 */
export function diffBridges(tables: HypervisorTables, desired: readonly DesiredBridge[]): BridgeDifference[] {
  if (tables.Open_vSwitch.size === 0) return [];
  const observed = observedBridges(tables);
  return desired.map((bridge) => {
    const present = observed.get(bridge.name);
    const operations = [
      // Whoever calls has seen that the bridge is ours: so is what has the names of our ports on it.
      ...ensureBridge(tables, settingsOf(bridge, present), { replaces: true }),
      ...surplusPorts(bridge, present).flatMap((port) => removePort(tables, port, bridge.name)),
    ];
    return { bridge: bridge.name, operations };
  });
}

/** Of all that is ours: `ownedColumns` says why. */
function settingsOf(bridge: DesiredBridge, present: ObservedBridge | undefined): BridgeSettings {
  const recorded = [...(present?.row.external_ids.keys() ?? [])].filter(isVlanKey);
  return {
    name: bridge.name,
    datapath_type: bridge.datapathType,
    fail_mode: bridge.failMode,
    protocols: new Set(bridge.protocols),
    external_ids: new Map([...recorded.map((key) => [key, undefined] as const), ...bridge.externalIds]),
    ports: bridge.ports.map(portSettingsOf),
    controllers: [
      {
        target: bridge.controller,
        connection_mode: "out-of-band",
        max_backoff: maxBackoffMs,
        inactivity_probe: undefined,
        enable_async_messages: undefined,
        external_ids: owned,
      },
    ],
  };
}

/** A port of ours, with an interface of its name. */
export function portSettingsOf({ name, type, options }: DesiredPort): PortSettings {
  return { name, tag: undefined, external_ids: owned, interfaces: [{ name, type, options, external_ids: owned }] };
}

/** The names of ports that we once made, and that nothing needs any more. */
function surplusPorts(bridge: DesiredBridge, present: ObservedBridge | undefined): readonly string[] {
  const wanted = new Set(bridge.ports.map(({ name }) => name));
  return [...(present?.ports ?? [])]
    .filter(([name, { row }]) => !wanted.has(name) && row.external_ids.get(ownerKey) === ownerMark)
    .map(([name]) => name);
}
