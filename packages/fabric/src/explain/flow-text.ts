import { type Flow, formatFlow, type FlowNames } from "@loomstack/openflow";
import { type BridgeName, tableOf } from "../pipeline/tables.ts";
import type { HeldPorts } from "./held-hypervisor.ts";

/** The names that the tables of a bridge have in the pipeline, and its ports in its database. */
export function namesOf(bridge: BridgeName, ports: HeldPorts = new Map()): FlowNames {
  return {
    table: (id) => tableOf(bridge, id)?.name ?? String(id),
    port: (port) => ports.get(port)?.name ?? String(port),
  };
}

/** A flow in ovs-ofctl's syntax, with names. */
export function flowText(flow: Flow, bridge: BridgeName, ports?: HeldPorts): string {
  const { tableId, priority, cookie, match, instructions } = flow;
  return formatFlow({ tableId, priority, cookie, match, instructions }, namesOf(bridge, ports));
}
