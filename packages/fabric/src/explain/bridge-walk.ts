/** One bridge's part of a packet's way: a pure function of the flows that the bridge holds, and the packet. */
import type { OfPort } from "@loomstack/core";
import { type Action, type Flow, fieldRow, formatActions, type Instruction, Port } from "@loomstack/openflow";
import { isTagged, type Packet, readBits, takes, withField, withoutTag, writeBits } from "./packet.ts";

/** A packet in a table. */
export interface Visit {
  readonly tableId: number;
  /** As the table saw it. */
  readonly packet: Packet;
  /** The flow that took it; undefined where none did, which drops it. */
  readonly flow: Flow | undefined;
  readonly outputs: readonly Output[];
  /** What of the flow isn't understood, in words: the walk ends with it. */
  readonly obstacle: string | undefined;
}

export interface Output {
  /** The port's number; Port.inPort, Port.controller or Port.local where the packet goes there. */
  readonly port: OfPort;
  /** The packet as it is at that moment, with registers and tunnel. */
  readonly packet: Packet;
  /** A packet doesn't go back out of its port unless it is sent to IN_PORT. */
  readonly isSkipped: boolean;
}

/** The flow of a table that takes the packet. Of several with one priority, which the switch may choose from, the first. */
export function lookUp(flows: Iterable<Flow>, tableId: number, packet: Packet): Flow | undefined {
  let found: Flow | undefined;
  for (const flow of flows) {
    if (flow.tableId !== tableId || (found !== undefined && flow.priority <= found.priority)) continue;
    if (takes(flow.match, packet)) found = flow;
  }
  return found;
}

/** Takes a packet, which says its port of entry, through the tables from table 0: OpenFlow 1.3.5, 5.1. */
export function walkBridge(flows: readonly Flow[], packet: Packet): readonly Visit[] {
  const visits: Visit[] = [];
  let next: { readonly tableId: number; readonly packet: Packet } | undefined = { tableId: 0, packet };
  while (next !== undefined) {
    const { tableId, packet: seen }: { readonly tableId: number; readonly packet: Packet } = next;
    const flow = lookUp(flows, tableId, seen);
    const result: Result = flow === undefined ? { outputs: [], packet: seen } : execute(flow, seen);
    visits.push({ tableId, packet: seen, flow, outputs: result.outputs, obstacle: result.obstacle });
    next = result.goto === undefined ? undefined : { tableId: result.goto, packet: result.packet };
  }
  return visits;
}

interface Result {
  readonly outputs: readonly Output[];
  readonly packet: Packet;
  readonly goto?: number;
  readonly obstacle?: string;
}

function execute(flow: Flow, packet: Packet): Result {
  const [unknown] = flow.match.unknown ?? [];
  if (unknown !== undefined)
    return {
      outputs: [],
      packet,
      obstacle: `this flow's match field ${unknown.oxmClass}:${unknown.number} isn't understood`,
    };
  const outputs: Output[] = [];
  let current = packet;
  let goto: number | undefined;
  for (const instruction of inOrder(flow.instructions)) {
    if (instruction.kind === "gotoTable") goto = instruction.tableId;
    else if (instruction.kind === "applyActions") {
      for (const action of instruction.actions) {
        const changed = apply(current, action, outputs);
        if (changed === undefined)
          return {
            outputs,
            packet: current,
            obstacle: `this flow's action ${formatActions([action])} isn't understood`,
          };
        current = changed;
      }
    } else {
      return { outputs, packet: current, obstacle: `this flow's instruction ${instruction.kind} isn't understood` };
    }
  }
  // A table that a packet has passed never sees it again (OpenFlow 1.3.5, 5.1); a switch refuses such a flow.
  return goto === undefined || goto <= flow.tableId ? { outputs, packet: current } : { outputs, packet: current, goto };
}

/** Applied actions come before the next table, whatever their order in the message (OpenFlow 1.3.5, 5.9). */
function inOrder(instructions: readonly Instruction[]): readonly Instruction[] {
  return [...instructions].sort((a, b) => Number(a.kind === "gotoTable") - Number(b.kind === "gotoTable"));
}

/** The packet behind an action; undefined for one that isn't understood. */
function apply(packet: Packet, action: Action, outputs: Output[]): Packet | undefined {
  switch (action.kind) {
    case "output":
      if (action.port >= Port.max && !reservedOutputs.has(action.port)) return undefined;
      outputs.push({ port: action.port, packet, isSkipped: action.port === packet.inPort });
      return packet;
    case "controller":
      outputs.push({ port: Port.controller, packet, isSkipped: false });
      return packet;
    case "setField":
      // A VLAN id for an untagged packet is refused by the switch, or would tag it, as its version has it.
      if (action.field === "vlanVid" && !isTagged(packet)) return undefined;
      return withField(packet, action.field, fieldRow(action.field).type.toInteger(action.value));
    case "load":
      return writeBits(packet, action.to, action.value);
    case "move":
      return writeBits(packet, action.to, readBits(packet, action.from));
    case "pushVlan":
      return isTagged(packet) ? undefined : { ...packet, vlanVid: 0x1000, vlanPcp: 0 };
    case "popVlan":
      return withoutTag(packet);
    case "learn":
      // What the switch learns is there for the next packet.
      return packet;
    default:
      return undefined;
  }
}

const reservedOutputs: ReadonlySet<OfPort> = new Set([Port.inPort, Port.controller, Port.local]);
