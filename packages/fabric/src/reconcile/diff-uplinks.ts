import { ensurePort, removePort } from "@loomstack/ovsdb/open-vswitch";
import { farUplinkPort } from "../compile/desired-bridges.ts";
import type { HypervisorTables } from "../inventory/monitored.ts";
import type { ObservedBridge } from "../inventory/observed-bridges.ts";
import { farUplinkEnds } from "../inventory/uplinks.ts";
import { type BridgeDifference, portSettingsOf } from "./diff-bridges.ts";

/**
 * The difference between the ends of our patches that administrators' bridges have and those that they should have;
 * nothing else of such a bridge occurs in it.
 *
 * @param uplinks the bridges that lead to the physical networks that are needed, by the names of these
 * @param held physical networks that flows may still refer to: their patches stay
 */
export function diffUplinks(
  tables: HypervisorTables,
  bridges: ReadonlyMap<string, ObservedBridge>,
  { uplinks, held }: { readonly uplinks: ReadonlyMap<string, string>; readonly held: ReadonlySet<string> },
): BridgeDifference[] {
  const surplus = farUplinkEnds(bridges).filter(({ physicalNetwork, bridge }) => {
    const wantedOn = uplinks.get(physicalNetwork);
    return wantedOn === undefined ? !held.has(physicalNetwork) : wantedOn !== bridge;
  });
  // A name can't be given anew in the transaction that frees it: the next one does.
  const moving = new Set(surplus.map(({ physicalNetwork }) => physicalNetwork));
  return [
    ...surplus.map(({ bridge, port }) => ({ bridge, operations: removePort(tables, port.row.name, bridge) })),
    ...[...uplinks]
      .filter(([physicalNetwork, bridge]) => !moving.has(physicalNetwork) && bridges.has(bridge))
      .map(([physicalNetwork, bridge]) => {
        const port = portSettingsOf(farUplinkPort(physicalNetwork));
        return { bridge, operations: ensurePort(tables, bridge, port, { replaces: true }) };
      }),
  ];
}
