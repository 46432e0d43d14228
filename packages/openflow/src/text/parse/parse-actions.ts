/** Actions and instructions as ovs-ofctl reads them. @see ovs-actions(7) */
import { type Action, actionTexts } from "../../of13/actions.ts";
import type { Instruction } from "../../of13/instructions.ts";
import type { Match } from "../../of13/match.ts";
import { Port } from "../../of13/ports.ts";
import { printOrder } from "../format-actions.ts";
import type { ActionText } from "../action-text.ts";
import { checkActions } from "./action-rules.ts";
import type { ActionPlace, ActionReader, ReadContext } from "./action-reader.ts";
import { type KeyValue, keyValues } from "./key-values.ts";
import { numberU32 } from "./numbers.ts";
import { connectionReaders } from "./read-connections.ts";
import { fieldReaders } from "./read-fields.ts";
import { readLearn } from "./read-learn.ts";
import { linkReaders } from "./read-links.ts";
import { portNamed, type ReadNames, tableIn } from "./read-names.ts";
import { metadataIn, otherReaders } from "./read-others.ts";
import { outputReaders, outputTo } from "./read-outputs.ts";
import { part, refused, type TextSlice, textOf, wholeText } from "./text-slice.ts";
import { unknownPartIn } from "./unknown-parts.ts";

/**
 * @param match that of the flow whose actions they are: some old actions mean another one by it
 * @example parseActions("set_field:7->reg0,resubmit(,10)")
 * @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG
 */
export function parseActions(text: string, { names = {}, match = {} }: ReadOptions = {}): readonly Action[] {
  return readActions(wholeText(text), { names, match, place: "list", depth: 0, before: [], places: new Map() });
}

export interface ReadOptions {
  readonly names?: ReadNames | undefined;
  readonly match?: Match | undefined;
}

/** How deep actions may be in actions. */
const mostNesting = 100;

type ListContext = Omit<ReadContext, "actions">;

const aliases: Readonly<Record<string, string>> = { strip_vlan: "pop_vlan", set_nw_ttl: "mod_nw_ttl" };

const ownReaders: Readonly<Record<string, ActionReader>> = {
  ...outputReaders,
  ...fieldReaders,
  ...connectionReaders,
  ...linkReaders,
  ...otherReaders,
  learn: readLearn,
};

/** The actions whose form their declaration says, by the word that they start with. */
const declared: ReadonlyMap<string, { readonly kind: string; readonly text: ActionText<never> }> = new Map(
  [...actionTexts].flatMap(([kind, text]) => (text.form === "own" ? [] : [[text.word, { kind, text }] as const])),
);

/** @throws OPENFLOW__INVALID_TEXT */
export function readActions(slice: TextSlice, context: ListContext): readonly Action[] {
  return readActionItems(keyValues(slice), context);
}

/** The actions of one bucket of a group, or of any other list without instructions. @throws OPENFLOW__INVALID_TEXT */
export function readPlainActions(items: Iterable<KeyValue>, names: ReadNames): readonly Action[] {
  return readActionItems(items, { names, match: {}, place: "list", depth: 0, before: [], places: new Map() });
}

function readActionItems(items: Iterable<KeyValue>, context: ListContext): readonly Action[] {
  const actions: Action[] = [];
  let dropped: KeyValue | undefined;
  for (const item of items) {
    if (item.key.toLowerCase() === "drop") dropped = item;
    else actions.push(...readAction(item, { ...context, before: [...context.before, ...actions] }));
  }
  checkDrop(dropped, actions.length);
  return actions;
}

/**
 * What stands behind `actions=`.
 *
 * @param places where each action and instruction is, to be filled in
 * @throws OPENFLOW__INVALID_TEXT
 */
export function readInstructions(
  slice: TextSlice,
  names: ReadNames,
  match: Match,
  places: Map<object, TextSlice>,
): readonly Instruction[] {
  const context: ListContext = { names, match, place: "list", depth: 0, before: [], places };
  const found: Instruction[] = [];
  const actions: Action[] = [];
  let dropped: KeyValue | undefined;
  for (const item of keyValues(slice)) {
    const word = item.key.toLowerCase();
    const instruction = readInstruction(word, item, { ...context, before: actions });
    if (word === "drop") dropped = item;
    else if (instruction !== undefined) {
      addInstruction(found, instruction, item);
      places.set(instruction, item.whole);
    } else {
      if (actions.length === 0) addInstruction(found, { kind: "applyActions", actions }, item);
      else if (found.at(-1)?.kind !== "applyActions") throw outOfOrder(item, "applyActions");
      const own = readAction(item, { ...context, before: actions });
      actions.push(...own);
    }
  }
  checkDrop(dropped, found.length);
  return found.filter((instruction) => !isEmpty(instruction));
}

function checkDrop(dropped: KeyValue | undefined, others: number): void {
  if (dropped !== undefined && others > 0)
    throw refused(dropped.whole, "stands for no action, but isn't alone", "drop, or other actions");
}

function addInstruction(found: Instruction[], instruction: Instruction, item: KeyValue): void {
  const last = found.at(-1);
  if (last !== undefined && printOrder.indexOf(last.kind) >= printOrder.indexOf(instruction.kind))
    throw outOfOrder(item, instruction.kind);
  found.push(instruction);
}

/** To write no actions is to do nothing. */
function isEmpty(instruction: Instruction): boolean {
  return instruction.kind === "writeActions" && instruction.actions.length === 0;
}

function outOfOrder({ whole }: KeyValue, kind: Instruction["kind"]): ReturnType<typeof refused> {
  return refused(whole, `is ${kind} behind what must follow it`, `the order ${printOrder.slice(0, -1).join(", ")}`);
}

function readInstruction(word: string, { value, whole }: KeyValue, context: ListContext): Instruction | undefined {
  switch (word) {
    case "meter":
      return { kind: "meter", meterId: numberU32(value, "meter") };
    case "clear_actions":
      return { kind: "clearActions" };
    case "write_actions":
      return {
        kind: "writeActions",
        actions: readActions(value, { ...context, place: "actionSet", depth: 1, before: context.before }),
      };
    case "write_metadata":
      return { kind: "writeMetadata", ...metadataIn(value) };
    case "unknown_instruction":
      return unknownPartIn(value);
    case "goto_table":
      return { kind: "gotoTable", tableId: tableIn(value, context.names) };
    case "apply_actions":
      throw refused(whole, "is what actions are in by themselves", "the actions without it");
    default:
      return undefined;
  }
}

function readAction(item: KeyValue, list: ListContext): readonly Action[] {
  const { key, keySlice, value } = item;
  const lower = key.toLowerCase();
  const word = Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower;
  const context: ReadContext = { ...list, actions: (inner, place, before) => readInner(inner, place, before, list) };
  const own = Object.hasOwn(ownReaders, word) ? ownReaders[word] : undefined;
  const read = own === undefined ? readDeclared(word, value, context.names) : own(value, context, item);
  const port = read === undefined ? portNamed(key, context.names) : undefined;
  if (read === undefined && port === undefined)
    throw refused(keySlice, "is no action", "a name of ovs-actions(7), or a port");
  const actions = checkActions([read ?? outputTo(port ?? Port.any)].flat(), context, item.whole);
  for (const action of actions) list.places.set(action, item.whole);
  return actions;
}

function readInner(
  slice: TextSlice,
  place: ActionPlace,
  before: readonly Action[],
  list: ListContext,
): readonly Action[] {
  if (list.depth >= mostNesting)
    throw refused(part(slice, 0), "is too deep", `at most ${mostNesting} actions in actions`);
  return readActions(slice, { ...list, place, before, depth: list.depth + 1 });
}

function readDeclared(word: string, value: TextSlice, names: ReadNames): Action | undefined {
  const found = declared.get(word);
  if (found === undefined) return undefined;
  const { kind, text } = found;
  const properties = propertiesIn(text, value, names);
  // The declaration of the action says which properties it has.
  return { kind, ...properties } as Action;
}

function propertiesIn(text: ActionText<never>, value: TextSlice, names: ReadNames): Readonly<Record<string, unknown>> {
  switch (text.form) {
    case "value":
      return { [text.property]: text.as.read(value, names) };
    case "keyed": {
      const properties: Record<string, unknown> = {};
      for (const { property, unless } of text.members) if (unless !== undefined) properties[property] = unless;
      for (const { key, keySlice, value: own } of keyValues(value)) {
        const member = text.members.find((candidate) => candidate.key === key);
        if (member === undefined)
          throw refused(keySlice, `is no key of ${text.word}`, text.members.map((one) => one.key).join(", "));
        properties[member.property] = member.as.read(own, names);
      }
      return properties;
    }
    default:
      if (textOf(value) !== "") throw refused(value, "is behind an action that takes nothing", "nothing");
      return {};
  }
}
