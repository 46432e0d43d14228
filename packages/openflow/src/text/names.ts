import type { OfPort } from "@loomstack/core";
import { Port } from "../of13/ports.ts";

/** Names to print instead of numbers. What ovs-ofctl is to read must have the names that its switch has. */
export interface FlowNames {
  readonly table?: ((tableId: number) => string) | undefined;
  readonly port?: ((port: OfPort) => string) | undefined;
}

/** The reserved ports that have a name. */
export const reservedPorts: ReadonlyMap<OfPort, string> = new Map<OfPort, string>([
  [Port.unset, "UNSET"],
  [Port.inPort, "IN_PORT"],
  [Port.table, "TABLE"],
  [Port.normal, "NORMAL"],
  [Port.flood, "FLOOD"],
  [Port.all, "ALL"],
  [Port.controller, "CONTROLLER"],
  [Port.local, "LOCAL"],
  [Port.any, "ANY"],
]);

/** Whether `port` is one of those that don't name a port of the switch. */
export function reservedPortName(port: OfPort): string | undefined {
  return reservedPorts.get(port);
}

export function portName(port: OfPort, names: FlowNames): string {
  return reservedPorts.get(port) ?? names.port?.(port) ?? shortNumber(port).toString();
}

/** Reserved ports without a name have the 16 bits of OpenFlow 1.0. */
function shortNumber(port: OfPort): number {
  return port >= Port.max ? port % 0x1_0000 : port;
}

export function tableName(tableId: number, names: FlowNames): string {
  return names.table?.(tableId) ?? tableId.toString();
}
