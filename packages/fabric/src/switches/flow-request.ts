/** What a client says of a new flow, held against what can be meant. Pure. */
import { isLoomstackError, LoomstackError } from "@loomstack/core";
import type { FlowRequest, NewStaticFlow } from "@loomstack/model";
import {
  allTables,
  dialectOf,
  type Flow,
  flowFingerprint,
  flowKey,
  flowMod,
  formatInstructions,
  formatMatch,
  type OpenFlowVersion,
  type ReadNames,
  type SwitchConnection,
} from "@loomstack/openflow";
import { flowOfParts, flowOfText } from "./flow-text.ts";
import { invalid } from "./invalid-flow.ts";

export type CheckedFlow = Omit<NewStaticFlow, "id" | "dpid">;

/**
 * The flow as intent keeps it.
 *
 * @param connection of the switch, if it is there: whether its version of OpenFlow can say the flow is known only then
 * @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG, FABRIC__FLOW_INVALID, FABRIC__FLOW_NOT_EXPRESSIBLE
 */
export function checkedFlow(request: FlowRequest, dpid: string, connection: SwitchConnection | undefined): CheckedFlow {
  const version = connection?.version ?? "1.3";
  const flow = flowOf(request, version, connection === undefined ? {} : namesOf(connection));
  checkTables(flow);
  checkSayable(flow, dpid, version);
  const { tableId, priority } = flow;
  const match = formatMatch(flow.match).join(",");
  const actions = formatInstructions(flow.instructions);
  const kept = flowOfParts({ table: tableId, priority, match, actions });
  if (flowKey(kept) !== flowKey(flow) || flowFingerprint(kept) !== flowFingerprint(flow))
    throw invalid(`it can't be kept as text: ${match} actions=${actions} would be another flow`);
  return { tableId, priority, match, actions, key: flowKey(flow) };
}

function flowOf(request: FlowRequest, version: OpenFlowVersion, names: ReadNames): Flow {
  if ("flow" in request) return flowOfText(inWordsOf(version, request.flow), names);
  const { table, priority, actions } = request;
  const match = Object.entries(request.match).flatMap(([name, value]) => condition(name, value));
  return flowOfParts(
    { table, priority, match: match.join(","), actions: inWordsOf(version, [actions].flat().join(",")) },
    names,
  );
}

/** What tags a packet if it has no tag: in OpenFlow 1.0 setting the tag does, and nothing else can be said. */
function inWordsOf(version: OpenFlowVersion, text: string): string {
  return version === "1.0" ? text.replace(/\bmod_vlan_(vid|pcp)\b/g, "set_vlan_$1") : text;
}

/** `in_port=1`, or `tcp` for `tcp: true`. One name has one value: nothing else can be said in it. */
function condition(name: string, value: string | number | boolean): string[] {
  const text = String(value);
  if (!/^[a-z]\w*$/i.test(name) || ["table", "priority", "actions", "action"].includes(name))
    throw invalid(`match.${name} is no match field`);
  if (value === false) return [];
  if (value === true) return [name];
  if (!/^(\(\d+,\w+\)|[^\s,=()]+)$/.test(text)) throw invalid(`match.${name} can't be ${JSON.stringify(value)}`);
  return [`${name}=${text}`];
}

/** Ports by the names that the switch has for them. */
function namesOf({ ports }: SwitchConnection): ReadNames {
  return { port: (name) => ports.values().find((port) => port.name === name)?.portNo };
}

/** @see OpenFlow 1.3.5, 5.1.1: a packet goes on to tables with higher numbers only */
function checkTables({ tableId, instructions }: Flow): void {
  if (tableId === allTables) throw invalid("table=255 stands for all tables: say which one");
  for (const instruction of instructions)
    if (instruction.kind === "gotoTable" && instruction.tableId <= tableId)
      throw invalid(`goto_table:${instruction.tableId} from table ${tableId}: packets only go on to later tables`);
}

function checkSayable(flow: Flow, dpid: string, version: OpenFlowVersion): void {
  try {
    dialectOf(version, { flowModTableId: true }).encode(flowMod("add", flow), 0);
  } catch (error) {
    if (!isLoomstackError(error)) throw error;
    // What is wrong in every version is wrong with the flow.
    if (error.code !== "OPENFLOW__UNSUPPORTED_BY_VERSION") throw invalid(error.message);
    throw new LoomstackError("FABRIC__FLOW_NOT_EXPRESSIBLE", { version, switch: dpid, reason: error.message });
  }
}
