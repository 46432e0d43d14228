/** Actions and instructions in ovs-ofctl's syntax. @see ovs-actions(7) */
import { type Action, actionTexts } from "../of13/actions.ts";
import type { Instruction } from "../of13/instructions.ts";
import type { ActionText, AnyValueText, KeyedText, OwnText, PrintContext } from "./action-text.ts";
import { formatWriteMetadata } from "./format-fields.ts";
import { type FlowNames, tableName } from "./names.ts";

/** What stands behind `actions=`. */
export function formatInstructions(instructions: readonly Instruction[], names: FlowNames = {}): string {
  const ordered = [...instructions].sort((a, b) => printOrder.indexOf(a.kind) - printOrder.indexOf(b.kind));
  return (
    ordered
      .map((instruction) => formatInstruction(instruction, names))
      .filter((text) => text !== "")
      .join(",") || "drop"
  );
}

export function formatActions(actions: readonly Action[], names: FlowNames = {}): string {
  const context: PrintContext = { names, actions: (inner) => formatActions(inner, names) || "drop" };
  return actions.map((action) => formatAction(action, context)).join(",");
}

/** The order in which a switch executes instructions, and in which they are written. */
export const printOrder: readonly Instruction["kind"][] = [
  "meter",
  "applyActions",
  "clearActions",
  "writeActions",
  "writeMetadata",
  "gotoTable",
  "unknown",
];

function formatInstruction(instruction: Instruction, names: FlowNames): string {
  switch (instruction.kind) {
    case "applyActions":
      return formatActions(instruction.actions, names);
    case "writeActions":
      return `write_actions(${formatActions(instruction.actions, names) || "drop"})`;
    case "clearActions":
      return "clear_actions";
    case "writeMetadata":
      return formatWriteMetadata(instruction);
    case "gotoTable":
      return `goto_table:${tableName(instruction.tableId, names)}`;
    case "meter":
      return `meter:${instruction.meterId}`;
    case "unknown":
      return `unknown_instruction(${instruction.type},0x${Buffer.from(instruction.bytes).toString("hex")})`;
  }
}

function formatAction(action: Action, context: PrintContext): string {
  if (action.kind === "unknown") return `unknown_action(${action.type},0x${Buffer.from(action.bytes).toString("hex")})`;
  const text = actionTexts.get(action.kind) as ActionText<Action>;
  const properties = action as Readonly<Record<string, unknown>>;
  switch (text.form) {
    case "word":
      return text.word;
    case "value": {
      const value = printed(text.as, properties[text.property], context.names);
      return text.parentheses ? `${text.word}(${value})` : `${text.word}:${value}`;
    }
    case "keyed":
      return formatKeyed(text, properties, context.names);
    case "own":
      return (text as OwnText<unknown>).print(action, context);
  }
}

function formatKeyed(
  { word, members }: KeyedText,
  properties: Readonly<Record<string, unknown>>,
  names: FlowNames,
): string {
  const present = members.filter(({ property, unless }) => (properties[property] ?? unless) !== unless);
  return `${word}(${present.map(({ key, property, as }) => `${key}=${printed(as, properties[property], names)}`).join(",")})`;
}

/** The declaration of the action has made sure that the property has a value of that type. */
function printed(as: AnyValueText, value: unknown, names: FlowNames): string {
  return as.print(value as never, names);
}
