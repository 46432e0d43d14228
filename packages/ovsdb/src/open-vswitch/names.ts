import { LoomstackError } from "@loomstack/core";
import { findNamed, findOwner, type Observed } from "./observed.ts";

/**
 * Refuses names that a new port or interface can't have because something else has them, as ovs-vsctl(8) does: names of
 * bridges, ports and interfaces are one space.
 *
 * @param wanted what is to be made, for the error
 * @param bridge the bridge that is allowed to have the name: a bridge's local port is named as the bridge
 * @throws OVSDB__NAME_TAKEN; OVSDB__INVALID_VALUE for a name that is empty, or occurs as two interfaces
 */
export function refuseTakenNames(
  observed: Observed<{
    readonly Bridge: readonly ["name", "ports"];
    readonly Port: readonly ["name", "interfaces"];
    readonly Interface: readonly ["name"];
  }>,
  wanted: string,
  names: readonly string[],
  bridge?: string,
): void {
  for (const name of new Set(names)) {
    const holder = name === "" ? undefined : holderOf(observed, name, bridge);
    if (name === "") throw new LoomstackError("OVSDB__INVALID_VALUE", { label: wanted, reason: "a name is empty" });
    if (holder !== undefined) throw new LoomstackError("OVSDB__NAME_TAKEN", { wanted, holder });
  }
}

function holderOf(
  observed: Parameters<typeof refuseTakenNames>[0],
  name: string,
  bridge: string | undefined,
): string | undefined {
  const port = findNamed(observed.Port, name);
  if (port !== undefined) {
    const owner = findOwner(observed.Bridge, (row) => row.ports, port.uuid);
    return owner === undefined ? `port ${name}` : `port ${name} of bridge ${owner.row.name}`;
  }
  const found = findNamed(observed.Interface, name);
  if (found !== undefined) {
    const owner = findOwner(observed.Port, (row) => row.interfaces, found.uuid);
    return owner === undefined ? `interface ${name}` : `interface ${name} of port ${owner.row.name}`;
  }
  return name !== bridge && findNamed(observed.Bridge, name) !== undefined ? `bridge ${name}` : undefined;
}
