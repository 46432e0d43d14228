import { LoomstackError, type Uuid } from "@loomstack/core";
import { mutate, type Operation } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { guardRow } from "./columns.ts";
import { changeInterface, type InterfaceSettings, makeInterface, type MakeOptions } from "./interface.ts";
import { refuseTakenNames } from "./names.ts";
import { findNamed, findOwner, type ObservedRow } from "./observed.ts";
import { ensurePort, type ObservedPorts, type PortSettings } from "./port.ts";

/** A port of several interfaces, which together are one link. */
export interface BondSettings extends PortSettings {
  /** Two or more. */
  readonly interfaces: readonly InterfaceSettings[];
}

/**
 * What makes a bridge have this bond, as `ovs-vsctl --may-exist add-bond`. A bond of that name with other interfaces is
 * refused unless `replaces`.
 *
 * @throws OVSDB__INVALID_VALUE when there are fewer than two interfaces; as ensurePort
 */
export function ensureBond(
  observed: ObservedPorts,
  bridge: string,
  bond: BondSettings,
  options: MakeOptions = {},
): Operation[] {
  if (bond.interfaces.length < 2) {
    const reason = `bond ${bond.name} needs two interfaces or more`;
    throw new LoomstackError("OVSDB__INVALID_VALUE", { label: "Port.interfaces", reason });
  }
  return ensurePort(observed, bridge, bond, options);
}

/**
 * What makes a port have this interface too, as `ovs-vsctl --may-exist add-bond-iface`.
 *
 * @throws OVSDB__NO_SUCH_RECORD when there is no such port; OVSDB__NAME_TAKEN when another port has the interface; as
 * ensureInterface
 */
export function ensureBondInterface(
  observed: ObservedPorts,
  bond: string,
  settings: InterfaceSettings,
  options: MakeOptions = {},
): Operation[] {
  const port = findNamed(observed.Port, bond);
  const wanted = `interface ${settings.name}`;
  if (port === undefined) throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted, missing: `port ${bond}` });
  const found = findNamed(observed.Interface, settings.name);
  if (found !== undefined && port.row.interfaces.has(found.uuid)) {
    return changeInterface(found.uuid, found.row, settings, options);
  }
  refuseTakenNames(observed, `${wanted} of port ${bond}`, [settings.name]);
  const { uuid, operation } = makeInterface(settings);
  return [
    guardRow("Port", port.uuid, { name: bond }),
    operation,
    mutate(openVswitch, "Port", [["_uuid", "==", port.uuid]], [["interfaces", "insert", new Set([uuid])]]),
  ];
}

/**
 * What takes an interface from its port, as `ovs-vsctl --if-exists del-bond-iface`: nothing when there is none.
 *
 * @throws OVSDB__RECORD_DIFFERS when it is another port's, or the last one of its port
 */
export function removeBondInterface(observed: ObservedPorts, bond: string, name: string): Operation[] {
  const found = findNamed(observed.Interface, name);
  const port = found && findOwner(observed.Port, (row) => row.interfaces, found.uuid);
  if (found === undefined || port === undefined) return [];
  refuseOther(port, bond, name);
  return [
    // Of two clients that take one each, the second would take the last.
    guardRow("Port", port.uuid, { interfaces: port.row.interfaces }),
    mutate(openVswitch, "Port", [["_uuid", "==", port.uuid]], [["interfaces", "delete", new Set([found.uuid])]]),
  ];
}

function refuseOther(
  port: { readonly uuid: Uuid; readonly row: ObservedRow<"Port", "name" | "interfaces"> },
  bond: string,
  name: string,
): void {
  const record = `interface ${name}`;
  if (port.row.name !== bond) {
    const difference = `it is on port ${port.row.name}, not on ${bond}`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record, difference });
  }
  if (port.row.interfaces.size === 1) {
    const difference = `it is the last one of port ${bond}; remove the port`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record, difference });
  }
}
