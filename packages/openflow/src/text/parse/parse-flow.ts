/** Flows as ovs-ofctl reads and prints them. @see ovs-ofctl(8), "Flow Syntax" */
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
 * @throws OPENFLOW__INVALID_TEXT for what ovs-ofctl doesn't read, and for a condition without what it requires;
 *   OPENFLOW__TEXT_TOO_LONG
 */
export function parseFlow(text: string, { names = {} }: FlowReadOptions = {}): ParsedFlow {
  const { keys, match, instructions } = readFlow(wholeText(text), "add", names);
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
 * is that of the options, or an addition. Without a table it adds to table 0, and changes and deletes in all of them.
 *
 * @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG
 */
export function parseFlowMod(
  text: string,
  options: FlowReadOptions & { readonly command?: FlowModCommand } = {},
): FlowMod {
  const slice = wholeText(text);
  const [command, rest] = options.command === undefined ? commandIn(slice) : [options.command, slice];
  const { keys, match, instructions } = readFlow(rest, command, options.names ?? {});
  const { tableId = command === "add" ? 0 : allTables, counters: _, importance: _unknown, ...members } = keys;
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

function readFlow(slice: TextSlice, command: FlowModCommand, names: ReadNames): ReadFlow {
  const takesActions = command !== "delete" && command !== "delete-strict";
  const [conditions, actions] = takesActions ? actionsIn(slice) : [slice, undefined];
  const matchReader = new MatchReader(names);
  const keys: FlowKeys = {};
  for (const item of keyValues(conditions)) {
    if (readFlowKey(keys, item, command, names) || matchReader.take(item)) continue;
    throw refused(item.keySlice, "is no field or key of a flow", `a name of ovs-fields(7), or ${keysAllowed(command)}`);
  }
  const match = matchReader.finish();
  return { keys, match, ...(actions && { instructions: readInstructions(actions, names, match) }) };
}

/** Actions go from the first word that starts with `action` to the end. */
function actionsIn(slice: TextSlice): readonly [TextSlice, TextSlice] {
  const at = textOf(slice).indexOf("action");
  const halves = at < 0 ? undefined : splitAt(part(slice, at), "=");
  if (halves === undefined)
    throw refused(part(slice, textOf(slice).length), "has no actions", "actions=<action>…, or actions=drop");
  return [part(slice, 0, at), halves[1]];
}
