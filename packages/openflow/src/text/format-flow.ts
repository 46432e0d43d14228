/** Flows in the syntax of ovs-ofctl(8), for people, logs and tests. What is printed with numbers, ovs-ofctl reads. */
import type { Flow } from "../of13/flow.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import { formatInstructions } from "./format-actions.ts";
import { formatMatch } from "./format-match.ts";
import { type FlowNames, tableName } from "./names.ts";

/** @example formatFlow(flow) // "cookie=0x1, table=3, priority=100,arp,reg0=0x7 actions=IN_PORT" */
export function formatFlow(flow: Flow, names: FlowNames = {}): string {
  const conditions = [`priority=${flow.priority}`, ...formatMatch(flow.match, names)].join(",");
  const actions = formatInstructions(flow.instructions, names);
  return `cookie=0x${flow.cookie.toString(16)}, table=${tableName(flow.tableId, names)}, ${conditions} actions=${actions}`;
}

/** What a message does, and the flow that it does it with: `add table=3, priority=100,arp actions=drop`. */
export function formatFlowMod(mod: FlowMod, names: FlowNames = {}): string {
  const conditions = [`priority=${mod.priority ?? 0x8000}`, ...formatMatch(mod.match ?? {}, names)].join(",");
  const start = `${mod.command} table=${tableName(mod.tableId, names)}, ${conditions}`;
  return mod.command === "delete" || mod.command === "delete-strict"
    ? start
    : `${start} actions=${formatInstructions(mod.instructions ?? [], names)}`;
}
