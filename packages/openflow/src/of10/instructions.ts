import type { ActionList, ReceivedActions } from "../of13/actions.ts";
import type { Instruction, ReceivedInstructions } from "../of13/instructions.ts";
import type { Match } from "../of13/match.ts";
import { unsayable } from "../version/version.ts";
import { withoutPushVlan, withPushVlan } from "./set-field.ts";

/** A flow of OpenFlow 1.0 has a list of actions, which are done at once. */
export function instructionsOf(actions: ReceivedActions, match: Match): ReceivedInstructions {
  return actions.length === 0 ? [] : [{ kind: "applyActions", actions: withPushVlan(actions, match) }];
}

/** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for another instruction than applyActions */
export function actionsOf(instructions: readonly Instruction[], match: Match): ActionList {
  const actions = instructions.flatMap((instruction) => {
    if (instruction.kind !== "applyActions") throw unsayable("1.0", `the instruction ${instruction.kind}`);
    return instruction.actions;
  });
  return withoutPushVlan(actions, match);
}
