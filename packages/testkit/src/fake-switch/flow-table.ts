import { LoomstackError } from "@loomstack/core";
import { type Flow, flowKey, type FlowMod, formatFlowMod, matchEntries } from "@loomstack/openflow";
import { unsupported } from "./actions.ts";
import { missingPrerequisite } from "./matching.ts";

/** The flows of a switch by their key; a map that isn't changed any more once it is made. */
export type FlowTable = ReadonlyMap<string, Flow>;

const allTables = 0xff;

/**
 * The flows after all of `mods`, in order. @see OpenFlow 1.3.5, 6.4
 *
 * @throws OPENFLOW__FLOW_REFUSED for what a switch would refuse; OPENFLOW__FAKE_SWITCH_LACKS for what only this one
 * does
 */
export function changed(flows: FlowTable, mods: readonly FlowMod[]): FlowTable {
  const next = new Map(flows);
  for (const [index, mod] of mods.entries()) {
    const reason = refusal(mod);
    if (reason !== undefined) {
      throw new LoomstackError("OPENFLOW__FLOW_REFUSED", {
        peer: "the fake switch",
        index,
        count: mods.length,
        flow: formatFlowMod(mod),
        error: reason,
      });
    }
    change(next, mod);
  }
  return next;
}

function change(flows: Map<string, Flow>, mod: FlowMod): void {
  const flow = flowOf(mod);
  const key = flowKey(flow);
  const present = flows.get(key);
  switch (mod.command) {
    case "add":
      flows.set(key, flow);
      return;
    case "modify-strict":
      // The cookie of a flow stays when it is modified.
      if (present !== undefined && hasCookie(present, mod))
        flows.set(key, { ...present, instructions: flow.instructions });
      return;
    case "delete-strict":
      if (present !== undefined && hasCookie(present, mod)) flows.delete(key);
      return;
    case "delete":
      for (const [found, candidate] of flows) if (isInDeletion(candidate, mod)) flows.delete(found);
      return;
    default:
      throw new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", { what: `the command ${mod.command}` });
  }
}

function flowOf({ tableId, priority = 0x8000, cookie = 0n, match = {}, instructions = [] }: FlowMod): Flow {
  return { tableId, priority, cookie, match, instructions };
}

function hasCookie(flow: Flow, { cookie = 0n, cookieMask = 0n }: FlowMod): boolean {
  return (flow.cookie & cookieMask) === (cookie & cookieMask);
}

function isInDeletion(flow: Flow, mod: FlowMod): boolean {
  if (matchEntries(mod.match ?? {}).length > 0)
    throw new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", { what: "deletion by a match that isn't strict" });
  return (mod.tableId === allTables || mod.tableId === flow.tableId) && hasCookie(flow, mod);
}

/** The error that Open vSwitch has for such a flow. */
function refusal(mod: FlowMod): string | undefined {
  if (mod.command !== "add" && mod.command !== "modify-strict") return undefined;
  const { tableId, match, instructions } = flowOf(mod);
  const orphan = missingPrerequisite({ match });
  if (orphan !== undefined) return `OFPBMC_BAD_PREREQ (4,9) for ${orphan}`;
  for (const instruction of instructions) {
    const lacking = unsupported(instruction);
    if (lacking !== undefined) throw new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", { what: lacking });
    if (instruction.kind === "gotoTable" && instruction.tableId <= tableId) return "OFPBIC_BAD_TABLE_ID (3,2)";
  }
  return undefined;
}
