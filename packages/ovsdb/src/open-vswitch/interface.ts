import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Operation } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import { changeRow, guarded, guardRow, makeRow, rowName, type Settings, without } from "./columns.ts";
import { findNamed, type Observed, type ObservedRow } from "./observed.ts";

/** The columns of an Interface that can be set here. */
export const interfaceColumns = [
  "type",
  "options",
  "mac",
  "mtu_request",
  "ofport_request",
  "bfd",
  "lldp",
  "ingress_policing_rate",
  "ingress_policing_burst",
  "other_config",
  "external_ids",
] as const;

/** An interface (ovs-vswitchd.conf.db(5), table Interface). `options` are exactly those given. */
export interface InterfaceSettings extends Settings<"Interface", (typeof interfaceColumns)[number]> {
  readonly name: string;
}

export type InterfaceRow = ObservedRow<"Interface", "name" | "type">;

export interface MakeOptions {
  /**
   * Whether an interface of another type, and a port with other interfaces, are ours to turn into what is wanted;
   * default: they are refused.
   */
  readonly replaces?: boolean;
}

/**
 * What makes an interface that is there have these settings; which port it belongs to doesn't matter.
 *
 * @throws OVSDB__NO_SUCH_RECORD when it isn't there, OVSDB__RECORD_DIFFERS when it is of another type,
 * OVSDB__NOT_OBSERVED, OVSDB__INVALID_VALUE
 */
export function ensureInterface(
  observed: Observed<{ readonly Interface: readonly ["name", "type"] }>,
  settings: InterfaceSettings,
  options: MakeOptions = {},
): Operation[] {
  const record = `interface ${settings.name}`;
  const found = findNamed(observed.Interface, settings.name);
  if (found === undefined) {
    throw new LoomstackError("OVSDB__NO_SUCH_RECORD", { wanted: `setting ${record}`, missing: record });
  }
  return changeInterface(found.uuid, found.row, settings, options);
}

/** As `ensureInterface`, for a row that was found already. */
export function changeInterface(
  uuid: Uuid,
  row: InterfaceRow,
  settings: InterfaceSettings,
  { replaces = false }: MakeOptions,
): Operation[] {
  const { name, type } = settings;
  const isSameType = type === undefined || normalType(type) === normalType(row.type);
  if (!isSameType && !replaces) {
    const difference = `it is of type ${normalType(row.type)}, not ${normalType(type)}`;
    throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record: `interface ${name}`, difference });
  }
  const columns = isSameType ? without(settings, "name", "type") : without(settings, "name");
  return guarded(guardRow("Interface", uuid, { name }), changeRow("Interface", uuid, row, columns));
}

/** A row that a port of the same transaction refers to. */
export function makeInterface(settings: InterfaceSettings): {
  readonly uuid: NamedUuid;
  readonly operation: Operation;
} {
  const uuid = rowName("Interface", settings.name);
  return { uuid, operation: makeRow("Interface", uuid, { ...settings }) };
}

/** An interface without a type is a "system" one. */
function normalType(type: string): string {
  return type === "" ? "system" : type;
}
