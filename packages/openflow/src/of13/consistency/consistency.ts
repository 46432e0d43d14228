/**
 * Whether a flow's actions fit its match, which switches of OpenFlow 1.1 and later demand (OFPBAC_MATCH_INCONSISTENT),
 * and each other. OpenFlow 1.0 knows no such rule. @see OpenFlow 1.3.5, 7.2.5; ovs-actions(7)
 */
import { LoomstackError } from "@loomstack/core";
import { formatActions, formatInstructions } from "../../text/format-actions.ts";
import type { Action } from "../actions.ts";
import type { Flow } from "../flow.ts";
import type { Instruction } from "../instructions.ts";
import { Meter } from "../messages/meter-mod.ts";
import { ctVerdict, type Verdict, verdictOf } from "./action-rules.ts";
import { CollectedBits, type KnownPacket, packetOf } from "./known-packet.ts";
import type { Problem } from "./problem.ts";

/** The first action or instruction of a flow that doesn't fit. */
export interface Inconsistency {
  readonly action: Action | Instruction;
  /** What is wrong with it, to be said behind its text. */
  readonly problem: string;
  /** What would do instead. */
  readonly allowed: string;
}

/** Of a flow: what decides whether its actions fit. Without a table, every table may follow. */
export type FlowToCheck = Pick<Flow, "match" | "instructions"> & { readonly tableId?: number | undefined };

/** @returns undefined where everything fits */
export function inconsistencyOf({ match, instructions, tableId }: FlowToCheck): Inconsistency | undefined {
  const packet = packetOf(new CollectedBits(match));
  let known = packet;
  for (const instruction of instructions) {
    if (instruction.kind === "applyActions") {
      const alone = instructions.length === 1 ? undefined : mixedConjunction(instruction.actions, instruction);
      const found = alone ?? inList(instruction.actions, known, false);
      if ("action" in found) return found;
      known = found;
    } else if (instruction.kind === "writeActions") {
      const found = inList(instruction.actions, known, true);
      if ("action" in found) return found;
    } else {
      const problem = instructionProblem(instruction, tableId);
      if (problem !== undefined) return { action: instruction, ...problem };
    }
  }
  return undefined;
}

/** @throws OPENFLOW__INCONSISTENT_FLOW which names the action, what it needs and what to add to the match */
export function checkFlow(flow: FlowToCheck): void {
  const found = inconsistencyOf(flow);
  if (found === undefined) return;
  const { action, problem, allowed } = found;
  throw new LoomstackError("OPENFLOW__INCONSISTENT_FLOW", { action: textOf(action), problem, allowed });
}

function textOf(action: Action | Instruction): string {
  const isInstruction = action.kind === "gotoTable" || action.kind === "meter" || action.kind === "applyActions";
  return isInstruction ? formatInstructions([action]) : formatActions([action as Action]);
}

function instructionProblem(instruction: Instruction, tableId: number | undefined): Problem | undefined {
  if (instruction.kind === "gotoTable" && tableId !== undefined && instruction.tableId <= tableId)
    return { problem: `goes back, from table ${tableId}`, allowed: "a table behind that of the flow" };
  if (instruction.kind === "meter" && (instruction.meterId === 0 || instruction.meterId > Meter.max))
    return { problem: "is no meter for packets", allowed: `a number from 1 to ${Meter.max}` };
  return undefined;
}

/** @returns what is known of packets behind the list, or what doesn't fit in it */
function inList(actions: readonly Action[], before: KnownPacket, isSet: boolean): KnownPacket | Inconsistency {
  const mixed = mixedConjunction(actions);
  if (mixed !== undefined) return mixed;
  let packet = before;
  for (const action of actions) {
    const { problem, after } = verdict(action, packet) ?? {};
    if (problem !== undefined && !(isSet && problem.isUpToSwitchInActionSet === true))
      return { action, problem: problem.problem, allowed: problem.allowed };
    const inner = innerOf(action);
    const found = inner === undefined ? undefined : inList(inner, packet, isSet);
    if (found !== undefined && "action" in found) return found;
    if (after !== undefined) packet = { ...packet, ...after };
  }
  return packet;
}

function verdict(action: Action, packet: KnownPacket): Verdict | undefined {
  return action.kind === "ct" ? ctVerdict(action, packet) : verdictOf(action, packet);
}

/** The actions inside of an action. Open vSwitch doesn't look at those of a ct whose zone is in a field. */
function innerOf(action: Action): readonly Action[] | undefined {
  if (action.kind === "clone") return action.actions;
  return action.kind === "ct" && typeof action.zone !== "object" ? action.actions : undefined;
}

/** A flow with conjunctions is only part of a match, and has no actions of its own. */
function mixedConjunction(actions: readonly Action[], other?: Instruction): Inconsistency | undefined {
  const conjunction = actions.find(({ kind }) => kind === "conjunction");
  if (conjunction === undefined) return undefined;
  const isMixed = other !== undefined || actions.some(({ kind }) => kind !== "conjunction" && kind !== "note");
  if (!isMixed) return undefined;
  return { action: conjunction, problem: "is beside other actions", allowed: "conjunction and note alone" };
}
