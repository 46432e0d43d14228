/** Why interfaces have no OpenFlow port, in Open vSwitch's own words (ovs-vswitchd.conf.db(5), Interface.error). */
import type { Uuid } from "@loomstack/core";
import type { ObservedBridge } from "./observed-bridges.ts";
import type { InterfaceRow } from "./monitored.ts";

/** What went wrong; undefined where Open vSwitch has made the interface, or hasn't tried yet. */
export function interfaceError(row: InterfaceRow | undefined): string | undefined {
  if (row === undefined || (row.ofport !== undefined && row.ofport > 0)) return undefined;
  if (row.error !== undefined && row.error !== "") return row.error;
  return row.ofport === undefined ? undefined : "it doesn't say why; see the log of ovs-vswitchd";
}

/** Why the guest's interface has no OpenFlow port; undefined where there is no such interface. */
export function guestTrouble(bridges: ReadonlyMap<string, ObservedBridge>, port: Uuid): string | undefined {
  for (const { interfaces } of bridges.get("br-int")?.ports.values() ?? []) {
    const found = interfaces.find(({ row }) => row.external_ids.get("iface-id")?.toLowerCase() === port);
    if (found === undefined) continue;
    const error = interfaceError(found.row);
    const trouble = `Open vSwitch has not given interface ${found.row.name} an OpenFlow port`;
    return error === undefined ? trouble : `${trouble}: ${error}`;
  }
  return undefined;
}
