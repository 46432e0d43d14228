/** Flows as ovs-ofctl reads and prints them. @see ovs-ofctl(8), "Flow Syntax" */
import { inconsistencyOf } from "../../of13/consistency/consistency.ts";
import type { Flow } from "../../of13/flow.ts";
import { type FlowMod, type FlowModCommand, flowModCommands } from "../../of13/messages/flow-mod.ts";
import { allTables } from "../../of13/ports.ts";
import { type FlowKeys, keysAllowed, readFlowKey } from "./flow-keys.ts";
import { keyValues } from "./key-values.ts";
import { readInstructions } from "./parse-actions.ts";
import { MatchReader } from "./parse-match.ts";
import type { ReadNames } from "./read-names.ts";
import { part, refused, splitAt, type TextSlice, textOf, wholeText } from "./text-slice.ts";

export interface FlowReadOptions {
  readonly names?: ReadNames | undefined;
  /**
   * Whether actions must fit the match and each other, as Open vSwitch demands in OpenFlow 1.1 and later; true by
   * default. OpenFlow 1.0 has no such rule, and other switches may have others.
   */
  readonly consistent?: boolean | undefined;
}

/** A flow with what its text says besides: timeouts, flags, and the counters that a dump has. */
export interface ParsedFlow extends Flow {
  readonly idleTimeoutSec?: number | undefined;
  readonly hardTimeoutSec?: number | undefined;
  /** Of OpenFlow 1.4 and later: which flows a full table throws out first. */
  readonly importance?: number | undefined;
  readonly flags?: FlowMod["flags"];
  readonly counters?: FlowCounters | undefined;
}

/** A flow mod. What only OpenFlow 1.4 and later have is there where the text says it; older versions leave it out. */
export type ParsedFlowMod = FlowMod & { readonly importance?: number | undefined };

export interface FlowCounters {
  readonly durationSec?: number | undefined;
  readonly packetCount?: bigint | undefined;
  readonly byteCount?: bigint | undefined;
  readonly idleAgeSec?: number | undefined;
  readonly hardAgeSec?: number | undefined;
}

/**
 * A flow, as `ovs-ofctl add-flow` takes it and as `ovs-ofctl dump-flows` prints it. Without a table it is in table 0,
 * without a priority it has 32768.
 *
 * @example parseFlow("table=3,priority=100,tcp,tp_dst=80,actions=set_field:7->reg0,resubmit(,10)")
 * @throws OPENFLOW__INVALID_TEXT for what ovs-ofctl doesn't read, for a condition without what it requires, and for
 *   actions that don't fit the match; OPENFLOW__TEXT_TOO_LONG
 */
export function parseFlow(text: string, options: FlowReadOptions = {}): ParsedFlow {
  const { keys, match, instructions } = readFlow(wholeText(text), "add", options);
  const { tableId = 0, priority = defaultPriority, cookie = 0n, counters, flags, ...rest } = keys;
  const { idleTimeoutSec, hardTimeoutSec, importance } = rest;
  return {
    ...{ tableId, priority, cookie, match, instructions: instructions ?? [] },
    ...(idleTimeoutSec === undefined ? {} : { idleTimeoutSec }),
    ...(hardTimeoutSec === undefined ? {} : { hardTimeoutSec }),
    ...(importance === undefined ? {} : { importance }),
    ...(flags === undefined ? {} : { flags }),
    ...(counters === undefined ? {} : { counters }),
  };
}

/**
 * The message that a line of `ovs-ofctl`'s flow files stands for: `delete table=3,arp`. Without a command in front it
 * is that of the options, or an addition. Without a table it deletes in all of them, and else is about table 0.
 *
 * @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG
 */
export function parseFlowMod(
  text: string,
  options: FlowReadOptions & { readonly command?: FlowModCommand } = {},
): ParsedFlowMod {
  const slice = wholeText(text);
  const [command, rest] = options.command === undefined ? commandIn(slice) : [options.command, slice];
  const { keys, match, instructions } = readFlow(rest, command, options);
  const { tableId = isDeletion(command) ? allTables : 0, counters: _, ...members } = keys;
  return { kind: "flowMod", command, tableId, ...members, match, ...(instructions && { instructions }) };
}

const defaultPriority = 0x8000;

function commandIn(slice: TextSlice): readonly [FlowModCommand, TextSlice] {
  const [, space = "", word = ""] = /^(\s*)([a-z_]+)(?=[\s,]|$)/.exec(textOf(slice)) ?? [];
  const command = word.replace("_", "-");
  if (!Object.hasOwn(flowModCommands, command)) return ["add", slice];
  return [command as FlowModCommand, part(slice, space.length + word.length)];
}

interface ReadFlow {
  readonly keys: FlowKeys;
  readonly match: Flow["match"];
  readonly instructions?: Flow["instructions"];
}

function readFlow(
  slice: TextSlice,
  command: FlowModCommand,
  { names = {}, consistent = true }: FlowReadOptions,
): ReadFlow {
  const [conditions, actions] = isDeletion(command) ? [slice, undefined] : actionsIn(slice);
  const matchReader = new MatchReader(names);
  const keys: FlowKeys = {};
  for (const item of keyValues(conditions)) {
    if (readFlowKey(keys, item, command, names) || matchReader.take(item)) continue;
    throw refused(item.keySlice, "is no field or key of a flow", `a name of ovs-fields(7), or ${keysAllowed(command)}`);
  }
  const match = matchReader.finish();
  if (actions === undefined) return { keys, match };
  const places = new Map<object, TextSlice>();
  const instructions = readInstructions(actions, names, match, places);
  const found = consistent ? inconsistencyOf({ match, instructions, tableId: keys.tableId }) : undefined;
  if (found !== undefined) throw refused(places.get(found.action) ?? actions, found.problem, found.allowed);
  return { keys, match, instructions };
}

function isDeletion(command: FlowModCommand): boolean {
  return command === "delete" || command === "delete-strict";
}

/** Actions go from the first word that starts with `action` to the end. */
function actionsIn(slice: TextSlice): readonly [TextSlice, TextSlice] {
  const at = textOf(slice).indexOf("action");
  const halves = at < 0 ? undefined : splitAt(part(slice, at), "=");
  if (halves === undefined)
    throw refused(part(slice, textOf(slice).length), "has no actions", "actions=<action>…, or actions=drop");
  return [part(slice, 0, at), halves[1]];
}
